"""A split's sentences in memory as words, segmented into subwords anew every epoch as a pure function of the seed.

A sentence is a run of word numbers; a word has one or more segmentations. Which one a word takes in an epoch is decided
by a counter-based hash of (seed, epoch, side, position), so every process, at any time, in any order, sees the same
subwords, and the lengths of a whole epoch cost a few vector operations.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Segmenter(Protocol):
    """What a corpus needs of a vocabulary."""

    def words(self, text: str) -> list[str]:
        """Split a text into the words that are segmented on their own."""
        ...

    def segment(self, word: str) -> Sequence[int]:
        """Ids of a word in its best segmentation."""
        ...

    def alternatives(self, word: str, alpha: float) -> tuple[list[list[int]], list[float]]:
        """Segmentations of a word to sample from, and their probabilities."""
        ...


class Side:
    """One language of a split.

    Args:
        lines: its sentences.
        vocabulary: splits them into words and words into subwords.
        sample: probability that a word takes a random segmentation instead of its best one.
        alpha: see `Subwords.alternatives`.
        seed: of the sampling.
        stream: distinguishes the two sides of a pair in the sampling.
        longest: a sampled sentence longer than so many subwords keeps its best segmentation (where that fits).
    """

    def __init__(
        self,
        lines: Sequence[str],
        vocabulary: Segmenter,
        *,
        sample: float = 0.0,
        alpha: float = 1.0,
        seed: int = 0,
        stream: int = 0,
        longest: int | None = None,
    ) -> None:
        self.sample, self.seed, self.stream, self.longest = sample, seed, stream, longest
        number: dict[str, int] = {}
        words = [[number.setdefault(word, len(number)) for word in vocabulary.words(line)] for line in lines]
        self._starts = _offsets(np.fromiter(map(len, words), np.int64, len(words)))
        self._words = np.fromiter((word for line in words for word in line), np.int32, self._starts[-1])
        self._tabulate(list(number), vocabulary, alpha)

    def _tabulate(self, words: list[str], vocabulary: Segmenter, alpha: float) -> None:
        """One flat table of all segmentations of all words: each word's best one, then those it is sampled from."""
        segmentations: list[Sequence[int]] = []
        first, ends = [], []
        for number, word in enumerate(words):
            first.append(len(segmentations))
            segmentations.append(vocabulary.segment(word))
            ends.append(np.full(1, float(number)))
            if self.sample:
                options, weights = vocabulary.alternatives(word, alpha)
                segmentations.extend(options)
                ends.append(number + np.cumsum(weights) / np.sum(weights))
        self._first = np.asarray([*first, len(segmentations)], np.int64)
        self._ends = np.concatenate(ends) if ends else np.zeros(0)  # word number + cumulative probability
        self._sizes = np.fromiter(map(len, segmentations), np.int64, len(segmentations))
        self._pieces_at = _offsets(self._sizes)
        self._pieces = np.fromiter((piece for ids in segmentations for piece in ids), np.int32, self._pieces_at[-1])

    def __len__(self) -> int:
        return len(self._starts) - 1

    def take(self, rows: Ints) -> None:
        """Keep only these sentences, in this order."""
        at, starts = _gather(self._starts, rows)
        self._words, self._starts = self._words[at], starts

    def lengths(self, epoch: int | None) -> Ints:
        """Subwords of every sentence in an epoch (N,); None asks for the best segmentations."""
        return self._choose(epoch, np.arange(len(self._words)), self._starts)[1]

    def segment(self, epoch: int | None, rows: Ints) -> tuple[Ints, Ints]:
        """Subwords of some sentences, one after the other, and how many each has (len(rows),)."""
        at, starts = _gather(self._starts, rows)
        choice, lengths = self._choose(epoch, at, starts)
        return self._pieces[_gather(self._pieces_at, choice)[0]].astype(np.int64), lengths

    def words(self, epoch: int | None, rows: Ints) -> tuple[Ints, Ints]:
        """Subwords of every word of some sentences, one after the other, and how many words each sentence has."""
        at, starts = _gather(self._starts, rows)
        return self._sizes[self._choose(epoch, at, starts)[0]], np.diff(starts)

    def _choose(self, epoch: int | None, at: Ints, starts: Ints) -> tuple[Ints, Ints]:
        """The segmentation of the words at some positions, and the subwords of the sentences that begin at `starts`."""
        words = self._words[at]
        best = self._first[words]
        lengths = _sums(self._sizes[best], starts)
        if not self.sample or epoch is None:
            return best, lengths
        draw = _hash(at.astype(np.uint64) * _GOLDEN + _key(self.seed, epoch, self.stream))
        sampled = np.flatnonzero(_uniform(draw) < self.sample)
        choice = best.copy()
        point = words[sampled] + _uniform(_hash(draw[sampled]))
        found = np.searchsorted(self._ends, point, side="right")
        choice[sampled] = np.minimum(found, self._first[words[sampled] + 1] - 1)  # where rounding reached the next word
        sizes = _sums(self._sizes[choice], starts)
        if self.longest is not None and (sizes > self.longest).any():
            back = np.repeat(sizes > self.longest, np.diff(starts))
            choice[back] = best[back]
            sizes = np.where(sizes > self.longest, lengths, sizes)
        return choice, sizes


