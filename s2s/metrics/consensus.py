"""Minimum Bayes risk: of several outputs, the one most like the others, by the chrF of each to each.

Kumar and Byrne (2004); with samples, Eikema and Aziz (2020). chrF (Popović 2015) is sacreBLEU's: n-grams of up to 6
characters, no spaces, beta 2; n-grams are counted once for each text, so that a hundred outputs are compared at once.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ORDER = 6
BETA = 2


def consensus(texts: Sequence[str]) -> list[float]:
    """The mean chrF (0 to 100) of each text to all, which a drawn text enters as often as it was drawn."""
    counts = Counter(texts)
    different = list(counts)
    weights = np.array([counts[one] for one in different], dtype=float)
    utilities = dict(zip(different, chrf_matrix(different) @ weights / weights.sum(), strict=True))
    return [float(utilities[one]) for one in texts]


def chrf_matrix(texts: Sequence[str]) -> NDArray[np.float64]:
    """The chrF (0 to 100) of each text as an output, by row, against each as a reference."""
    count = len(texts)
    plain = ["".join(text.split()) for text in texts]
    precision, recall, orders = (np.zeros((count, count)) for _ in range(3))
    for size in range(1, ORDER + 1):
        grams = [Counter(text[start : start + size] for start in range(len(text) - size + 1)) for text in plain]
        names = {gram: place for place, gram in enumerate(dict.fromkeys(gram for one in grams for gram in one))}
        table = np.zeros((count, max(1, len(names))), dtype=np.int32)
        for row, one in enumerate(grams):
            table[row, [names[gram] for gram in one]] = list(one.values())
        common = np.array([np.minimum(table, row).sum(1) for row in table], dtype=float)
        totals = table.sum(1).astype(float)
        both = (totals[:, None] > 0) & (totals[None, :] > 0)
        precision += np.divide(common, totals[:, None], out=np.zeros_like(common), where=both)
        recall += np.divide(common, totals[None, :], out=np.zeros_like(common), where=both)
        orders += both
    precision, recall = (part / np.maximum(orders, 1) for part in (precision, recall))
    below = BETA**2 * precision + recall
    return 100 * np.divide((1 + BETA**2) * precision * recall, below, out=np.zeros_like(below), where=below > 0)
