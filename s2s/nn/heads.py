"""Heads: from a memory straight to labels, one a step or one a row."""

from torch import Tensor, nn

from s2s.nn.memory import Memory


class TaggingHead(nn.Module):
    """A label for every step: many to many, in step."""

    def __init__(self, memory: int, labels: int) -> None:
        super().__init__()
        self.output = nn.Linear(memory, labels)

    def forward(self, memory: Memory) -> Tensor:
        """Logits (B, S, V)."""
        return self.output(memory.values)
