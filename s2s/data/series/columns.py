"""The columns of a source of series, and what their features are standardised by: what a text's vocabulary is to it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from s2s.config.errors import RequestError
from s2s.config.plural import counted
from s2s.config.series import SeriesSource
from s2s.data.series.features import features
from s2s.data.series.numbers import BadSeries, Rows
from s2s.text.listed import ListedVocabulary
from s2s.text.vocabulary import BOS, EOS, PAD, UNK

MOST = 4096
"""Columns of a series."""


class Columns(ListedVocabulary):
    """One id a column, so that a row can be checked, and mean and deviation of each feature in the training split.

    RequestError for names that are blank, repeated or too many, and for means and deviations that cannot be.
    """

    what, key, most_bytes, separator = "list of columns", "columns", 4 * 2**20, " "

    def __init__(self, names: Sequence[str], mean: Sequence[float], deviation: Sequence[float]) -> None:
        self.names = tuple(names)
        super().__init__(self.names)
        self.suppressed = frozenset({PAD, UNK, BOS, EOS})
        self.mean, self.deviation = np.array(mean, np.float64), np.array(deviation, np.float64)
        if not 1 <= len(self.names) <= MOST or len(self._ids) != len(self.names):
            raise RequestError(f"a series has 1 to {MOST:,} columns of different names, not {len(self.names):,}")
        if self.mean.shape != self.deviation.shape or not len(self.mean):
            raise RequestError("there must be a mean and a deviation of every feature")
        if not (np.isfinite(self.mean).all() and np.isfinite(self.deviation).all() and (self.deviation > 0).all()):
            raise RequestError("a mean or a deviation is not a number, or no deviation")

    @classmethod
    def of(cls, names: Sequence[str], series: Iterable[Rows], source: SeriesSource) -> Self:
        """Those of a training split. RequestError where the source cannot read such columns."""
        try:
            count = source.features_of(len(names))
        except ValueError as error:
            raise RequestError(str(error)) from None
        total, squares, rows = np.zeros(count), np.zeros(count), 0
        middle: NDArray[np.float64] | None = None
        for one in series:
            found = features(one, source)
            if middle is None:
                middle = found.mean(0)  # squares of what is far from 0 would lose their digits
            total += (found - middle).sum(0)
            squares += ((found - middle) ** 2).sum(0)
            rows += len(found)
        assert middle is not None
        mean = total / rows
        deviation = np.sqrt(np.maximum(squares / rows - mean**2, 0))
        flat = deviation <= 1e-9 * np.abs(middle + mean)  # a column that stands still is rounding errors
        return cls(names, (mean + middle).tolist(), np.where(flat | (deviation == 0), 1.0, deviation).tolist())

    def ready(self, rows: NDArray[Any], source: SeriesSource) -> NDArray[np.float64]:
        """The standardised features (T, F) of a series."""
        return (features(rows, source) - self.mean) / self.deviation

    def check(self, rows: Rows, where: str) -> None:
        """BadSeries unless a series has these columns."""
        if rows.shape[1] != len(self.names):
            raise BadSeries(
                f"{where}: it has {counted(rows.shape[1], 'column')}, and the model reads {len(self.names):,} "
                f"({', '.join(self.names[:8])}{', ...' if len(self.names) > 8 else ''})"
            )

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of what is stored."""
        return hashlib.sha256(json.dumps(self.stored()).encode()).hexdigest()[:16]

    def encode(self, text: str) -> list[int]:
        """The id of a column by its name."""
        return [self.id(text)]

    def stored(self) -> dict[str, Any]:
        """See ListedVocabulary."""
        return {
            "columns": {
                "names": list(self.names),
                "mean": self.mean.tolist(),
                "deviation": self.deviation.tolist(),
            }
        }

    @classmethod
    def restored(cls, entries: Any) -> Self:
        """See ListedVocabulary."""
        if not isinstance(entries, dict) or entries.keys() != {"names", "mean", "deviation"}:
            raise RequestError('"columns" must have names, mean and deviation')
        if not all(isinstance(one, list) for one in entries.values()) or len(entries["names"]) > MOST:
            raise RequestError('"columns" must have lists')
        if not all(isinstance(name, str) for name in entries["names"]):
            raise RequestError("names of columns must be strings")
        numbers = [*entries["mean"], *entries["deviation"]]
        if not all(type(one) in (int, float) and abs(one) < 1e300 for one in numbers):
            raise RequestError("means and deviations must be numbers")
        return cls(entries["names"], entries["mean"], entries["deviation"])
