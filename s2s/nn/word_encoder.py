"""From the pieces of sentences to a Memory with a step a word."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from s2s.config import model as config
from s2s.nn.encoders import RecurrentStack, TextEncoder
from s2s.nn.memory import Memory


class WordEncoder(nn.Module):
    """Recurrent layers over words, each made of what an encoder has at its pieces in the sentence.

    Args:
        pieces: reads the pieces.
        part: the layers over words.
        pooling: what stands for a word; see `s2s.config.target.TagsTarget`.
    """

    stride = 1

    def __init__(self, pieces: TextEncoder, part: config.Recurrent, pooling: Literal["ends", "first", "mean"]) -> None:
        super().__init__()
        self.pieces, self.pooling = pieces, pooling
        self.words = RecurrentStack(part, pieces.width * (2 if pooling == "ends" else 1))
        self.width = self.words.width

    def forward(self, tokens: Tensor, sizes: Tensor) -> Memory:
        """Read `tokens` (B, S), each row its words and EOS, padded on the right, into a step of memory a word.

        `sizes` (B, W) is how many tokens each word has, 0 behind the last word of a row.
        """
        values = self.pieces(tokens, sizes.sum(1) + 1).values
        return self.words(self._pool(values, sizes), (sizes > 0).sum(1))

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


def _at(values: Tensor, places: Tensor) -> Tensor:
    """Steps `places` (B, W) of `values` (B, S, D)."""
    return values.gather(1, places.unsqueeze(2).expand(-1, -1, values.shape[2]))
