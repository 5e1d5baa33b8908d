"""The loop that every search shares."""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

from s2s.search.broken import broken_model
from s2s.search.hypothesis import Hypothesis
from s2s.search.rules import Rules
from s2s.search.scoring import Penalties
from s2s.search.slots import Growth, Slots
from s2s.search.steps import Steps

Inputs = TypeVar("Inputs")
State = TypeVar("State")

_LEAVE = 8  # ended sentences leave when they are one in so many: each time, the memory of those that stay is copied


def drive(
    steps: Steps[Inputs, State],
    inputs: Inputs,
    rules: Rules,
    grow: Callable[[Slots, Tensor, int], Growth],
    penalties: Penalties,
    n_best: int = 1,
    attention: bool = False,
    stop_early: bool = True,
) -> list[list[Hypothesis]]:
    """The `n_best` best hypotheses of each sentence, best first; fewer where there are no more, at least one.

    WorkError where the model computes something that is not a probability.

    `grow(slots, log_probs (B,K,V), step)` decides how hypotheses go on; all stays on the device, and nothing loops over
    rows before a sentence leaves. An ended sentence may stay a while, since going on cannot change its answer.
    """
    results: list[list[Hypothesis]] = [[] for _ in range(len(rules.limits))]
    slots = Slots.start(len(rules.limits), rules.limits.device)
    divisors = penalties.divisors(int(rules.limits.max()) if len(results) else 0)
    longest = torch.tensor(divisors, dtype=torch.float64, device=rules.limits.device)[rules.limits]
    state = steps.start(inputs)
    broken = torch.zeros((), dtype=torch.bool, device=rules.limits.device)
    step = 0
    while len(slots.rows):
        step += 1
        log_probs, weights, state = steps.step(slots.tokens[:, :, -1], state)
        growth = grow(slots, rules.forbid(log_probs, slots.tokens), step)
        broken |= growth.log_probs.isnan().any()  # of live slots alone; looked at when sentences leave, as it waits
        slots = slots.grow(growth, weights, penalties.coverage > 0, attention)
        slots.close(rules, step, penalties, divisors[min(step, len(divisors) - 1)])
        ended = slots.settled(n_best, longest) if stop_early else ~slots.live.any(1)
        count = int(ended.sum())
        if count * _LEAVE < len(ended):
            if growth.parents is not None:
                state = steps.select(state, None, growth.parents)
            continue
        gone, stay = ended.nonzero().squeeze(1), (~ended).nonzero().squeeze(1)
        if bool(broken):
            raise broken_model()
        leaving = slots.select(gone)
        for row, found in zip(leaving.rows.tolist(), leaving.best(n_best, rules.select(gone)), strict=True):
            if not found:
                raise broken_model()
            results[row] = found
        if len(stay):
            parents = growth.parents if growth.parents is not None else _in_place(slots)
            state = steps.select(state, stay, parents[stay])
        slots, rules, longest = slots.select(stay), rules.select(stay), longest[stay]
    return results


def _in_place(slots: Slots) -> Tensor:
    """Parents (B,K) of slots that stay where they are."""
    return torch.arange(slots.scores.shape[1], device=slots.scores.device).expand_as(slots.scores)
