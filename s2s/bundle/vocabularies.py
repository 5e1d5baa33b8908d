"""Vocabularies as files of a model directory, and as tensors of bytes in a checkpoint."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from s2s.bundle.files import CHARSET, COLUMNS, CONFIG, JOINT, LABELS, SOURCE, TARGET
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment
from s2s.config.model import EncoderDecoder
from s2s.config.series import SeriesSource
from s2s.config.target import LabelTarget, TagsTarget
from s2s.config.vocabulary import Characters
from s2s.data.series.columns import Columns
from s2s.text.charset import Charset
from s2s.text.labels import Labels
from s2s.text.subwords import Subwords
from s2s.text.tags import Tags
from s2s.text.vocabulary import Vocabulary

_FILES = {"source": SOURCE, "target": TARGET}
_NAMED: Mapping[type, str] = {Charset: CHARSET, Labels: LABELS, Tags: LABELS, Columns: COLUMNS}
"""Files of vocabularies that are not subwords."""

_LISTS: Mapping[type, type[Labels]] = {LabelTarget: Labels, TagsTarget: Tags}
"""Vocabularies of targets that are lists of names."""

Kind = type[Subwords] | type[Charset] | type[Labels] | type[Columns]


def vocabulary_classes(config: Experiment) -> dict[str, Kind]:
    """What the vocabularies of an experiment are, by side."""
    parts = {side: getattr(getattr(config, side), "vocabulary", None) for side in ("source", "target")}
    found: dict[str, Kind] = {
        side: Charset if isinstance(part, Characters) else Subwords for side, part in parts.items() if part is not None
    }
    if isinstance(config.source, SeriesSource):
        found = {"source": Columns, **found}
    names = _LISTS.get(type(config.target))
    return found if names is None else found | {"target": names}


def write_vocabularies(folder: Path, vocabularies: Mapping[str, Vocabulary]) -> None:
    """Write each vocabulary to its file; source and target to one if they are the same."""
    if len(vocabularies) > 1 and len({one.fingerprint for one in vocabularies.values()}) == 1:
        next(iter(vocabularies.values())).save(folder / JOINT)
        return
    for side, one in vocabularies.items():
        one.save(folder / _file(side, type(one)))


def read_vocabularies(folder: Path, config: Experiment) -> dict[str, Vocabulary]:
    """What `write_vocabularies` wrote. RequestError where a file is missing or unsound."""
    classes = vocabulary_classes(config)
    if (folder / JOINT).is_file() and set(classes.values()) == {Subwords}:
        return dict.fromkeys(classes, Subwords.load(folder / JOINT))
    found: dict[str, Vocabulary] = {}
    for side, kind in classes.items():
        name = _file(side, kind)
        if not (folder / name).is_file():
            names = f"{JOINT} or {name}" if set(classes.values()) == {Subwords} else name
            raise RequestError(f"{folder} has no vocabulary {names}; copy the whole model directory")
        found[side] = kind.load(folder / name)
    return found


def pack_vocabularies(vocabularies: Mapping[str, Vocabulary]) -> dict[str, Tensor]:
    """Each vocabulary's file as bytes (uint8)."""
    packed = {}
    with TemporaryDirectory() as folder:
        for side, one in vocabularies.items():
            one.save(Path(folder) / side)
            packed[side] = torch.from_numpy(np.fromfile(Path(folder) / side, np.uint8))
    return packed


def unpack_vocabularies(packed: Mapping[str, Any], config: Experiment, where: str) -> dict[str, Vocabulary]:
    """What `pack_vocabularies` packed, among whatever else; the same bytes on both sides are one object.

    RequestError, naming `where`, for what is unsound; KeyError for what is missing.
    """
    if "charset" in packed:  # the name of the first format
        packed = {**packed, "target": packed["charset"]}
    found: dict[str, Vocabulary] = {}
    for side, kind in vocabulary_classes(config).items():
        if "source" in found and _content(packed["source"]) == _content(packed[side]):
            found[side] = found["source"]
            continue
        content, name = _content(packed[side]), f"{where}, {side} vocabulary"
        found[side] = Subwords(content, name) if issubclass(kind, Subwords) else kind.parse(content, name)
    return found


def check_vocabularies(
    config: Experiment, sizes: Mapping[str, int], vocabularies: Mapping[str, Vocabulary], where: str
) -> None:
    """RequestError where a model's vocabularies are not those that its description speaks of."""
    for side, size in sizes.items():
        if len(vocabularies[side]) != size:
            raise RequestError(
                f"{where}: the {side} vocabulary has {len(vocabularies[side]):,} ids, but {CONFIG} says {size:,}; "
                "its files are not of one model"
            )
    shared = isinstance(config.model, EncoderDecoder) and config.model.share_embeddings
    if shared and len({one.fingerprint for one in vocabularies.values()}) > 1:
        raise RequestError(f"{where}: model.share_embeddings needs one vocabulary, and source and target differ")


def _content(tensor: Any) -> bytes:
    if not isinstance(tensor, Tensor) or tensor.dtype != torch.uint8 or tensor.ndim != 1:
        raise TypeError("a vocabulary is not bytes")
    content: bytes = tensor.numpy().tobytes()
    return content


def _file(side: str, kind: type) -> str:
    return _NAMED.get(kind, _FILES[side])
