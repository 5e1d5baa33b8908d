"""What every predictor has: a model, a place to compute, and the dealing of batches to whoever computes them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, Self, TypeVar

import torch

from s2s.bundle.bundle import Bundle
from s2s.inference.jobs import Spread, here
from s2s.nn.out_of_memory import memory_for

Job = TypeVar("Job")
Found = TypeVar("Found")


class Predictor(ABC, Generic[Job, Found]):
    """Applies a model to inputs; what one gives does not depend on the others.

    Args:
        bundle: the model, whose weights may go on changing, and its vocabularies.
        device: where to compute; by default where the model is.
    """

    def __init__(self, bundle: Bundle, device: torch.device | None = None) -> None:
        self.bundle, self.config = bundle, bundle.config
        self.model = bundle.model if device is None else bundle.model.to(device)
        self.spread: Spread = here
        """Who computes the batches."""

    @classmethod
    def from_bundle(cls, bundle: Bundle, device: torch.device | None = None) -> Self:
        """The predictor of a loaded model, whose weights stay as they are: made faster where that is possible."""
        return cls(bundle, device)

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.model.device

    def search(self, job: Job) -> list[Found]:
        """What a batch gives. WorkError where memory does not suffice."""
        training = self.model.training
        self.model.eval()
        try:
            with torch.inference_mode(), memory_for(lambda: self._size(job)):
                return self._search(job)
        finally:
            self.model.train(training)

    def _deal(self, batches: Sequence[Sequence[int]], jobs: Sequence[Job]) -> list[Found]:
        """What the inputs give, in their order; each job's batch says which inputs it holds."""
        results: dict[int, Found] = {}
        for places, found in zip(batches, self.spread(self.search, jobs), strict=True):
            results.update(zip(places, found, strict=True))
        return [results[place] for place in range(len(results))]

    @abstractmethod
    def _search(self, job: Job) -> list[Found]:
        """What a batch gives, the model being in evaluation mode and no gradient kept."""

    @abstractmethod
    def _size(self, job: Job) -> str:
        """A batch that is too large for the memory, and what to do."""
