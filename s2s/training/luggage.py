"""What a checkpoint carries besides Lightning's state, so that it is a model by itself: config and vocabularies.

s2s.bundle.checkpoint reads it back as a model.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from s2s.bundle.bundle import Bundle
from s2s.config.strict import to_dict
from s2s.text.subwords import Subwords


def pack(bundle: Bundle) -> dict[str, Any]:
    """Config as JSON, languages, and both vocabularies' files as bytes (uint8 tensors)."""
    return {
        "config": json.dumps(to_dict(bundle.config)),
        "languages": list(bundle.languages),
        "source": _bytes(bundle.source_codec),
        "target": _bytes(bundle.target_codec),
    }


def unpack_codecs(luggage: dict[str, Any]) -> tuple[Subwords, Subwords]:
    """The vocabularies of the two sides, one object if they are the same."""
    source = Subwords(luggage["source"].numpy().tobytes(), "the checkpoint's source vocabulary")
    if torch.equal(luggage["source"], luggage["target"]):
        return source, source
    return source, Subwords(luggage["target"].numpy().tobytes(), "the checkpoint's target vocabulary")


def _bytes(codec: Subwords) -> Tensor:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "codec"
        codec.save(path)
        return torch.from_numpy(np.fromfile(path, np.uint8))
