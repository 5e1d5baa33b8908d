"""Vocabularies as files of a model directory, and as tensors of bytes in a checkpoint."""

from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from s2s.bundle.description import Description
from s2s.bundle.files import CHARSET, CONFIG, JOINT, SOURCE, TARGET
from s2s.config.errors import RequestError
from s2s.config.translation import Translation
from s2s.text.charset import Charset
from s2s.text.codec import Codec
from s2s.text.subwords import Subwords

_FILES = {"source": SOURCE, "target": TARGET, "charset": CHARSET}


def write_codecs(folder: Path, codecs: Mapping[str, Codec]) -> None:
    """Write each vocabulary to its file; source and target to one if they are the same."""
    if len(codecs) > 1 and len({codec.fingerprint for codec in codecs.values()}) == 1:
        next(iter(codecs.values())).save(folder / JOINT)
        return
    for role, codec in codecs.items():
        codec.save(folder / _FILES[role])


def read_codecs(folder: Path, roles: Collection[str]) -> dict[str, Codec]:
    """What `write_codecs` wrote. RequestError where a file is missing or unsound."""
    if (folder / JOINT).is_file() and "charset" not in roles:
        return dict.fromkeys(roles, Subwords.load(folder / JOINT))
    for role in roles:
        if not (folder / _FILES[role]).is_file():
            names = _FILES[role] if role == "charset" else f"{JOINT} or {_FILES[role]}"
            raise RequestError(f"{folder} has no vocabulary {names}; copy the whole model directory")
    kinds = {role: Charset if role == "charset" else Subwords for role in roles}
    return {role: kind.load(folder / _FILES[role]) for role, kind in kinds.items()}


def pack_codecs(codecs: Mapping[str, Codec]) -> dict[str, Tensor]:
    """Each vocabulary's file as bytes (uint8)."""
    packed = {}
    with TemporaryDirectory() as folder:
        for role, codec in codecs.items():
            codec.save(Path(folder) / role)
            packed[role] = torch.from_numpy(np.fromfile(Path(folder) / role, np.uint8))
    return packed


def unpack_codecs(packed: Mapping[str, Any], where: str) -> dict[str, Codec]:
    """What `pack_codecs` packed, among whatever else.

    RequestError, naming `where`, for what is unsound; KeyError for what is missing.
    """
    if "charset" in packed:
        return {"charset": unpack_charset(packed, where)}
    source, target = unpack_subwords(packed, where)
    return {"source": source, "target": target}


def unpack_subwords(packed: Mapping[str, Any], where: str) -> tuple[Subwords, Subwords]:
    """The vocabularies of the two sides, one object if they are the same."""
    source = Subwords(_content(packed["source"]), f"{where}, source vocabulary")
    if torch.equal(packed["source"], packed["target"]):
        return source, source
    return source, Subwords(_content(packed["target"]), f"{where}, target vocabulary")


def unpack_charset(packed: Mapping[str, Any], where: str) -> Charset:
    """The characters of a recogniser."""
    return Charset.parse(_content(packed["charset"]), f"{where}, charset")


def check_vocabularies(description: Description, codecs: Mapping[str, Codec], where: str) -> None:
    """RequestError where a model's vocabularies are not those that its description speaks of."""
    for role, size in description.sizes.items():
        if len(codecs[role]) != size:
            raise RequestError(
                f"{where}: the {role} vocabulary has {len(codecs[role]):,} ids, but {CONFIG} says {size:,}; "
                "its files are not of one model"
            )
    config = description.config
    shared = isinstance(config, Translation) and config.model.share_embeddings
    if shared and len({codec.fingerprint for codec in codecs.values()}) > 1:
        raise RequestError(f"{where}: model.share_embeddings needs one vocabulary, and source and target differ")


def _content(tensor: Any) -> bytes:
    if not isinstance(tensor, Tensor) or tensor.dtype != torch.uint8 or tensor.ndim != 1:
        raise TypeError("a vocabulary is not bytes")
    content: bytes = tensor.numpy().tobytes()
    return content
