"""A model and everything needed to use it."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from s2s.bundle.onnx_model import OnnxRecognizer
from s2s.bundle.weights import stored
from s2s.config.experiment import Config
from s2s.config.recognition import Recognition
from s2s.config.translation import Translation
from s2s.nn.model import CTCRecognizer, EncoderDecoder
from s2s.text.charset import Charset
from s2s.text.codec import Codec
from s2s.text.subwords import Subwords


@dataclass(frozen=True)
class Bundle(ABC):
    """What a model directory holds, in memory."""

    model: nn.Module
    config: Config
    info: dict[str, Any] = field(default_factory=dict, kw_only=True)
    """How it came about, for the card, as far as it is known. `data`: path, fingerprint, terms; `scores`: by name, or
    name@data:split, each value, low, high, signature, split; `training`: command, seed, torch, step, minutes."""

    @property
    @abstractmethod
    def codecs(self) -> Mapping[str, Codec]:
        """Its vocabularies by what they are for."""

    @property
    def sizes(self) -> dict[str, int]:
        """Ids of each vocabulary."""
        return {role: len(codec) for role, codec in self.codecs.items()}

    @property
    def parameters(self) -> int:
        """Number of trained values, shared ones once."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def fingerprint(self) -> str:
        """16 hex digits that differ between models whose outputs could: of the weights and the vocabularies."""
        digest = hashlib.sha256(" ".join(codec.fingerprint for codec in self.codecs.values()).encode())
        if isinstance(self.model, OnnxRecognizer):
            digest.update(self.model.content)
            return digest.hexdigest()[:16]
        for name, tensor in sorted(stored(self.model).items()):
            digest.update(f"{name} {list(tensor.shape)} {tensor.dtype}".encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class TranslationBundle(Bundle):
    """Text to text."""

    model: EncoderDecoder
    config: Translation
    source_codec: Subwords
    target_codec: Subwords
    """The very same object as `source_codec` if the vocabulary is joint."""
    languages: tuple[str, str]
    """Codes of the source and the target language."""
    max_source: int | None = None
    """Longest source, in subwords, that training saw; None: as long as the config allows."""

    @property
    def codecs(self) -> Mapping[str, Subwords]:
        """Its vocabularies by side."""
        return {"source": self.source_codec, "target": self.target_codec}


@dataclass(frozen=True)
class RecognitionBundle(Bundle):
    """Pictures to text."""

    model: CTCRecognizer | EncoderDecoder
    config: Recognition
    charset: Charset

    @property
    def codecs(self) -> Mapping[str, Charset]:
        """Its characters."""
        return {"charset": self.charset}
