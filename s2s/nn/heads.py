"""Heads: from a memory straight to labels, one a step or one a row."""

from torch import Tensor, nn

from s2s.nn.memory import Memory
from s2s.text.vocabulary import EOS

BLANK = 0
"""The label of CTC that writes nothing."""
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
