"""What an experiment is made from, and what its model records of that."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch

from s2s.bundle.bundle import Bundle
from s2s.config.experiment import Experiment
from s2s.training.validation_callback import ValidationResult


class Data(Protocol):
    """A data set of any kind."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    @property
    def fingerprint(self) -> str:
        """16 hex digits of its content."""
        ...

    @property
    def terms(self) -> str:
        """Terms of use, if they are known."""
        ...


AnyData = TypeVar("AnyData", bound=Data, covariant=True)


@dataclass(frozen=True)
class Place:
    """Where an experiment takes place, and how it was asked for."""

    device: torch.device
    model: Path
    """Where the best model goes."""
    command: str
    """How the run was asked for."""
    say: Callable[[str], None]
    """Prints a line."""


@dataclass(frozen=True)
class Origin(Generic[AnyData]):
    """What an experiment is made from."""

    data: AnyData
    config: Experiment
    place: Place
    vocabulary_of: Bundle | None = None
    """The model whose target vocabulary is taken over, if one is."""

    def facts(
        self, validation: str, checkpoint: Mapping[str, Any] | None = None, start: Bundle | None = None
    ) -> dict[str, Any]:
        """What is known of a model's making before it is made; of one in the making, as its checkpoint records it.

        `validation` is the fingerprint of the texts that it is validated on. `start` is the model that it starts from,
        if there is one; the command that made that one is recorded too.
        """
        if checkpoint is not None and "info" in checkpoint["s2s"]:
            found: dict[str, Any] = json.loads(checkpoint["s2s"]["info"])
            return found
        data, training = {"path": str(self.data.path), "fingerprint": self.data.fingerprint}, {}
        data["validation"] = validation
        if self.data.terms:
            data["terms"] = self.data.terms
        if start is not None:
            training["from"] = start.info.get("training", {}).get(
                "command", f"a model, fingerprint {start.fingerprint}"
            )
        training |= {"command": self.place.command, "seed": self.config.training.seed, "torch": torch.__version__}
        return {"data": data, "training": training}


def with_scores(bundle: Bundle, result: ValidationResult, step: int, split: str) -> Bundle:
    """The bundle with what validation found."""
    scores = {name: {"value": value, "split": split} for name, value in result.scores.items()}
    for name, signature in result.signatures.items():
        scores[name] |= {"signature": signature, "decoded": result.decoded}
    info = {
        **bundle.info,
        "training": {**bundle.info["training"], "step": step, **result.facts},
        "scores": scores,
    }
    return replace(bundle, info=info)
