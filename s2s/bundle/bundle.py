"""A model and everything needed to use it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from s2s.bundle.onnx_model import OnnxRecognizer
from s2s.bundle.weights import stored
from s2s.config.experiment import Experiment
from s2s.config.target import TAGGING
from s2s.nn.model import AnyModel
from s2s.text.charset import Charset
from s2s.text.tags import Tags
from s2s.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Bundle:
    """What a model directory holds, in memory."""

    model: AnyModel
    config: Experiment
    vocabularies: Mapping[str, Vocabulary]
    """By side, `source` and `target`; one that both share is one object. A side without text has none."""
    languages: tuple[str, str] | None = None
    """Codes of the languages that are read and written, of a translator."""
    max_source: int | None = None
    """Longest source, in tokens, that training saw; None: as long as the config allows."""
    info: dict[str, Any] = field(default_factory=dict, kw_only=True)
    """How it came about, for the card, as far as it is known. `data`: path, fingerprint, terms; `scores`: by name, or
    name@data:split, each value, low, high, signature, split; `training`: command, seed, torch, step, minutes."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """The scores of its outputs, the most important first; tags that mark no chunks have none of chunks."""
        tags = self.vocabularies["target"]
        return TAGGING if isinstance(tags, Tags) and not tags.chunked else self.config.target.metrics

    @property
    def charset(self) -> Charset:
        """The characters that it writes, if that is what it writes."""
        found = self.vocabularies["target"]
        assert isinstance(found, Charset)
        return found

    @property
    def sizes(self) -> dict[str, int]:
        """Ids of each vocabulary."""
        return {side: len(vocabulary) for side, vocabulary in self.vocabularies.items()}

    @property
    def parameters(self) -> int:
        """Number of trained values, shared ones once."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def fingerprint(self) -> str:
        """16 hex digits that differ between models whose outputs could: of the weights and the vocabularies."""
        digest = hashlib.sha256(" ".join(one.fingerprint for one in self.vocabularies.values()).encode())
        if isinstance(self.model, OnnxRecognizer):
            digest.update(self.model.content)
            return digest.hexdigest()[:16]
        for name, tensor in sorted(stored(self.model).items()):
            digest.update(f"{name} {list(tensor.shape)} {tensor.dtype}".encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]
