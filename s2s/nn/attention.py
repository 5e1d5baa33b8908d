"""Attention: how much each source step matters to a query. The same code serves all target steps and all beams."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from s2s.config import model as config
from s2s.nn.memory import Bound, Memory


class SingleHead(nn.Module, ABC):
    """One set of weights over the memory's own values; a kind says how queries and keys are compared."""

    def __init__(self, memory: int, dropout: float) -> None:
        super().__init__()
        self.context = memory
        """Width of the contexts."""
        self.dropout = nn.Dropout(dropout)

    def bind(self, memory: Memory) -> Bound:
        """Project keys (and values) of a memory, once for all steps."""
        return Bound(memory, self.keys(memory.values), memory.values)

    def keys(self, values: Tensor) -> Tensor:
        """Keys (B, S, A) of the memory's values (B, S, D)."""
        return values

    @abstractmethod
    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Compare `queries` (B, T, H) with `keys` (B, S, A): (B, T, S) scores."""

    def forward(self, queries: Tensor, bound: Bound) -> tuple[Tensor, Tensor]:
        """Contexts (B, T, C) for `queries` (B, T, H), and the weights (B, T, S), zero where nothing is."""
        scores = self.scores(queries, bound.keys)
        weights = masked_softmax(scores, bound.memory.mask.unsqueeze(1))
        return self.dropout(weights) @ bound.values, weights


class Dot(SingleHead):
    """Luong et al. 2015, dot: the query itself, so H must equal D."""

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Inner products."""
        return queries @ keys.transpose(1, 2)


class General(SingleHead):
    """Luong et al. 2015, general: a matrix between query and key."""

    def __init__(self, query: int, memory: int, dropout: float) -> None:
        super().__init__(memory, dropout)
        self.key = nn.Linear(memory, query, bias=False)

    def keys(self, values: Tensor) -> Tensor:
        """The matrix is applied to the memory, which is projected once, rather than to every query."""
        return self.key(values)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Inner products."""
        return queries @ keys.transpose(1, 2)


class Additive(SingleHead):
    """Bahdanau et al. 2015: v . tanh(W query + U key)."""

    def __init__(self, query: int, memory: int, size: int, dropout: float) -> None:
        super().__init__(memory, dropout)
        self.query = nn.Linear(query, size, bias=False)
        self.key = nn.Linear(memory, size)
        self.score = nn.Linear(size, 1, bias=False)

    def keys(self, values: Tensor) -> Tensor:
        """U key."""
        return self.key(values)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """(B, T, S, A) sums pass through the tanh: the most expensive kind in memory."""
        return self.score(torch.tanh(self.query(queries).unsqueeze(2) + keys.unsqueeze(1))).squeeze(3)


class MultiHead(nn.Module):
    """Vaswani et al. 2017: scaled inner products in `heads` subspaces, as in RNMT+ (Chen et al. 2018)."""

    def __init__(self, query: int, memory: int, size: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.context, self.heads = size, heads
        self.dropout = nn.Dropout(dropout)
        self.query = nn.Linear(query, size)
        self.key = nn.Linear(memory, size)
        self.value = nn.Linear(memory, size)

    def bind(self, memory: Memory) -> Bound:
        """Keys and values, each projected into all subspaces at once."""
        return Bound(memory, self.key(memory.values), self.value(memory.values))

    def forward(self, queries: Tensor, bound: Bound) -> tuple[Tensor, Tensor]:
        """Contexts (B, T, A), heads side by side, and the mean weights (B, T, S) over the heads."""
        queries, keys, values = (self._split(part) for part in (self.query(queries), bound.keys, bound.values))
        scores = queries @ keys.transpose(2, 3) / math.sqrt(queries.shape[3])
        weights = masked_softmax(scores, bound.memory.mask[:, None, None])
        contexts = self.dropout(weights) @ values
        return contexts.transpose(1, 2).flatten(2), weights.mean(1)

    def _split(self, values: Tensor) -> Tensor:
        """(B, T, A) to (B, heads, T, A / heads)."""
        return values.unflatten(2, (self.heads, -1)).transpose(1, 2)


def masked_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the last dimension, exactly zero where `mask` is False; all zeros where nothing is left."""
    weights = scores.masked_fill(~mask, -torch.inf).softmax(-1)
    return torch.where(mask, weights, 0.0)


def build_attention(part: config.Attention, query: int, memory: int) -> SingleHead | MultiHead:
    """The attention a config asks for; `query` and `memory` are the widths of what meets in it."""
    if part.kind == "dot":
        return Dot(memory, part.dropout)
    if part.kind == "general":
        return General(query, memory, part.dropout)
    if part.kind == "additive":
        return Additive(query, memory, part.size, part.dropout)
    return MultiHead(query, memory, part.size, part.heads, part.dropout)
