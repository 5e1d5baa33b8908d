"""Word vectors, which a decoder can also use as its softmax."""

import math

from torch import Tensor, nn

from s2s.nn.dropout import LockedDropout, WordDropout
from s2s.text.vocabulary import PAD


class Embedding(nn.Module):
    """Rows of N(0, 1/D), scaled back to unit variance on the way in: the same table then serves as a softmax."""

    def __init__(self, vocabulary: int, width: int, dropout: float, word_dropout: float) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary, width, padding_idx=PAD)
        if not self.table.weight.is_meta:
            nn.init.normal_(self.table.weight, std=width**-0.5)
            nn.init.zeros_(self.table.weight.detach()[PAD])
        self.scale = math.sqrt(width)
        self.dropout, self.word_dropout = LockedDropout(dropout), WordDropout(word_dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """Vectors (B, T, D) of `tokens` (B, T)."""
        return self.word_dropout(self.dropout(self.table(tokens) * self.scale))
