"""How well a language model foresees a text."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from s2s import __version__
from s2s.metrics.score import SAMPLES, Score
from s2s.metrics.statistics import Floats, Statistics, interval


def foresight(name: str, nll: float, tokens: int, characters: int) -> float:
    """Perplexity, or bits a character, from the negative log-likelihood of a text's tokens; inf beyond all numbers."""
    return float(_value(name)(np.array([[nll, tokens, characters]]))[0])


def score_foresight(name: str, lines: ArrayLike, how: str) -> Score:
    """The score of a text from the loss, the tokens and the characters of each of its lines (N, 3).

    The interval is of a bootstrap over lines. `how` is put into the signature.
    """
    statistics = Statistics(
        np.asarray(lines, np.float64),
        _value(name),
        lambda samples: f"bs:{samples}|seed:12345|{how}|version:s2s-{__version__}",
    )
    low, high = interval(statistics.resample(SAMPLES))
    return Score(name, statistics.score(), low, high, statistics.signature(SAMPLES))


def _value(name: str) -> Callable[[Floats], Floats]:
    """From sums of loss, tokens and characters (R, 3) to scores (R,)."""
    return _perplexity if name == "perplexity" else _bits


def _perplexity(sums: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.exp(sums[:, 0] / np.maximum(1, sums[:, 1]))


def _bits(sums: Floats) -> Floats:
    return sums[:, 0] / np.maximum(1, sums[:, 2]) / math.log(2)
