"""Encoders: from padded ids to a Memory."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from s2s.config import model as config
from s2s.nn.dropout import LockedDropout
from s2s.nn.embedding import Embedding
from s2s.nn.memory import Memory
from s2s.nn.recurrent import BidirectionalLayer


class RecurrentStack(nn.Module):
    """Recurrent layers with layer norm and locked dropout between the fused calls, and residual connections."""

    def __init__(self, part: config.Recurrent, inputs: int) -> None:
        super().__init__()
        self.residual = part.residual
        self.dropout = LockedDropout(part.dropout)
        self.layers, self.norms = nn.ModuleList(), nn.ModuleList()
        for _ in range(part.layers):
            layer = BidirectionalLayer(part.cell, inputs, part.hidden, part.bidirectional, part.weight_drop)
            self.layers.append(layer)
            self.norms.append(nn.LayerNorm(layer.width) if part.layer_norm else nn.Identity())
            inputs = layer.width
        self.width = inputs

    def forward(self, values: Tensor, lengths: Tensor) -> Memory:
        """Read `values` (B, S, D) of which each row has `lengths` (B,) real steps."""
        mask = torch.arange(values.shape[1], device=values.device) < lengths[:, None]
        final = []
        for number, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            outputs, state = layer(values, mask)
            outputs = self.dropout(norm(outputs))
            values = outputs + values if self.residual and number > 0 else outputs
            final.append(state)
        return Memory(values.masked_fill(~mask.unsqueeze(2), 0.0), mask, lengths, tuple(final))


class TextEncoder(nn.Module):
    """Embeddings and a recurrent stack."""

    stride = 1

    def __init__(self, part: config.Encoder, vocabulary: int) -> None:
        super().__init__()
        self.embedding = Embedding(vocabulary, part.embedding, part.embedding_dropout, part.word_dropout)
        self.stack = RecurrentStack(part, part.embedding)
        self.width = self.stack.width

    def forward(self, tokens: Tensor, lengths: Tensor) -> Memory:
        """Read `tokens` (B, S), padded on the right to the longest of `lengths` (B,)."""
        return self.stack(self.embedding(tokens), lengths)

    def out_lengths(self, lengths: Tensor) -> Tensor:
        """Steps of memory for inputs of `lengths` (B,): text is not shortened."""
        return lengths
