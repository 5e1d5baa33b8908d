"""Reading a model, whatever holds it."""

from pathlib import Path

import torch

from s2s.bundle.bundle import Bundle
from s2s.bundle.checkpoint import load_checkpoint
from s2s.bundle.description import Description, read_description
from s2s.bundle.files import CONFIG, JOINT, SOURCE, TARGET, WEIGHTS, find_model
from s2s.bundle.unfilled import build_unfilled
from s2s.bundle.weights import read_weights
from s2s.config.errors import RequestError
from s2s.text.subwords import Subwords


def load(name: str | Path, device: torch.device | None = None) -> Bundle:
    """Read a model directory, the model of a run directory, or a trainer's checkpoint; on the CPU by default.

    The model is built without memory and checked against the header of the weights before anything is allocated.
    RequestError, one sentence, where there is no model or it is unsound.
    """
    path = find_model(name)
    device = device or torch.device("cpu")
    if path.is_file():
        return load_checkpoint(path, device)
    description = read_description(path / CONFIG)
    source, target = _read_codecs(path, description)
    model = build_unfilled(description.config, *description.sizes)
    read_weights(model, path / WEIGHTS, device)
    return Bundle(
        model.eval(),
        description.config,
        source,
        target,
        description.languages,
        description.max_source,
        description.info,
    )


def _read_codecs(path: Path, description: Description) -> tuple[Subwords, Subwords]:
    if (path / JOINT).is_file():
        source = target = Subwords.load(path / JOINT)
    else:
        source, target = Subwords.load(path / SOURCE), Subwords.load(path / TARGET)
    for side, codec, size in zip(("source", "target"), (source, target), description.sizes, strict=True):
        if len(codec) != size:
            raise RequestError(
                f"{path}: the {side} vocabulary has {len(codec):,} subwords, but {CONFIG} says {size:,}; "
                "its files are not of one model"
            )
    return source, target
