"""Accuracy and edit-distance scores, by counts: the rate of a corpus is its total edits by its total length."""

import re
from collections.abc import Callable, Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein

from s2s import __version__
from s2s.metrics.statistics import SEED, Floats, Statistics

Count = tuple[float, float]
"""Numerator and denominator of one example's share."""


def plain(text: str) -> str:
    """What the usual protocol of scene-text recognition compares: lower-cased, 0-9 and a-z only."""
    return re.sub("[^0-9a-z]", "", text.lower())


def _exact(hypothesis: str, reference: str) -> Count:
    return hypothesis == reference, 1


def _plain(hypothesis: str, reference: str) -> Count:
    return plain(hypothesis) == plain(reference), 1


def _characters(hypothesis: str, reference: str) -> Count:
    return Levenshtein.distance(hypothesis, reference), len(reference)


def _lower_characters(hypothesis: str, reference: str) -> Count:
    return _characters(hypothesis.lower(), reference.lower())


def _words(hypothesis: str, reference: str) -> Count:
    words = reference.split()
    return Levenshtein.distance(hypothesis.split(), words), len(words)


def _similarity(hypothesis: str, reference: str) -> Count:
    return Levenshtein.normalized_similarity(hypothesis, reference), 1


_COUNTERS: dict[str, tuple[Callable[[str, str], Count], str]] = {
    "exact": (_exact, "case:mixed|unit:line"),
    "accuracy": (_exact, "case:mixed|unit:label"),
    "word_accuracy": (_plain, "case:lc|chars:0-9a-z|unit:line"),
    "word_accuracy_exact": (_exact, "case:mixed|chars:all|unit:line"),
    "cer": (_characters, "case:mixed|unit:codepoint|mean:micro"),
    "cer_lc": (_lower_characters, "case:lc|unit:codepoint|mean:micro"),
    "wer": (_words, "case:mixed|unit:word|tok:space|mean:micro"),
    "ned": (_similarity, "case:mixed|unit:codepoint|mean:macro"),
}


def count_edits(
    name: str, hypotheses: Sequence[str], streams: Sequence[Sequence[str | None]], higher_is_better: bool
) -> Statistics:
    """Counts (N, 2) of one of exact, accuracy, word_accuracy, word_accuracy_exact, cer, cer_lc, wer, ned.

    Of several references each example takes the one with the best share of its own, the first of equals. An empty
    reference adds what was inserted to the edits and nothing to the length. Text is compared by code points as it
    stands.
    """
    count, how = _COUNTERS[name]
    best = max if higher_is_better else min
    rows = [
        best((count(hypothesis, reference) for reference in references if reference is not None), key=_share)
        for hypothesis, references in zip(hypotheses, zip(*streams, strict=True), strict=True)
    ]
    numbers = {sum(reference is not None for reference in references) for references in zip(*streams, strict=True)}
    nrefs = str(*numbers) if len(numbers) == 1 else "var"

    def signature(samples: int) -> str:
        resampled = f"|bs:{samples}|seed:{SEED}" if samples else ""
        return f"nrefs:{nrefs}{resampled}|{how}|version:s2s-{__version__}"

    return Statistics(np.asarray(rows, dtype=np.float64), _percent, signature)


def _share(count: Count) -> float:
    part, whole = count
    return part / whole if whole else float("inf") if part else 0.0


def _percent(sums: Floats) -> Floats:
    """Percentages (R,) of sums (R, 2); with nothing to compare to, 0 where nothing was inserted and 100 otherwise."""
    part, whole = sums.T
    return 100 * np.where(whole > 0, part / np.maximum(whole, 1), part > 0)
