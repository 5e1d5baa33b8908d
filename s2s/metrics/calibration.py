"""Whether confidences can be taken at their word."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10


@dataclass(frozen=True)
class Calibration:
    """Confidences beside how often they were right."""

    error: float
    """Expected calibration error (Guo et al. 2017, equation 3), in percent: how far the confidence of an answer is from
    the share of right ones among those of like confidence, on average."""
    confidence: float
    """Mean, in percent."""
    accuracy: float
    """In percent."""
    bins: list[tuple[float, float, int]]
    """Of each tenth of the confidences that has answers, from the least: mean confidence, share of right answers and
    how many there are."""


def calibration(confidences: Sequence[float], right: Sequence[bool]) -> Calibration:
    """Of answers with these probabilities of being right, of which some were. ValueError where there are none."""
    if not len(confidences) or len(confidences) != len(right):
        raise ValueError(f"{len(confidences)} confidences of {len(right)} answers")
    found, were = np.asarray(confidences, np.float64), np.asarray(right, np.float64)
    places = np.minimum((found * BINS).astype(int), BINS - 1)
    bins = [
        (float(found[inside].mean()), float(were[inside].mean()), int(inside.sum()))
        for inside in (places == number for number in range(BINS))
        if inside.any()
    ]
    error = sum(abs(sure - share) * count for sure, share, count in bins) / len(found)
    return Calibration(100 * error, 100 * float(found.mean()), 100 * float(were.mean()), bins)
