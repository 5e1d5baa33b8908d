"""Several models in one search: at every step the mean of what they hold probable.

The mean of probabilities is one of the models' own kind. The mean of log-probabilities, which is not normalised, makes
the log-probability of an output the mean of the models'. Neither is above 0, as searches need it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from s2s.search.steps import Steps

Mean = Literal["probabilities", "logs"]


class EnsembleSteps:
    """Steps of one vocabulary each. Its inputs are those of the members, in their order; so is its state.

    Attention is the mean over the members that have any.
    """

    def __init__(self, members: Sequence[Steps[Any, Any]], mean: Mean = "probabilities") -> None:
        self.members, self.mean = members, mean

    def start(self, inputs: Sequence[Any]) -> list[Any]:
        """State before the first token."""
        return [member.start(one) for member, one in zip(self.members, inputs, strict=True)]

    def step(self, tokens: Tensor, state: list[Any]) -> tuple[Tensor, Tensor | None, list[Any]]:
        """One step of every member; see Steps."""
        found = [member.step(tokens, one) for member, one in zip(self.members, state, strict=True)]
        if len(found) == 1:
            ((log_probs, attention, after),) = found
            return log_probs, attention, [after]
        every = torch.stack([log_probs for log_probs, _, _ in found])
        log_probs = every.mean(0) if self.mean == "logs" else (every.logsumexp(0) - math.log(len(found))).clamp_(max=0)
        looks = [attention for _, attention, _ in found if attention is not None]
        return log_probs, torch.stack(looks).mean(0) if looks else None, [after for _, _, after in found]

    def select(self, state: list[Any], sentences: Tensor | None, parents: Tensor) -> list[Any]:
        """All states reordered; see Steps."""
        return [member.select(one, sentences, parents) for member, one in zip(self.members, state, strict=True)]
