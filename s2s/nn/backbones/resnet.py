"""The residual network of Baek et al. 2019 (table 9 of their appendix), after Cheng et al. 2017."""

from __future__ import annotations

from torch import Tensor, nn

from s2s.nn.backbones.convolution import Convolution, Residual
from s2s.nn.backbones.vgg import halve_height


class ResNet(nn.Sequential):
    """29 layers: 32 rows of pixels become one row of 512 features, W pixels W/4 + 1 steps."""

    stride = 4

    def __init__(self, channels: int, width: float = 1.0) -> None:
        c0, c1, c2, c3, c4 = (max(1, round(width * c)) for c in (32, 64, 128, 256, 512))
        super().__init__(
            Convolution(channels, c0),
            Convolution(c0, c1),
            nn.MaxPool2d(2),
            *residuals(c1, c2, 1),
            Convolution(c2, c2),
            nn.MaxPool2d(2),
            *residuals(c2, c3, 2),
            Convolution(c3, c3),
            halve_height(),
            *residuals(c3, c4, 5),
            Convolution(c4, c4),
            *residuals(c4, c4, 3),
            Convolution(c4, c4, 2, (2, 1), (0, 1)),
            Convolution(c4, c4, 2, padding=0),
        )
        self.width = c4

    def out_lengths(self, widths: Tensor) -> Tensor:
        """Steps of features of pictures `widths` (B,) pixels wide."""
        return widths // 4 + 1


def residuals(inputs: int, outputs: int, count: int) -> list[Residual]:
    """So many residual blocks, of which the first changes the channels."""
    return [Residual(outputs if number else inputs, outputs) for number in range(count)]
