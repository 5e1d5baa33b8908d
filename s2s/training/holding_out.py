"""Which examples validate a run: a split of that name, or a seeded part of the training split."""

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

import numpy as np

from s2s.config.errors import RequestError
from s2s.data.cleaning import key
from s2s.data.copies import groups
from s2s.data.corpus import Ints

VALIDATION = ("val", "validation", "valid", "dev")
"""Names that a validation split goes by."""
HELD_OUT, MOST_HELD_OUT = 0.05, 1000
"""Share of the training split that is held out where there is no validation split, and at most how many examples."""
_LARGE = 0.1
"""Share of what is held out above which copies of one sentence would say little about the others."""


def validation_split(splits: Sequence[str]) -> str | None:
    """The split to validate on, if there is one."""
    return next((name for name in VALIDATION if name in splits), None)


def hold_out_pairs(
    source: Sequence[str],
    target: Sequence[str],
    path: Path,
    seed: int,
    say: Callable[[str], None],
    labelled: bool = False,
) -> tuple[Ints, Ints]:
    """The rows of parallel text that remain, and those that are held out; both in order.

    Pairs that share a source or a target, directly or through others, are held out together or not at all. Where too
    few pairs could be held out so, pairs of the same source are; else copies of the same pair. Where targets are the
    names of classes (`labelled`), what shares one has nothing to do with each other.
    """
    total, wanted = len(source), _wanted(len(source), "pairs", path)
    sources, targets = list(map(key, source)), list(map(key, target))
    pairs = list(zip(sources, targets, strict=True))
    columns: dict[str, tuple[Sequence[Hashable], ...]] = {
        "source or target": (sources, targets),
        "source": (sources,),
        "pair": (pairs,),
    }
    if labelled:
        del columns["source or target"]
    for shared in columns:
        alike = groups(*columns[shared])
        chosen = _choose(alike, wanted, seed)
        if wanted <= 2 * len(chosen) <= 4 * wanted:
            break
    if not len(chosen):
        raise RequestError(
            f"{path}: no validation split, and nearly all of the {total:,} training pairs are copies of one "
            f"another, so that none can be held out; add a split called {VALIDATION[0]}"
        )
    say(f"no validation split: {len(chosen):,} of {total:,} training pairs are held out, chosen by the seed")
    kept = np.setdiff1d(np.arange(total), chosen)
    if len(alike) < total:
        say(f"pairs of the same {shared} are held out together")
    if not labelled and (also := len({targets[row] for row in chosen} & {targets[row] for row in kept})):
        say(f"{also:,} target{'s' * (also > 1)} among those held out {'are' if also > 1 else 'is'} in train too")
    return kept, chosen


def _choose(alike: Sequence[Sequence[int]], wanted: int, seed: int) -> Ints:
    """About `wanted` rows, in order, of whole groups drawn by the seed; large groups only where small ones are too few.

    Where no group is small enough it is the smallest, unless that is half of all.
    """
    order = [alike[place] for place in np.random.default_rng(seed).permutation(len(alike))]
    order.sort(key=lambda rows: len(rows) > max(1, wanted * _LARGE))
    rows: list[int] = []
    for group in order:
        if len(rows) + len(group) <= wanted:
            rows += group
    smallest = min(order, key=len)
    if not rows and 2 * len(smallest) < sum(map(len, order)):
        rows += smallest
    return np.sort(np.asarray(rows, np.int64))


def hold_out(total: int, noun: str, path: Path, seed: int, say: Callable[[str], None]) -> tuple[Ints, Ints]:
    """The rows of a training split that remain, and those that are held out; both in order.

    `noun` is what the examples are called. RequestError where there are too few.
    """
    held_out = _wanted(total, noun, path)
    say(f"no validation split: {held_out:,} of {total:,} training {noun} are held out, chosen by the seed")
    order = np.random.default_rng(seed).permutation(total)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def _wanted(total: int, noun: str, path: Path) -> int:
    held_out = min(MOST_HELD_OUT, int(total * HELD_OUT))
    if not held_out:
        raise RequestError(
            f"{path}: no validation split, and {total} training {noun} are too few to hold some out; "
            f"add a split called {VALIDATION[0]}"
        )
    return held_out
