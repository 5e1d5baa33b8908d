"""What passes between the parts: the encoder's memory, what a decoder binds, its state and its output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

State = tuple[Tensor, ...]
"""The state of one recurrent layer: (h, c) of an LSTM, (h,) of a GRU or tanh RNN."""


@dataclass(frozen=True)
class Memory:
    """What an encoder found in a batch of inputs."""

    values: Tensor
    """(B, S, D) outputs of the last layer; zeros where the mask is False."""
    mask: Tensor
    """(B, S) bool, True at real steps."""
    lengths: Tensor
    """(B,) real steps of each row."""
    final: tuple[State, ...]
    """The last state of each layer, directions side by side: (B, D) tensors."""
    grid: tuple[int, int] | None = None
    """(rows, columns) when the S steps are a picture read row by row."""

    def select(self, sentences: Tensor) -> Memory:
        """Rows `sentences` (B',) of the batch."""
        final = tuple(tuple(part[sentences] for part in layer) for layer in self.final)
        return Memory(self.values[sentences], self.mask[sentences], self.lengths[sentences], final, self.grid)


@dataclass(frozen=True)
class Bound:
    """A memory made ready for one decoder: keys and values are projected once, however many steps follow."""

    memory: Memory
    keys: Tensor
    """(B, S, A) what queries are compared with."""
    values: Tensor
    """(B, S, C) what is averaged into contexts; (B, 1, C) a summary where the decoder has no attention."""

    def select(self, sentences: Tensor) -> Bound:
        """Rows `sentences` (B',) of the batch."""
        return Bound(self.memory.select(sentences), self.keys[sentences], self.values[sentences])


@dataclass(frozen=True)
class DecoderState:
    """All a decoder carries from step to step; every tensor is (B, K, width)."""

    layers: tuple[State, ...]
    """The state of each recurrent layer."""
    feed: Tensor | None = None
    """The last attentional vector, with input feeding."""

    def map(self, function: Callable[[Tensor], Tensor]) -> DecoderState:
        """The state with every tensor replaced."""
        layers = tuple(tuple(function(part) for part in layer) for layer in self.layers)
        return DecoderState(layers, None if self.feed is None else function(self.feed))

    def select(self, sentences: Tensor, parents: Tensor) -> DecoderState:
        """State of beams `parents` (B', K') of the rows `sentences` (B',)."""
        rows = sentences.unsqueeze(1)
        layers = tuple(tuple(part[rows, parents] for part in layer) for layer in self.layers)
        return DecoderState(layers, None if self.feed is None else self.feed[rows, parents])


@dataclass(frozen=True)
class Output:
    """What a decoder answers."""

    logits: Tensor
    """(B, T, V) over all steps, (B, K, V) for one step of K beams, (N, V) where only N positions were asked for."""
    attention: Tensor | None
    """(B, T, S) or (B, K, S) weights, the mean over heads; None without attention."""
    state: DecoderState
    """The state after the last step."""
