"""Text to a tag for each of its words with a trained model."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from s2s.text.normalisation import is_blank
from s2s.text.subwords import Subwords
from s2s.text.tags import Tags, joined, normalise_words, words
from s2s.text.vocabulary import EOS, PAD

Found = list[tuple[int, float]]
"""The tag of each word, counted from 0, and its probability."""


@dataclass(frozen=True)
class Tagged:
    """The answer to one sentence."""

    words: tuple[str, ...] = ()
    """As they were given; none of a blank input."""
    tags: tuple[str, ...] = ()
    """The most probable tag of each."""
    probabilities: tuple[float, ...] = ()
    """Of each of those tags."""
    parts: int = 1
    """More than 1 if the input was longer than what training saw and was read in so many windows."""

    @property
    def text(self) -> str:
        """The tags, separated by spaces."""
        return " ".join(self.tags)


@dataclass(frozen=True)
class Sentences:
    """Inputs, or windows of them, that go through the model together."""

    words: list[list[list[int]]]
    """The subwords of each word of each."""
    budget: int
    """The most padded tokens of a batch, for people."""


class SequenceTagger(Predictor[Sentences, Found]):
    """Predicts the tag of each word; what it is does not depend on other inputs. Arguments: see Predictor.

    Words are what spaces or tabs separate. Nothing is cut: an input longer than what training saw (`bundle.max_source`)
    is read in windows of that length at most, each of whole words.
    """

    model: EncoderHead

    def __init__(self, bundle: Bundle, device: torch.device | None = None) -> None:
        super().__init__(bundle, device)
        assert isinstance(bundle.config.batches, TokenBatches)
        assert isinstance(bundle.config.source, TextSource)
        tags, vocabulary = bundle.vocabularies["target"], bundle.vocabularies["source"]
        assert isinstance(tags, Tags)
        assert isinstance(vocabulary, Subwords)
        self.tags, self.vocabulary = tags.names, vocabulary
        self.normalization = bundle.config.source.vocabulary.normalization
        self.max_source = bundle.max_source or bundle.config.batches.max_length

    @overload
    def __call__(self, texts: str) -> Tagged: ...  # type: ignore[overload-overlap]  # see Translator

    @overload
    def __call__(self, texts: Sequence[str] | Sequence[Sequence[str]]) -> list[Tagged]: ...

    def __call__(self, texts: str | Sequence[str] | Sequence[Sequence[str]]) -> Tagged | list[Tagged]:
        """Tag one sentence, or many: one answer each, in their order; blank ones have no tags.

        A sentence of many may also be a sequence of its words, which then may have spaces inside.

        Raises:
            TypeError: something that is no sentence, or many in no order.
            WorkError: the model computes something that is not a number, or memory does not suffice.
        """
        if not isinstance(texts, str) and isinstance(texts, Sequence):
            lines = strings([text if isinstance(text, str) else joined(strings(text)) for text in texts])
        else:
            lines = strings(texts)
        known = list(dict.fromkeys(line for line in lines if not is_blank(line)))  # a sentence repeated is read once
        windows = [self._windows(line) for line in known]
        flat = [window for each in windows for window in each]
        batches = plan([_size(window) for window in flat], self.config.decoding.batch)
        jobs = [Sentences([flat[place] for place in places], self.config.decoding.batch) for places in batches]
        found = iter(self._deal(batches, jobs))
        answers = {
            line: self._answer(line, [next(found) for _ in each]) for line, each in zip(known, windows, strict=True)
        }
        results = [answers.get(line, Tagged()) for line in lines]
        return results[0] if isinstance(texts, str) else results

    def _windows(self, text: str) -> list[list[list[int]]]:
        """The subwords of each word of a text, in parts that are within what training saw; a part is a word or more."""
        pieces = self.vocabulary.words(normalise_words(text, self.normalization))
        parts: list[list[list[int]]] = []
        size = self.max_source + 1
        for ids in [list(self.vocabulary.segment(word)) for word in pieces]:
            size += len(ids)
            if size > self.max_source:
                parts.append([])
                size = len(ids)
            parts[-1].append(ids)
        return parts

    def _answer(self, text: str, found: list[Found]) -> Tagged:
        numbers, probabilities = zip(*(one for each in found for one in each), strict=True)
        return Tagged(tuple(words(text)), tuple(self.tags[one] for one in numbers), probabilities, len(found))

    def _search(self, job: Sentences) -> list[Found]:
        tokens = [[*(piece for word in sentence for piece in word), EOS] for sentence in job.words]
        longest, most = max(map(len, tokens)), max(map(len, job.words))
        padded = torch.tensor([one + [PAD] * (longest - len(one)) for one in tokens])
        sizes = torch.tensor([[len(word) for word in one] + [0] * (most - len(one)) for one in job.words])
        logits, lengths = self.model(padded.to(self.device), sizes.to(self.device))
        real = torch.arange(most, device=lengths.device) < lengths[:, None]
        if not bool(torch.isfinite(logits[real]).all()):
            raise broken_model()
        best = logits.double().softmax(2).max(2)
        return [
            list(zip(numbers, probabilities, strict=True))[: len(sentence)]
            for numbers, probabilities, sentence in zip(
                best.indices.tolist(), best.values.tolist(), job.words, strict=True
            )
        ]

    def _size(self, job: Sentences) -> str:
        longest = max(map(_size, job.words))
        return (
            f"a batch of {len(job.words):,} sentences of up to {longest:,} subwords; lower --batch-tokens "
            f"(decoding.batch, {job.budget:,})"
        )


def _size(sentence: list[list[int]]) -> int:
    """Its tokens, EOS included."""
    return sum(map(len, sentence)) + 1
