"""What is known of a text before the picture is looked at: what a language model or a lexicon adds to CTC's search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

State = TypeVar("State")


class Prior(Protocol[State]):
    """Scores texts label by label; it keeps nothing on itself. A score is added to a log-probability."""

    def start(self, rows: int, size: int, device: torch.device) -> State:
        """The state of empty texts (B, K)."""
        ...

    def gains(self, state: State) -> Tensor:
        """What every label, blank included, adds to every text if it is written next: (B, K, V) float64.

        Minus infinity forbids it; what stands at the blank means nothing.
        """
        ...

    def ends(self, state: State) -> Tensor:
        """What is added where a text ends: (B, K) float64."""
        ...

    def grow(self, state: State, parents: Tensor, labels: Tensor, grown: Tensor) -> State:
        """The state of other texts: each is the one at `parents` (B, K), longer by one of `labels` where `grown`."""
        ...


class Together:
    """Several priors as one: their scores are added.

    Args:
        priors: one or more.
    """

    def __init__(self, priors: Sequence[Prior[Any]]) -> None:
        self.priors = tuple(priors)

    def start(self, rows: int, size: int, device: torch.device) -> tuple[Any, ...]:
        """See Prior."""
        return tuple(one.start(rows, size, device) for one in self.priors)

    def gains(self, state: tuple[Any, ...]) -> Tensor:
        """See Prior."""
        return torch.stack([one.gains(part) for one, part in zip(self.priors, state, strict=True)]).sum(0)

    def ends(self, state: tuple[Any, ...]) -> Tensor:
        """See Prior."""
        return torch.stack([one.ends(part) for one, part in zip(self.priors, state, strict=True)]).sum(0)

    def grow(self, state: tuple[Any, ...], parents: Tensor, labels: Tensor, grown: Tensor) -> tuple[Any, ...]:
        """See Prior."""
        pairs = zip(self.priors, state, strict=True)
        return tuple(one.grow(part, parents, labels, grown) for one, part in pairs)
