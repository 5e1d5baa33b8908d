"""What is made of the rows of a series before a network sees them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s.config.series import SeriesSource

Features = NDArray[np.float64]
"""(T, F)."""
_REACH = 2
"""Rows on either side that a slope is fitted to."""


def features(rows: NDArray[Any], source: SeriesSource) -> Features:
    """The features (T, F) of the rows (T, C) of a series, as `source.features` says."""
    values = rows.astype(np.float64)
    if source.centred:
        values = values - values.mean(0)
    match source.features:
        case "deltas":
            first = _slopes(values)
            return np.concatenate([values, first, _slopes(first)], 1)
        case "pen":
            return _pen(values)
        case _:
            return values


def _slopes(values: Features) -> Features:
    """Slopes of lines fitted through five rows by least squares; beyond the ends the outermost row repeats."""
    padded = np.pad(values, ((_REACH, _REACH), (0, 0)), "edge")
    at = [padded[start : start + len(values)] for start in range(2 * _REACH + 1)]
    weights = range(-_REACH, _REACH + 1)
    return sum((w * one for w, one in zip(weights, at, strict=True)), np.zeros_like(values)) / sum(
        w * w for w in weights
    )


def _pen(values: Features) -> Features:
    """See `s2s.config.series.PEN_FEATURES`. Lengths are in heights of the writing, so its size plays no part.

    dx, dy: the way from the point before. cos, sin: its direction. y: where the point stands above or below the middle.
    lift: 1 if the way led through the air.
    """
    points = values[:, :2]
    low, high = points.min(0), points.max(0)
    height = float(high[1] - low[1]) or float(high[0] - low[0]) or 1.0
    way = np.diff(points, axis=0, prepend=points[:1]) / height
    length = np.hypot(way[:, 0], way[:, 1])[:, None]
    direction = np.divide(way, length, out=np.zeros_like(way), where=length > 0)
    level = (points[:, 1:] - (low[1] + high[1]) / 2) / height
    lifted = np.zeros((len(values), 1))
    if values.shape[1] > 2:
        lifted[1:] = values[:-1, 2:] > 0.5
    return np.concatenate([way, direction, level, lifted], 1)
