"""Series as inputs of examples."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2s.config.series import SeriesSource
from s2s.data.corpus import Ints
from s2s.data.series.augment import bend, hide
from s2s.data.series.columns import Columns
from s2s.data.series.numbers import Rows


class SeriesInputs:
    """Standardised features of series.

    Args:
        series: each (T, C).
        source: what is made of them, and in an epoch done to them.
        columns: what they are standardised by.
        seed: of what is done to them.
    """

    def __init__(self, series: Sequence[Rows], source: SeriesSource, columns: Columns, seed: int = 0) -> None:
        self.series, self.source, self.columns, self.seed = series, source, columns, seed
        self._sizes = np.array([len(one) for one in series], np.int64)

    def sizes(self, epoch: int | None) -> Ints:
        """Rows (N,), the same in every epoch."""
        return self._sizes

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Features (B, T, F) and the real rows of each (B,)."""
        return stack([self._features(row, epoch) for row in rows.tolist()])

    def shape(self, source: Tensor) -> str:
        """See Inputs."""
        return f"up to {source.shape[1]:,} rows of {source.shape[2]:,} features"

    def _features(self, row: int, epoch: int | None) -> NDArray[np.float64]:
        part, series = self.source.augmentation, self.series[row]
        if epoch is None:
            return self.columns.ready(series, self.source)
        generator = np.random.default_rng((self.seed, epoch, row))
        return hide(self.columns.ready(bend(series, self.source, generator), self.source), part, generator)


def stack(features: Sequence[NDArray[np.float64]]) -> tuple[Tensor, Tensor]:
    """Features of several series, padded with zeros (B, T, F), and their rows (B,)."""
    lengths = torch.tensor([len(one) for one in features])
    padded = torch.zeros(len(features), int(lengths.max()), features[0].shape[1], dtype=torch.float32)
    for place, one in enumerate(features):
        padded[place, : len(one)] = torch.from_numpy(one)
    return padded, lengths
