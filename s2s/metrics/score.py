"""A score that carries how it was made."""

from collections.abc import Sequence
from dataclasses import dataclass

from s2s.metrics.measure import References, measure
from s2s.metrics.statistics import interval

SAMPLES = 1000
"""Resamples behind an interval or a test."""


@dataclass(frozen=True)
class Score:
    """A percentage, what holds 95 % of its resamples, and its signature."""

    name: str
    value: float
    low: float | None
    """None, as `high`, where no interval was asked for."""
    high: float | None
    signature: str

    def __str__(self) -> str:
        between = "" if self.low is None else f" [{self.low:.2f}, {self.high:.2f}]"
        return f"{self.name} {self.value:.2f}{between} {self.signature}"


def score(
    name: str,
    hypotheses: Sequence[str],
    references: References,
    language: str | None = None,
    bootstrap: int = SAMPLES,
) -> Score:
    """Score hypotheses by the metric `name` (s2s.metrics.names), with a bootstrap interval unless `bootstrap` is 0.

    `references` are one string each, or streams of the i-th reference of every hypothesis. `language` is the target's;
    it picks BLEU's tokeniser. RequestError for an unknown metric, no examples, or counts that differ.
    """
    statistics = measure(name, hypotheses, references, language)
    low, high = interval(statistics.resample(bootstrap)) if bootstrap else (None, None)
    return Score(name, statistics.score(), low, high, statistics.signature(bootstrap))
