"""Phrases that must or must not stand in an output, as text, whatever the subwords it is cut into.

A phrase stands by itself: where it begins or ends with a letter or digit, none stands right beside it there, in
languages with spaces between words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from s2s.search.written import Written

_CHARACTER = 4
"""Bytes of the longest."""


class Phrase:
    """One of them.

    Args:
        text: what it is.
        spaced: whether the language has spaces between words.
        ends: how many of its bytes are written after each of its subwords; by default, each is one.
    """

    def __init__(self, text: str, spaced: bool, ends: Sequence[int] | None = None) -> None:
        self.text, self.data, self.spaced = text, text.encode(), spaced
        self.ends = range(1, len(self.data) + 1) if ends is None else ends
        # Whether a letter or digit beside its beginning, and its end, would make it part of a word.
        self.joins = [spaced and bool(re.match(r"\w", text[place])) for place in (0, -1)]
        left, right = (
            pattern if joins else "" for pattern, joins in zip((r"(?<!\w)", r"(?!\w)"), self.joins, strict=True)
        )
        self._pattern = re.compile(left + re.escape(text) + right)

    def stands_in(self, written: bytes) -> bool:
        """Whether it does; at the end of what is written too, where a letter could still follow."""
        return self._pattern.search(written.decode(errors="replace")) is not None

    def begun(self, written: bytes) -> int:
        """How many bytes of it, not all, end what is written; the most there can be."""
        for size in range(min(len(self.data) - 1, len(written)), 0, -1):
            if written.endswith(self.data[:size]) and not (self.joins[0] and _in_word(written[:-size])):
                return size
        return 0

    def done(self, written: bytes) -> int:
        """How many of its subwords end what is written."""
        return bisect_right(self.ends, self.begun(written))

    def rests(self, written: bytes) -> list[bytes]:
        """What can be written for it to stand there, the shortest first."""
        size = self.begun(written)
        if size:
            return [self.data[size:]]
        if self.joins[0] and _in_word(written):
            return [b" " + self.data]
        if written.endswith(b" ") or (written and not self.spaced):
            return [self.data]
        return [self.data, b" " + self.data]


def _in_word(written: bytes) -> bool:
    return bool(re.match(r"\w", written[-_CHARACTER:].decode(errors="replace")[-1:]))


class Forbidden:
    """A demand: some phrases stand in no output, nor in its beginning after any token.

    The latter forbids a longer word too, where it is cut behind the phrase; other segmentations of it stay.
    """

    def __init__(self, phrases: Sequence[Phrase], written: Written) -> None:
        self.phrases, self.written = phrases, written
        self._reach = max(len(phrase.data) for phrase in phrases) + 2 * _CHARACTER
        self._holding = [written.holding(phrase.data) for phrase in phrases]
        self._after = lru_cache(2**14)(self._look)

    def lower(self, log_probs: Tensor, tokens: Tensor) -> None:
        """See Demand."""
        for row, slots in enumerate(tokens.tolist()):
            for slot, hypothesis in enumerate(slots):
                against = self._after(self.written.text(hypothesis)[-self._reach :])
                if len(against):
                    log_probs[row, slot, against.to(log_probs.device)] = -torch.inf

    def select(self, sentences: Tensor) -> Forbidden:
        """See Demand."""
        return self

    def _look(self, written: bytes) -> Tensor:
        """The tokens with which one of the phrases would stand behind what is written."""
        against: set[int] = set()
        for phrase, holding in zip(self.phrases, self._holding, strict=True):
            sizes = [size for size in range(1, len(phrase.data)) if written.endswith(phrase.data[:size])]
            candidates = {*holding, *(token for size in sizes for token in self.written.beyond(phrase.data[size:]))}
            against |= {token for token in candidates if phrase.stands_in(written + self.written.texts[token])}
        return torch.tensor(sorted(against))
