"""Which validation examples are decoded, and how: what a score while training is a score of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2s.config.training import AnswerValidation, SearchValidation, Validation
from s2s.data.corpus import Ints

DRAWN = "drawn"
"""The key by which a checkpoint says that its run draws them; older runs decode the first ones, and go on doing so."""


@dataclass(frozen=True)
class Chosen:
    """Examples of a validation split."""

    rows: Ints
    """Which ones, in order."""
    words: str
    """How many of how many, by what beam: `beam 1, 200 of 1,014 examples, drawn by seed 1`; empty where scores are not
    of answers."""


def is_drawn(checkpoint: Mapping[str, Any] | None) -> bool:
    """Whether the run of a checkpoint, or a new one, draws its examples."""
    return checkpoint is None or bool(checkpoint["s2s"].get(DRAWN))


def choose(total: int, config: Validation, seed: int, drawn: bool) -> Chosen:
    """The examples to decode: all, or as many as the config says, drawn by the seed or the first ones."""
    if not isinstance(config, AnswerValidation):
        return Chosen(np.arange(total), "")
    beam = f"beam {config.beam}, " if isinstance(config, SearchValidation) else ""
    some = config.examples
    if not 0 < some < total:
        return Chosen(np.arange(total), f"{beam}all {total:,} examples")
    if not drawn:
        return Chosen(np.arange(some), f"{beam}the first {some:,} of {total:,} examples")
    # Not the draw that holds examples out of training, which has the seed alone.
    rows = np.sort(np.random.default_rng((seed, 2)).choice(total, some, replace=False))
    return Chosen(rows, f"{beam}{some:,} of {total:,} examples, drawn by seed {seed}")
