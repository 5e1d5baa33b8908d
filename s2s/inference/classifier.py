"""Text to a class with a trained model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import overload

import torch

from s2s.bundle.bundle import Bundle
from s2s.config.source import TextSource
from s2s.config.training import TokenBatches
from s2s.inference.batching import plan
from s2s.inference.predictor import Predictor
from s2s.inference.strings import strings
from s2s.nn.model import EncoderHead
from s2s.search.broken import broken_model
from s2s.text.labels import Labels
from s2s.text.normalisation import is_blank, normalise
from s2s.text.vocabulary import EOS, PAD


@dataclass(frozen=True)
class Classified:
    """The answer to one input text."""

    label: str
    """The most probable class; empty for a blank input."""
    probabilities: dict[str, float] = field(default_factory=dict)
    """Of every class, the most probable first; none for a blank input."""
    parts: int = 1
    """More than 1 if the input was longer than what training saw and was read in so many windows."""

    @property
    def text(self) -> str:
        """The label, as what other predictors answer is called."""
        return self.label

    @property
    def probability(self) -> float:
        """Of the label; 0 for a blank input."""
        return self.probabilities.get(self.label, 0.0)


@dataclass(frozen=True)
class Windows:
    """Inputs, or windows of them, that go through the model together."""

    sources: list[list[int]]
    """The subwords of each, and EOS."""
    budget: int
    """The most padded tokens of a batch, for people."""


class Classifier(Predictor[Windows, list[float]]):
    """Predicts the class of texts; what one is does not depend on the others. Arguments: see Predictor.

    Nothing is cut: an input longer than what training saw (`bundle.max_source`) is read in windows of that length at
    most, and its probabilities are the means of theirs, weighted by their lengths.
    """

    model: EncoderHead

    def __init__(self, bundle: Bundle, device: torch.device | None = None) -> None:
        super().__init__(bundle, device)
        assert isinstance(bundle.config.batches, TokenBatches)
        assert isinstance(bundle.config.source, TextSource)
        labels = bundle.vocabularies["target"]
        assert isinstance(labels, Labels)
        self.labels = labels.names
        self.vocabulary = bundle.vocabularies["source"]
        self.normalization = bundle.config.source.vocabulary.normalization
        self.max_source = bundle.max_source or bundle.config.batches.max_length

    @overload
    def __call__(self, texts: str) -> Classified: ...  # type: ignore[overload-overlap]  # see Translator

    @overload
    def __call__(self, texts: Sequence[str]) -> list[Classified]: ...

    def __call__(self, texts: str | Sequence[str]) -> Classified | list[Classified]:
        """Classify one text, or many: one answer each, in their order; blank texts have no class.

        Raises:
            TypeError: something that is not a string, or many in no order.
            WorkError: the model computes something that is not a number, or memory does not suffice.
        """
        lines = [normalise(text, self.normalization) for text in strings(texts)]
        known = list(dict.fromkeys(line for line in lines if not is_blank(line)))  # a text repeated is read once
        windows = [self._windows(line) for line in known]
        flat = [window for each in windows for window in each]
        batches = plan([len(window) for window in flat], self.config.decoding.batch)
        jobs = [Windows([flat[place] for place in places], self.config.decoding.batch) for places in batches]
        probabilities = iter(self._deal(batches, jobs))
        answers = {
            line: self._answer(each, [next(probabilities) for _ in each])
            for line, each in zip(known, windows, strict=True)
        }
        results = [answers.get(line, Classified("")) for line in lines]
        return results[0] if isinstance(texts, str) else results

    def _windows(self, text: str) -> list[list[int]]:
        """The subwords of a text, in as few parts of about the same length as are within what training saw."""
        ids = self.vocabulary.encode(text)
        count = max(1, -(-len(ids) // self.max_source))
        borders = [len(ids) * number // count for number in range(count + 1)]
        return [[*ids[start:end], EOS] for start, end in pairwise(borders)]

    def _answer(self, windows: list[list[int]], found: list[list[float]]) -> Classified:
        weights = [len(window) for window in windows]
        means = [
            sum(weight * one for weight, one in zip(weights, column, strict=True)) / sum(weights)
            for column in zip(*found, strict=True)
        ]
        ordered = sorted(zip(self.labels, means, strict=True), key=lambda one: -one[1])
        return Classified(ordered[0][0], dict(ordered), len(windows))

    def _search(self, job: Windows) -> list[list[float]]:
        lengths = torch.tensor([len(source) for source in job.sources])
        width = int(lengths.max())
        padded = torch.tensor([source + [PAD] * (width - len(source)) for source in job.sources])
        logits, _ = self.model(padded.to(self.device), lengths.to(self.device))
        if not bool(torch.isfinite(logits).all()):
            raise broken_model()
        found: list[list[float]] = logits.double().softmax(1).tolist()
        return found

    def _size(self, job: Windows) -> str:
        longest = max(len(source) for source in job.sources)
        return (
            f"a batch of {len(job.sources):,} texts of up to {longest:,} subwords; lower --batch-tokens "
            f"(decoding.batch, {job.budget:,})"
        )
