"""Batches by budget: a pure function of (seed, epoch), dealt out to processes, resumed at any step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from torch.utils.data import Sampler

from s2s.config.errors import RequestError
from s2s.data.corpus import Ints

WINDOW = 300
"""Batches' worth of shuffled examples that are sorted by length together."""
BIN = 2
"""Target lengths that are sorted as one, by source length: wider bins pad the target more and the source less."""


@dataclass(frozen=True)
class Plan:
    """One batch to be made."""

    epoch: int
    """Passes over the data before this one."""
    step: int
    """The optimiser step within the epoch that the batch belongs to."""
    rows: Ints
    """Examples (B,)."""
    step_tokens: int
    """Target tokens in the whole optimiser step, over all of its batches and processes."""


def plan_batches(source: Ints, target: Ints, tokens: int, groups: int, seed: int, epoch: int) -> list[Ints]:
    """Share out every example of an epoch over batches of similar lengths, in random order.

    Args:
        source: lengths of the examples (N,).
        target: the same of the other side.
        tokens: most padded tokens of a batch on its wider side: rows x longest.
        groups: the number of batches is made divisible by this, by halving the largest ones.
        seed: of the order.
        epoch: the order is another one in each.

    Returns:
        the examples (B,) of each batch.

    Raises:
        RequestError: an example is longer than the budget, or the examples are too few for `groups`.
    """
    wider = np.maximum(source, target)
    if wider.max() > tokens:
        raise RequestError(
            f"the longest training example has {wider.max()} tokens, more than batches.tokens {tokens}; "
            "raise batches.tokens or lower batches.max_length"
        )
    generator = np.random.default_rng((seed, epoch))
    order = generator.permutation(len(source))
    window = max(1, WINDOW * tokens // max(1, int(wider.mean())))
    batches: list[Ints] = []
    for start in range(0, len(order), window):
        rows = order[start : start + window]
        bins = target[rows] // BIN
        # Source lengths run up in one bin and down in the next, so that a batch across two bins stays even.
        rows = rows[np.lexsort((np.where(bins % 2, -source[rows], source[rows]), bins))]
        batches += np.split(rows, _cuts(wider[rows].tolist(), tokens))
    batches = _divisible(batches, wider, groups)
    return [batches[i] for i in generator.permutation(len(batches))]


def plan_buckets(areas: Ints, target: Ints, pixels: int, groups: int, seed: int, epoch: int) -> list[Ints]:
    """Share out every picture of an epoch over batches of one padded size each, in random order.

    `areas` are the padded pixels of each (N,), and `pixels` is most of a batch; the rest is as in `plan_batches`. Where
    a size has few pictures its batches are small, and of even sizes rather than full ones and a rest.
    """
    if areas.max() > pixels:
        raise RequestError(f"a picture of {areas.max():,} pixels is more than batches.pixels {pixels:,}; raise it")
    generator = np.random.default_rng((seed, epoch))
    order = generator.permutation(len(areas))
    batches: list[Ints] = []
    for area in np.unique(areas).tolist():
        rows = order[areas[order] == area]
        batches += np.array_split(rows, -(-len(rows) // (pixels // area)))
    batches = _divisible(batches, areas, groups)
    return [batches[i] for i in generator.permutation(len(batches))]


Planner = Callable[[Ints, Ints, int, int, int, int], list[Ints]]
"""`plan_batches`, or what else shares out examples: lengths of both sides, budget, groups, seed, epoch -> batches."""


def _cuts(lengths: list[int], tokens: int) -> list[int]:
    """Where to cut a sequence of examples so that rows x longest stays within the budget."""
    cuts, start, longest = [], 0, 0
    for at, length in enumerate(lengths):
        longest = max(longest, length)
        if (at - start + 1) * longest > tokens:
            cuts.append(at)
            start, longest = at, length
    return cuts


def _divisible(batches: list[Ints], wider: Ints, groups: int) -> list[Ints]:
    """Halve the largest batches until their number divides by `groups`."""

    def size(rows: Ints) -> int:
        return len(rows) * int(wider[rows].max()) if len(rows) > 1 else 0

    sizes = [size(rows) for rows in batches]
    while len(batches) % groups:
        largest = int(np.argmax(sizes))
        rows = batches[largest]
        if len(rows) == 1:
            raise RequestError(
                f"{len(wider)} training examples cannot be dealt out evenly in steps of {groups} batches "
                "(processes x batches.accumulate); use fewer of either, or more data"
            )
        batches[largest], other = rows[: len(rows) // 2], rows[len(rows) // 2 :]
        batches.append(other)
        sizes[largest] = size(batches[largest])
        sizes.append(size(other))
    return batches


def padding(batches: list[Ints], source: Ints, target: Ints) -> float:
    """Share of the tokens in some batches that are padding, both sides together."""
    padded = sum(len(rows) * int(source[rows].max() + target[rows].max()) for rows in batches)
    return 1 - float(source.sum() + target.sum()) / padded


class TokenBatches(Sampler[Plan]):
    """An endless stream of batches, epoch after epoch, for one process of several.

    Args:
        lengths: epoch -> source and target lengths (N,) of the examples in that epoch.
        tokens: the budget of `plan`.
        accumulate: batches of a process that make one optimiser step.
        seed: of the order.
        rank: this process.
        ranks: how many there are.
        start: (epoch, step within it) to begin at; `following` gives the one after a batch.
        plan: shares out the examples of an epoch.
    """

    def __init__(
        self,
        lengths: Callable[[int], tuple[Ints, Ints]],
        tokens: int,
        accumulate: int = 1,
        seed: int = 0,
        rank: int = 0,
        ranks: int = 1,
        start: tuple[int, int] = (0, 0),
        plan: Planner = plan_batches,
    ) -> None:
        self.lengths, self.tokens, self.accumulate, self.seed = lengths, tokens, accumulate, seed
        self.rank, self.ranks, self.start, self.plan = rank, ranks, start, plan
        self._plan = lru_cache(maxsize=2)(self._plan_epoch)

    def _plan_epoch(self, epoch: int) -> tuple[list[Ints], list[int]]:
        source, target = self.lengths(epoch)
        groups = self.accumulate * self.ranks
        batches = self.plan(source, target, self.tokens, groups, self.seed, epoch)
        counts = [int(target[rows].sum()) for rows in batches]
        return batches, [sum(counts[at : at + groups]) for at in range(0, len(batches), groups)]

    def epoch(self, epoch: int) -> list[Plan]:
        """The batches of an epoch that this process makes."""
        batches, step_tokens = self._plan(epoch)
        mine = batches[self.rank :: self.ranks]
        return [
            Plan(epoch, at // self.accumulate, rows, step_tokens[at // self.accumulate]) for at, rows in enumerate(mine)
        ]

    def steps(self, epoch: int) -> int:
        """Optimiser steps in an epoch."""
        return len(self._plan(epoch)[1])

    def following(self, epoch: int, step: int) -> tuple[int, int]:
        """Where to go on after a step."""
        return (epoch, step + 1) if step + 1 < self.steps(epoch) else (epoch + 1, 0)

    def __iter__(self) -> Iterator[Plan]:
        epoch, first = self.start
        while True:
            yield from self.epoch(epoch)[first * self.accumulate :]
            epoch, first = epoch + 1, 0
