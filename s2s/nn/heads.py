"""Heads: from a memory straight to labels, one a step or one a row."""

from typing import Literal

import torch
from torch import Tensor, nn

from s2s.nn.memory import Memory
from s2s.text.vocabulary import EOS

BLANK = 0
"""The label of CTC that writes nothing."""
FIRST_LABEL = EOS + 1
"""A class is the id of its label less this."""
SHIFT = EOS
"""A label is the id of its character less this: characters count from 1, and blank sits where the end of text would."""


class TaggingHead(nn.Module):
    """A label for every step: many to many, in step."""

    def __init__(self, memory: int, labels: int) -> None:
        super().__init__()
        self.output = nn.Linear(memory, labels)

    def forward(self, memory: Memory) -> Tensor:
        """Logits (B, S, V)."""
        return self.output(memory.values)


class CTCHead(nn.Module):
    """Labels of connectionist temporal classification: blank 0, then the characters of a charset from 1.

    Args:
        memory: width D of the memory.
        vocabulary: ids of the charset, the four specials included; V = vocabulary - 3.
    """

    def __init__(self, memory: int, vocabulary: int) -> None:
        super().__init__()
        self.output = nn.Linear(memory, vocabulary - SHIFT)

    def forward(self, memory: Memory) -> Tensor:
        """Logits (B, S, V)."""
        return self.output(memory.values)


class LabelHead(nn.Module):
    """One class for the whole memory: many to one.

    Args:
        memory: width D of the memory.
        vocabulary: ids of the labels, the four specials included; V = vocabulary - 4.
        pooling: what stands for all steps; see `s2s.config.target.LabelTarget`.
    """

    def __init__(
        self, memory: int, vocabulary: int, pooling: Literal["mean", "max", "last", "attention"] = "mean"
    ) -> None:
        super().__init__()
        self.pooling = pooling
        self.output = nn.Linear(memory, vocabulary - FIRST_LABEL)
        if pooling == "attention":  # Yang et al. 2016, equations 5 to 7
            self.keys, self.query = nn.Linear(memory, memory), nn.Linear(memory, 1, bias=False)

    def forward(self, memory: Memory) -> Tensor:
        """Logits (B, V)."""
        return self.output(self._pool(memory))

    def _pool(self, memory: Memory) -> Tensor:
        """What stands for each row (B, D)."""
        outside = ~memory.mask.unsqueeze(2)  # (B, S, 1)
        match self.pooling:
            case "last":
                return memory.final[-1][0]
            case "max":
                return memory.values.masked_fill(outside, float("-inf")).amax(1)
            case "attention":
                scores = self.query(torch.tanh(self.keys(memory.values)))
                return (scores.masked_fill(outside, float("-inf")).softmax(1) * memory.values).sum(1)
            case _:
                return memory.values.sum(1) / memory.lengths[:, None]  # values are zero outside
