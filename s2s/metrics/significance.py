"""Is one system better than another, or lucky? Paired bootstrap resampling (Koehn 2004), as sacreBLEU does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from s2s.config.errors import RequestError
from s2s.metrics.measure import References, measure
from s2s.metrics.score import SAMPLES, Score
from s2s.metrics.statistics import Floats, interval


@dataclass(frozen=True)
class Compared:
    """One system beside the first."""

    system: str
    score: Score
    delta: float | None
    """Its score minus the first system's; None for the first itself."""
    p_value: float | None
    """How likely equal systems are to differ by more through the choice of examples; None for the first."""


def compare(
    name: str,
    systems: Mapping[str, Sequence[str]],
    references: References,
    language: str | None = None,
    samples: int = SAMPLES,
) -> list[Compared]:
    """Score every system's hypotheses by the metric `name` and test each against the first, on the same resamples.

    RequestError where there are fewer than two systems, and as `score` does, naming the system.
    """
    if len(systems) < 2:
        raise RequestError(f"a comparison needs two systems or more, not {len(systems)}")
    compared: list[Compared] = []
    first: Floats | None = None
    for system, hypotheses in systems.items():
        try:
            statistics = measure(name, hypotheses, references, language)
        except RequestError as error:
            raise RequestError(f"{system}: {error}") from None
        scores = statistics.resample(samples)
        score = Score(name, statistics.score(), *interval(scores), statistics.signature(samples))
        if first is None:
            first = scores
            compared.append(Compared(system, score, None, None))
        else:
            delta = score.value - compared[0].score.value
            compared.append(Compared(system, score, delta, _p_value(scores - first, delta)))
    return compared


def _p_value(differences: Floats, delta: float) -> float:
    """Share of resamples whose difference exceeds the mean of all by more than the real one; 1 for identical systems.

    One is added to both counts, so that it is never 0 (sacreBLEU, after Clark et al. 2011).
    """
    sizes = np.abs(differences)
    if not sizes.any():
        return 1.0
    beyond = np.sum(sizes - sizes.mean() > abs(delta))
    return float(beyond + 1) / (len(sizes) + 1)
