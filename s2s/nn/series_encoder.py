"""The encoder of series: from rows of features to a Memory with a step every few rows."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from s2s.config.model import Recurrent
from s2s.config.series import SeriesSource
from s2s.nn.dropout import LockedDropout
from s2s.nn.encoders import RecurrentStack
from s2s.nn.memory import Memory


class SeriesEncoder(nn.Module):
    """Convolutions over time with layer norm, and recurrent layers.

    Padding is zeroed before every convolution, so that a row sees the same beyond the end of its series whatever else
    is in the batch.
    """

    def __init__(self, source: SeriesSource, layers: Recurrent, columns: int) -> None:
        super().__init__()
        front = source.front
        self.stride, inputs = front.stride, source.features_of(columns)
        self.convolutions, self.norms = nn.ModuleList(), nn.ModuleList()
        for number in range(front.layers):
            stride = front.stride if number == 0 else 1
            self.convolutions.append(nn.Conv1d(inputs, front.width, front.kernel, stride, front.kernel // 2))
            self.norms.append(nn.LayerNorm(front.width))
            inputs = front.width
        self.dropout = LockedDropout(front.dropout)
        self.stack = RecurrentStack(layers, inputs)
        self.width = self.stack.width

    def forward(self, rows: Tensor, lengths: Tensor) -> Memory:
        """Read `rows` (B, T, F) of standardised features, of which each series has `lengths` (B,) real ones."""
        values, real = rows.to(next(self.parameters()).dtype), lengths
        for number, (kernel, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            assert isinstance(kernel, nn.Conv1d)
            mask = torch.arange(values.shape[1], device=values.device) < real[:, None]
            before = values.masked_fill(~mask.unsqueeze(2), 0.0)
            values = functional.gelu(norm(convolve(before, kernel)))
            if number == 0:
                real = self.out_lengths(lengths)
            else:
                values = values + before
        return self.stack(self.dropout(values), real)

    def out_lengths(self, lengths: Tensor) -> Tensor:
        """Steps of memory for series of `lengths` (B,) rows."""
        return (lengths + self.stride - 1) // self.stride


def convolve(values: Tensor, kernel: nn.Conv1d) -> Tensor:
    """A convolution over the steps of `values` (B, T, C) as one matrix product: (B, T', C').

    Batches of series have every length, and oneDNN would keep a primitive for each.
    """
    reach, stride = kernel.kernel_size[0] // 2, kernel.stride[0]
    windows = functional.pad(values, (0, 0, reach, reach)).unfold(1, kernel.kernel_size[0], stride)
    return functional.linear(windows.flatten(2), kernel.weight.flatten(1), kernel.bias)
