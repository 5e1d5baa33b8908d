"""A trainer's checkpoint (.ckpt) as a model: it carries config and vocabularies, and is read without running code.

What is read of it: `state_dict`, whose names begin with `model.`; and `s2s` with `config` and `info` (JSON), the files
of the vocabularies as bytes (`source` and `target`, and their `languages` and `max_source`; or `charset`), and
`weights`: averaged weights, which are the model where there are any.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from s2s import __version__
from s2s.bundle.archive import open_checkpoint
from s2s.bundle.bundle import Bundle
from s2s.bundle.description import FORMAT, UNSOUND, in_words, parse_description
from s2s.bundle.unfilled import build_unfilled
from s2s.bundle.vocabularies import check_vocabularies, unpack_vocabularies
from s2s.bundle.weights import assign, check_weights, in_memory, stored, type_name
from s2s.config.errors import RequestError
from s2s.config.experiment import experiment_from
from s2s.config.plain_json import parse_json
from s2s.config.stored import complete

_PREFIX = "model."


def load_checkpoint(path: Path, device: torch.device) -> Bundle:
    """Read a checkpoint. RequestError where it is damaged, carries code, or is not one of ours."""
    checkpoint = open_checkpoint(path)
    try:
        return _read(checkpoint, str(path), device)
    except UNSOUND as error:
        raise RequestError(f"{path} is not a checkpoint of an s2s model ({in_words(error)})") from None


def check_format(ours: dict[str, Any], where: str) -> None:
    """RequestError, with the version that it needs, for a checkpoint of a later format than this s2s reads."""
    if ours["format"] > FORMAT:
        needed = ours.get("version", "a later one")
        raise RequestError(
            f"{where} has format {ours['format']}, written by s2s {needed}; this is s2s {__version__}, which reads "
            f"format {FORMAT}: install s2s {needed}"
        )


def _read(checkpoint: dict[str, Any], where: str, device: torch.device) -> Bundle:
    ours = checkpoint["s2s"]
    check_format({"format": FORMAT, **ours}, where)
    config = parse_json(ours["config"])
    vocabularies = unpack_vocabularies(ours, experiment_from(complete(config), f"{where}, config"), where)
    document = {
        **parse_json(ours.get("info", "{}")),
        "config": config,
        "languages": ours.get("languages"),
        "max_source": ours.get("max_source"),
        "sizes": {side: len(one) for side, one in vocabularies.items()},
    }
    description = parse_description(document, where)
    check_vocabularies(description.config, description.sizes, vocabularies, where)
    model = build_unfilled(description.config, description.sizes)
    trained = {name.removeprefix(_PREFIX): tensor for name, tensor in checkpoint["state_dict"].items()}
    averaged = ours.get("weights")
    weights = trained if averaged is None else {**trained, **averaged}
    found: dict[str, Tensor] = {name: weights[name] for name in stored(model) if name in weights}
    check_weights(model, {name: (list(tensor.shape), type_name(tensor)) for name, tensor in found.items()}, where)
    assign(model, {name: in_memory(tensor).to(device) for name, tensor in found.items()}, where)
    return description.of(model, vocabularies)
