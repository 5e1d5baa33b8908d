"""From the pieces of sentences to a Memory with a step a word."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from s2s.config import model as config
from s2s.nn.embedding import Embedding
from s2s.nn.encoders import RecurrentStack, TextEncoder
from s2s.nn.memory import Memory


class WordEncoder(nn.Module):
    """Recurrent layers over words, each made of what an encoder has at its pieces in the sentence.

    Beside that, if there are `buckets`, stands an embedding of the word as a whole: its pieces are hashed to a row of a
    table, so that no list of words is needed (Svenstrup et al. 2017, with one hash).

    Args:
        pieces: reads the pieces.
        part: the layers over words.
        pooling: what stands for a word; see `s2s.config.target.TagsTarget`.
    """

    stride = 1

    def __init__(self, pieces: TextEncoder, part: config.Words, pooling: Literal["ends", "first", "mean"]) -> None:
        super().__init__()
        self.pieces, self.pooling, self.buckets = pieces, pooling, part.buckets
        width = pieces.width * (2 if pooling == "ends" else 1)
        if part.buckets:
            self.embedding = Embedding(part.buckets + 1, part.embedding, part.embedding_dropout, part.word_dropout)
            width += part.embedding
        self.words = RecurrentStack(part, width)
        self.width = self.words.width

    def forward(self, tokens: Tensor, sizes: Tensor) -> Memory:
        """Read `tokens` (B, S), each row its words and EOS, padded on the right, into a step of memory a word.

        `sizes` (B, W) is how many tokens each word has, 0 behind the last word of a row.
        """
        values = self._pool(self.pieces(tokens, sizes.sum(1) + 1).values, sizes)
        if self.buckets:
            values = torch.cat([values, self.embedding(buckets(tokens, sizes, self.buckets))], 2)
        return self.words(values, (sizes > 0).sum(1))

    def _pool(self, values: Tensor, sizes: Tensor) -> Tensor:
        """What stands for each word (B, W, D) of outputs at pieces (B, S, D)."""
        ends = sizes.cumsum(1)
        starts = ends - sizes
        if self.pooling == "mean":
            # Sums are of one row and float64: no word depends on rounding in the sums before it.
            sums = pad(values.double().cumsum(1), (0, 0, 1, 0))
            return ((_at(sums, ends) - _at(sums, starts)) / sizes.clamp(min=1).unsqueeze(2)).to(values.dtype)
        first = _at(values, starts)
        return first if self.pooling == "first" else torch.cat([first, _at(values, (ends - 1).clamp(min=0))], 2)


def buckets(tokens: Tensor, sizes: Tensor, count: int) -> Tensor:
    """A number from 1 to `count` for each word (B, W), the same wherever its pieces are the same; 0 behind the last."""
    ends = sizes.cumsum(1)
    steps = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens).contiguous()
    word = torch.searchsorted(ends, steps, right=True)  # behind the last word: W
    inside = steps - pad(ends, (1, 0)).gather(1, word)
    sums = pad(_mix(tokens * _PRIMES[0] + inside * _PRIMES[1]).cumsum(1), (1, 0))  # all modulo 2 ** 64
    hashed = _mix(sums.gather(1, ends) - sums.gather(1, ends - sizes))
    return ((hashed & _POSITIVE) % count + 1) * (sizes > 0)


_PRIMES = (0x9E3779B1, 0x85EBCA77)
_POSITIVE = 2**63 - 1


def _mix(values: Tensor) -> Tensor:
    """Integers whose every bit depends on many of the given ones (Steele et al. 2014)."""
    values = (values ^ (values >> 30)) * -0x40A7B892E31B1A47  # 0xBF58476D1CE4E5B9
    return values ^ (values >> 27)


def _at(values: Tensor, places: Tensor) -> Tensor:
    """Steps `places` (B, W) of `values` (B, S, D)."""
    return values.gather(1, places.unsqueeze(2).expand(-1, -1, values.shape[2]))
