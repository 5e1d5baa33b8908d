"""Which examples validate a run: a split of that name, or a seeded part of the training split."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from s2s.config.errors import RequestError
from s2s.data.corpus import Ints

VALIDATION = ("val", "validation", "valid", "dev")
"""Names that a validation split goes by."""
HELD_OUT, MOST_HELD_OUT = 0.05, 1000
"""Share of the training split that is held out where there is no validation split, and at most how many examples."""


def validation_split(splits: Sequence[str]) -> str | None:
    """The split to validate on, if there is one."""
    return next((name for name in VALIDATION if name in splits), None)


def hold_out(total: int, noun: str, path: Path, seed: int, say: Callable[[str], None]) -> tuple[Ints, Ints]:
    """The rows of a training split that remain, and those that are held out; both in order.

    `noun` is what the examples are called. RequestError where there are too few.
    """
    held_out = min(MOST_HELD_OUT, int(total * HELD_OUT))
    if not held_out:
        raise RequestError(
            f"{path}: no validation split, and {total} training {noun} are too few to hold some out; "
            f"add a split called {VALIDATION[0]}"
        )
    say(f"no validation split: {held_out:,} of {total:,} training {noun} are held out, chosen by the seed")
    order = np.random.default_rng(seed).permutation(total)
    return np.sort(order[held_out:]), np.sort(order[:held_out])
