"""What a checkpoint carries besides Lightning's state, so that it is a model by itself: config and vocabularies."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from s2s.config.strict import to_dict
from s2s.config.translation import Translation
from s2s.text.subwords import Subwords


def pack(config: Translation, languages: tuple[str, str], codecs: tuple[Subwords, Subwords]) -> dict[str, Any]:
    """Config as JSON, languages, and the vocabularies' files as bytes (uint8 tensors), a joint one once."""
    files = {"subwords.model": codecs[0]}
    if codecs[0] is not codecs[1]:
        files = {"source.model": codecs[0], "target.model": codecs[1]}
    return {
        "config": json.dumps(to_dict(config)),
        "languages": list(languages),
        "files": {name: _bytes(codec) for name, codec in files.items()},
    }


def unpack_codecs(luggage: dict[str, Any]) -> tuple[Subwords, Subwords]:
    """The vocabularies of the two sides."""
    codecs = {name: Subwords(data.numpy().tobytes(), name) for name, data in luggage["files"].items()}
    if "subwords.model" in codecs:
        return codecs["subwords.model"], codecs["subwords.model"]
    return codecs["source.model"], codecs["target.model"]


def _bytes(codec: Subwords) -> Tensor:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "codec"
        codec.save(path)
        return torch.from_numpy(np.fromfile(path, np.uint8))
