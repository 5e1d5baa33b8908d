"""Sufficient statistics: counts per example whose sums give the score of any set of examples."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEED = 12345
"""Of every resampling; sacreBLEU's default."""


@dataclass(frozen=True)
class Statistics:
    """One system's output, counted against its references.

    counts: (N, k), one row an example.
    value: scores (R,) from sums of rows (R, k).
    signature: how it was made, given the number of resamples behind its interval or test (0: none).
    """

    counts: Floats
    value: Callable[[Floats], Floats]
    signature: Callable[[int], str]

    def score(self) -> float:
        """The score of all examples."""
        return float(self.value(self.counts.sum(axis=0, keepdims=True))[0])

    def resample(self, samples: int) -> Floats:
        """Scores (samples,) of N examples drawn with replacement (Koehn 2004).

        The draws depend on N and `samples` alone, so those of two systems are paired. They are sacreBLEU's own.
        """
        generator = np.random.default_rng(SEED)
        examples = len(self.counts)
        sums = np.empty((samples, self.counts.shape[1]))
        for sample in range(samples):
            drawn = np.bincount(generator.integers(0, examples, examples), minlength=examples)
            sums[sample] = drawn @ self.counts
        return self.value(sums)


def interval(scores: Floats) -> tuple[float, float]:
    """What holds the middle 95 % of resampled scores."""
    ordered = np.sort(scores)
    cut = len(ordered) // 40
    return float(ordered[cut]), float(ordered[-1 - cut])
