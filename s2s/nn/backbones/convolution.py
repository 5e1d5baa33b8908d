"""What every backbone is built of: a convolution, its batch norm and a rectifier; and the norm folded away."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Pair = int | tuple[int, int]


class Convolution(nn.Module):
    """A convolution, batch norm unless `norm` is False, and ReLU unless `relu` is; padded to keep the size."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: Pair = 3,
        stride: Pair = 1,
        padding: Pair | None = None,
        norm: bool = True,
        relu: bool = True,
    ) -> None:
        super().__init__()
        if padding is None:
            padding = kernel // 2 if isinstance(kernel, int) else (kernel[0] // 2, kernel[1] // 2)
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=not norm)
        self.norm = nn.BatchNorm2d(outputs) if norm else nn.Identity()
        self.relu = relu
        if not self.convolution.weight.is_meta:
            nn.init.kaiming_normal_(self.convolution.weight, nonlinearity="relu" if relu else "linear")
        if self.convolution.bias is not None and not self.convolution.bias.is_meta:
            nn.init.zeros_(self.convolution.bias)

    def forward(self, images: Tensor) -> Tensor:
        """(B, inputs, h, w) to (B, outputs, h', w')."""
        images = self.norm(self.convolution(images))
        return images.relu_() if self.relu else images

    def fold(self) -> None:
        """Take the norm, as it is in evaluation, into the weights and the bias of the convolution."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.convolution = fuse_conv_bn_eval(self.convolution, self.norm)
            self.norm = nn.Identity()


class Residual(nn.Module):
    """Two convolutions and a short cut around them (He et al. 2016), projected where the channels change."""

    def __init__(self, inputs: int, outputs: int, kernel: Pair = 3) -> None:
        super().__init__()
        self.first = Convolution(inputs, outputs, kernel)
        self.second = Convolution(outputs, outputs, kernel, relu=False)
        self.shortcut = Convolution(inputs, outputs, 1, relu=False) if inputs != outputs else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        """(B, inputs, h, w) to (B, outputs, h, w)."""
        return self.second(self.first(images)).add_(self.shortcut(images)).relu_()


@torch.no_grad()
def fold_norms(model: nn.Module) -> None:
    """Fold every batch norm of a model in evaluation mode into its convolution: same outputs, less work. Final."""
    if model.training:
        raise ValueError("norms fold into convolutions in evaluation mode only; call model.eval() first")
    for module in model.modules():
        if isinstance(module, Convolution):
            module.fold()
