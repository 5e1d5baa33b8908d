"""The network of CRNN (Shi, Bai and Yao 2015, table 1), with padding and norms where the authors' code has them."""

from __future__ import annotations

from torch import Tensor, nn

from s2s.nn.backbones.convolution import Convolution


def halve_height() -> nn.MaxPool2d:
    """A pool of two rows to one; windows overlap from column to column, and there is one column more."""
    return nn.MaxPool2d(2, (2, 1), (0, 1))


class VGG(nn.Sequential):
    """Seven convolutions: 32 rows of pixels become one row of 512 features, W pixels W/4 + 1 steps."""

    stride = 4

    def __init__(self, channels: int, width: float = 1.0) -> None:
        c1, c2, c3, c4 = (max(1, round(width * c)) for c in (64, 128, 256, 512))
        super().__init__(
            Convolution(channels, c1, norm=False),
            nn.MaxPool2d(2),
            Convolution(c1, c2, norm=False),
            nn.MaxPool2d(2),
            Convolution(c2, c3),
            Convolution(c3, c3, norm=False),
            halve_height(),
            Convolution(c3, c4),
            Convolution(c4, c4, norm=False),
            halve_height(),
            Convolution(c4, c4, 2, padding=0),
        )
        self.width = c4

    def out_lengths(self, widths: Tensor) -> Tensor:
        """Steps of features of pictures `widths` (B,) pixels wide."""
        return widths // 4 + 1