class Corpus:
    """A parallel split: two sides of which the pairs too long to train on are left out.

    Args:
        source: sentences, line by line.
        target: their translations.
        source_vocabulary: the segmentation of the source.
        target_vocabulary: the segmentation of the target.
        max_length: longest sentence in subwords, either side; longer pairs are left out and counted in `too_long`.
        max_sampled: longest sentence that sampling may make; by default max_length.
        sample: see `Side`.
        alpha: see `Subwords.alternatives`.
        seed: of the sampling.
        target_sampling: sample and alpha of the target; by default those of the source.
    """

    def __init__(
        self,
        source: Sequence[str],
        target: Sequence[str],
        source_vocabulary: Segmenter,
        target_vocabulary: Segmenter,
        *,
        max_length: int,
        max_sampled: int | None = None,
        sample: float = 0.0,
        alpha: float = 1.0,
        seed: int = 0,
        target_sampling: tuple[float, float] | None = None,
    ) -> None:
        longest = max_length if max_sampled is None else max_sampled
        sides = (
            (source, source_vocabulary, (sample, alpha)),
            (target, target_vocabulary, target_sampling or (sample, alpha)),
        )
        self.source, self.target = (
            Side(lines, vocabulary, sample=share, alpha=power, seed=seed, stream=stream, longest=longest)
            for stream, (lines, vocabulary, (share, power)) in enumerate(sides)
        )
        longer = np.maximum(self.source.lengths(None), self.target.lengths(None))
        self.lines = np.flatnonzero(longer <= max_length)
        """The line number (from 0) of every pair that is kept."""
        self.too_long = len(longer) - len(self.lines)
        self.longest = int(longer.max(initial=0))
        """Subwords of the longest side of a pair, kept or not."""
        if self.too_long:
            self.source.take(self.lines)
            self.target.take(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def lengths(self, epoch: int | None) -> tuple[Ints, Ints]:
        """Source and target subwords of every pair (N,), end marks included; None asks for the best segmentations."""
        return self.source.lengths(epoch) + 1, self.target.lengths(epoch) + 1


def _offsets(sizes: Ints) -> Ints:
    """Where each of some runs begins when they are laid end to end, and where the last one ends."""
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts


def _gather(starts: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Flat positions of the items of some runs, and where each of those runs begins in the result."""
    sizes = starts[rows + 1] - starts[rows]
    new = _offsets(sizes)
    return np.repeat(starts[rows] - new[:-1], sizes) + np.arange(new[-1]), new


def _sums(values: Ints, starts: Ints) -> Ints:
    """Sum of every run."""
    total = _offsets(values)
    return total[starts[1:]] - total[starts[:-1]]


def _hash(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele et al. 2014): a bijection of 64 bits whose outputs look random."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _key(*numbers: int) -> NDArray[np.uint64]:
    """A 64-bit key (1,) made of some numbers."""
    key = np.zeros(1, np.uint64)
    for number in numbers:
        key = _hash(key + _GOLDEN + np.uint64(number))
    return key


def _uniform(x: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Uniform numbers in [0, 1) from the upper 53 bits."""
    return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53
