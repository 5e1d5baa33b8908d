"""Series of numbers to a class or to text with a trained model."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from s2s.bundle.bundle import Bundle
from s2s.config.decoding import CtcDecoding
from s2s.config.errors import RequestError
from s2s.config.series import SeriesSource
from s2s.data.series.columns import Columns
from s2s.data.series.inputs import stack
from s2s.data.series.numbers import Rows, finite
from s2s.data.series.recordings import read_recording
from s2s.inference.batching import plan
from s2s.inference.classifier import Classified
from s2s.inference.options import check_n_best, check_whole
from s2s.inference.predictor import Found, Predictor
from s2s.inference.reading import read_labels
from s2s.inference.transcript import Alternative, Character, Transcript
from s2s.nn.model import EncoderHead
from s2s.search.broken import broken_model
from s2s.search.ctc import Reading
from s2s.search.prior import Prior
from s2s.text.labels import Labels

Answer = TypeVar("Answer", Classified, Transcript)


@dataclass(frozen=True)
class Stretch:
    """Series that go through the model together."""

    features: list[NDArray[np.float64]]
    """Standardised, each (T, F)."""
    decoding: Any
    n_best: int = 1


class SeriesPredictor(Predictor[Stretch, Found], Generic[Found, Answer]):
    """Answers to series of numbers; what one is does not depend on the others. Arguments: see Predictor."""

    model: EncoderHead

    def __init__(self, bundle: Bundle, device: torch.device | None = None) -> None:
        super().__init__(bundle, device)
        assert isinstance(bundle.config.source, SeriesSource)
        columns = bundle.vocabularies["source"]
        assert isinstance(columns, Columns)
        self.source, self.columns, self.decoding = bundle.config.source, columns, bundle.config.decoding
        self.max_source = bundle.max_source
        """Rows of the longest series of training."""
        if len(columns.mean) != self.source.features_of(len(columns.names)):
            raise RequestError("the model's columns.json does not suit its config; copy the model again")

    def rows(self, series: object, where: str) -> Rows:
        """A series from numbers (T, C), or (T,) of one column, or the path of a recording.

        RequestError, with `where`, for one that the model cannot read.
        """
        if isinstance(series, str | Path):
            found = read_recording(Path(series), str(series))
            if found.names and set(found.names) == set(self.columns.names):
                return found.rows[:, [found.names.index(name) for name in self.columns.names]]
            rows = found.rows
        else:
            try:
                values = np.asarray(series)
            except ValueError:
                values = np.empty(0, object)
            if values.dtype.kind not in "fiu":
                raise TypeError(f"{where} must be rows of numbers or the path of a recording")
            rows = finite(values[:, None] if values.ndim == 1 else values, where)
        self.columns.check(rows, where)
        return rows

    def _answers(self, series: Sequence[Any], decoding: Any, n_best: int = 1) -> list[Answer]:
        rows = [self.rows(one, f"series[{place}]") for place, one in enumerate(series)]
        batches = plan([len(one) for one in rows], decoding.batch)
        jobs = [
            Stretch([self.columns.ready(rows[place], self.source) for place in places], decoding, n_best)
            for places in batches
        ]
        found = self._deal(batches, jobs)
        return [self._answer(one, len(each)) for one, each in zip(found, rows, strict=True)]

    def _padded(self, job: Stretch) -> tuple[Tensor, Tensor]:
        features, lengths = stack(job.features)
        return features.to(self.device), lengths.to(self.device)

    @abstractmethod
    def __call__(self, series: Any) -> Any:
        """The answer to one series, or to a list of them."""

    @abstractmethod
    def _answer(self, found: Found, rows: int) -> Answer:
        """What people get of it, for a series of so many rows."""

    def _size(self, job: Stretch) -> str:
        longest = max(len(one) for one in job.features)
        return (
            f"a batch of {len(job.features):,} series of up to {longest:,} rows; lower --batch-tokens "
            f"(decoding.batch, {job.decoding.batch:,}), or cut long series up"
        )


class SeriesClassifier(SeriesPredictor[list[float], Classified]):
    """Predicts the class of series."""

    def __init__(self, bundle: Bundle, device: torch.device | None = None) -> None:
        super().__init__(bundle, device)
        labels = bundle.vocabularies["target"]
        assert isinstance(labels, Labels)
        self.labels = labels.names

    def __call__(self, series: ArrayLike | str | Path | Sequence[Any]) -> Any:
        """Classify one series, or a list of them: one answer (`Classified`) each, in their order.

        A series is an array (rows, columns), an array (rows,) of one column, or the path of a recording.

        Raises:
            RequestError: a series with other columns than the model's, with gaps, or that cannot be read.
            TypeError: something that is not a series.
            WorkError: the model computes something that is not a number, or memory does not suffice.
        """
        many = is_many(series)
        found: list[Classified] = self._answers(series if many else [series], self.decoding)  # type: ignore[arg-type]
        return found if many else found[0]

    def _search(self, job: Stretch) -> list[list[float]]:
        logits, _ = self.model(*self._padded(job))
        if not bool(torch.isfinite(logits).all()):
            raise broken_model()
        found: list[list[float]] = logits.double().softmax(1).tolist()
        return found

    def _answer(self, found: list[float], rows: int) -> Classified:
        ordered = sorted(zip(self.labels, found, strict=True), key=lambda one: -one[1])
        return Classified(ordered[0][0], dict(ordered))


class SeriesReader(SeriesPredictor[list[Reading], Transcript]):
    """Writes what series spell: pen strokes, speech; characters stand where they were found, in rows."""

    def __init__(self, bundle: Bundle, device: torch.device | None = None) -> None:
        super().__init__(bundle, device)
        self.charset = bundle.charset
        self.decoding: CtcDecoding
        self.prior: Prior[Any] | None = None
        """What is known of texts before a series is looked at."""

    def __call__(
        self, series: ArrayLike | str | Path | Sequence[Any], *, beam: int | None = None, n_best: int = 1
    ) -> Any:
        """Read one series, or a list of them: one `Transcript` each, in their order. For series see SeriesClassifier.

        Args:
            series: one or many.
            beam: prefixes kept; 1 is greedy. By default the config's.
            n_best: texts wanted of each, at most as many as the beam.
        """
        check_whole(beam=beam, n_best=n_best)
        try:
            decoding = self.decoding if beam is None else replace(self.decoding, beam=beam)
        except ValueError as error:
            raise RequestError(str(error)) from None
        if self.prior is not None and decoding.beam == 1:
            raise RequestError("a beam of 1 is greedy, and has no use for a language model or a lexicon; set 2 or more")
        check_n_best(n_best, decoding.beam)
        many = is_many(series)
        found: list[Transcript] = self._answers(series if many else [series], decoding, n_best)  # type: ignore[arg-type]
        return found if many else found[0]

    def _search(self, job: Stretch) -> list[list[Reading]]:
        return read_labels(self.model, *self._padded(job), job.decoding.beam, job.n_best, self.prior)

    def _answer(self, found: list[Reading], rows: int) -> Transcript:
        best, stride = found[0], self.model.encoder.stride
        characters = [
            Character(text, probability, min(start * stride, rows), min(end * stride, rows))
            for text, probability, (start, end) in zip(
                self.charset.pieces(best.tokens), best.probabilities, best.spans, strict=True
            )
        ]
        n_best = tuple(Alternative(self.charset.decode(one.tokens), one.score) for one in found)
        confidence = exp(best.log_prob / max(1, len(characters)))
        return Transcript(self.charset.decode(best.tokens), confidence, characters, n_best=n_best)


def is_many(series: object) -> bool:
    """Whether these are several series: a list of arrays, paths or lists of rows, and not one array or path."""
    if isinstance(series, str | Path) or not isinstance(series, Sequence):
        return False
    if not len(series):
        return True
    first = series[0]
    if isinstance(first, str | Path):
        return True
    return np.ndim(first) > 1 if isinstance(first, np.ndarray) else isinstance(first, Sequence) and _deep(first)


def _deep(rows: Sequence[Any]) -> bool:
    """Whether these are rows, and not the numbers of one."""
    return bool(len(rows)) and isinstance(rows[0], Sequence | np.ndarray)
