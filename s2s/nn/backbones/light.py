"""The default: the accuracy that a CPU's time can buy.

A CPU runs dense 3 x 3 convolutions in channels_last at nearly the same share of its peak at every stage from 32
channels on, forward and backward, and depthwise ones far below it; so the cost is the number of multiplications, and
the design is where to spend them. Strides come at once (a quarter of both sides after two convolutions), channels
double when rows halve, and what is left without height is done in one dimension, where a parameter is used
only once a step. Every norm folds into a convolution for inference.
"""

from __future__ import annotations

from torch import Tensor, nn

from s2s.nn.backbones.convolution import Convolution, Residual

CHANNELS = (32, 48, 96, 192, 256)


class MeanRow(nn.Module):
    """All rows become their mean."""

    def forward(self, images: Tensor) -> Tensor:
        """(B, C, h, w) to (B, C, 1, w)."""
        return images.permute(0, 2, 3, 1).mean(1, keepdim=True).permute(0, 3, 1, 2)  # stays in channels_last


class Light(nn.Sequential):
    """Strided convolutions and residual blocks: W pixels become W/4 steps, rounded up, of 256 features."""

    stride = 4

    def __init__(self, channels: int, width: float = 1.0, blocks: tuple[int, int, int, int] = (1, 1, 1, 1)) -> None:
        stem, fourth, eighth, sixteenth, row = (max(1, round(width * c)) for c in CHANNELS)
        super().__init__(
            Convolution(channels, stem, stride=2),
            Convolution(stem, fourth, stride=2),
            *(Residual(fourth, fourth) for _ in range(blocks[0])),
            Convolution(fourth, eighth, stride=(2, 1)),
            *(Residual(eighth, eighth) for _ in range(blocks[1])),
            Convolution(eighth, sixteenth, stride=(2, 1)),
            *(Residual(sixteenth, sixteenth) for _ in range(blocks[2])),
            Convolution(sixteenth, row, (2, 1), padding=0),
            MeanRow(),
            *(Residual(row, row, (1, 3)) for _ in range(blocks[3])),
        )
        self.width = row

    def out_lengths(self, widths: Tensor) -> Tensor:
        """Steps of features of pictures `widths` (B,) pixels wide."""
        return (widths + 3) // 4
