"""A model and everything needed to use it."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from s2s.bundle.weights import stored
from s2s.config.translation import Translation
from s2s.nn.model import EncoderDecoder
from s2s.text.subwords import Subwords


@dataclass(frozen=True)
class Bundle:
    """What a model directory holds, in memory."""

    model: EncoderDecoder
    config: Translation
    source_codec: Subwords
    target_codec: Subwords
    """The very same object as `source_codec` if the vocabulary is joint."""
    languages: tuple[str, str]
    """Codes of the source and the target language."""
    max_source: int | None = None
    """Longest source, in subwords, that training saw; None: as long as the config allows."""
    info: dict[str, Any] = field(default_factory=dict)
    """How it came about, for the card, as far as it is known. `data`: name, path, fingerprint, terms; `scores`: by
    name, each value, low, high, signature, split; `training`: command, step, minutes, seed, versions."""

    @property
    def parameters(self) -> int:
        """Number of trained values, shared ones once."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def fingerprint(self) -> str:
        """16 hex digits that differ between models whose outputs could: of the weights and the vocabularies."""
        digest = hashlib.sha256(f"{self.source_codec.fingerprint} {self.target_codec.fingerprint}".encode())
        for name, tensor in sorted(stored(self.model).items()):
            digest.update(f"{name} {list(tensor.shape)} {tensor.dtype}".encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]
