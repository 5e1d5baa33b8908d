"""Scores of class names, and which are taken for which others."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from s2s import __version__
from s2s.config.errors import RequestError
from s2s.metrics.confusions import Confusion
from s2s.metrics.statistics import SEED, Floats, Statistics

MOST = 1000
"""Classes whose counts are kept for every example."""


def count_macro_f1(hypotheses: Sequence[str], streams: Sequence[Sequence[str | None]]) -> Statistics:
    """Counts (N, 3 x classes) of true positives, predictions and references of each class.

    The score is the mean of F1 = 2 TP / (predictions + references) over the classes that stand in either, each as
    heavy as the others. Of several references each example takes the one that its hypothesis is, or else the first.
    """
    references = [
        hypothesis if hypothesis in each else next(one for one in each if one is not None)
        for hypothesis, each in zip(hypotheses, zip(*streams, strict=True), strict=True)
    ]
    names = sorted({*hypotheses, *references})
    if len(names) > MOST:
        raise RequestError(
            f"macro_f1 is of class names, and here are {len(names):,} different texts (at most {MOST:,})"
        )
    number = {name: place for place, name in enumerate(names)}
    rows = np.arange(len(hypotheses))
    predicted = np.array([number[name] for name in hypotheses])
    meant = np.array([number[name] for name in references])
    counts = np.zeros((3, len(hypotheses), len(names)))
    counts[1, rows, predicted] = 1
    counts[2, rows, meant] = 1
    counts[0] = counts[1] * counts[2]

    def signature(samples: int) -> str:
        resampled = f"|bs:{samples}|seed:{SEED}" if samples else ""
        return f"nrefs:{len(streams)}{resampled}|classes:{len(names)}|mean:macro|version:s2s-{__version__}"

    return Statistics(np.concatenate(list(counts), 1), _mean_f1, signature)


def _mean_f1(sums: Floats) -> Floats:
    """Percentages (R,) of sums (R, 3 x classes)."""
    right, predicted, meant = np.split(sums, 3, axis=1)
    present = predicted + meant > 0
    f1 = 2 * right / np.where(present, predicted + meant, 1)
    return np.asarray(100 * f1.sum(1) / present.sum(1))


def class_confusions(hypotheses: Sequence[str], references: Sequence[str]) -> list[Confusion]:
    """Every pair of a class and what it was taken for, the most frequent first."""
    counts = Counter((meant, read) for meant, read in zip(references, hypotheses, strict=True) if meant != read)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Confusion(meant, read, count) for (meant, read), count in ordered]
