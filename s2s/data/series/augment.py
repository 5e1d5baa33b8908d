"""What is done to training series: a pure function of seed, epoch and row."""

import math

import numpy as np
from numpy.typing import NDArray

from s2s.config.series import SeriesAugmentation, SeriesSource
from s2s.data.series.numbers import Rows

_MASKS = 2


def bend(rows: Rows, source: SeriesSource, generator: np.random.Generator) -> NDArray[np.float64]:
    """A series (T, C) as another sensor or hand could have made it: columns scaled, a pen's points turned, slanted."""
    part = source.augmentation
    values: NDArray[np.float64] = rows.astype(np.float64)
    factors = np.asarray(1 + part.scale * generator.uniform(-1, 1, values.shape[1]))
    angle = math.radians(part.rotation) * generator.uniform(-1, 1)
    slant = part.shear * generator.uniform(-1, 1)
    if source.features == "pen":
        factors[2:] = 1  # the third column says where it lifts
        matrix = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        values[:, :2] = values[:, :2] @ np.array([[1.0, 0.0], [slant, 1.0]]) @ matrix
    return values * factors


def hide(values: NDArray[np.float64], part: SeriesAugmentation, generator: np.random.Generator) -> NDArray[np.float64]:
    """Standardised features (T, F) with noise, and some rows and some features hidden behind the mean."""
    values = np.add(values, part.noise * generator.standard_normal(values.shape), dtype=np.float64)
    for _ in range(_MASKS):
        values[_stretch(len(values), part.masked_rows, generator)] = 0
        values[:, _stretch(values.shape[1], part.masked_features, generator)] = 0
    return values


def _stretch(length: int, most: int, generator: np.random.Generator) -> slice:
    """Up to `most` places side by side, and never more than half of all."""
    size = int(generator.integers(0, min(most, length // 2) + 1))
    start = int(generator.integers(0, length - size + 1))
    return slice(start, start + size)
