"""The image encoder: from pictures to a Memory with a step every few pixels of their width."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from s2s.config.model import Recurrent
from s2s.config.source import ImageSource
from s2s.nn.backbones.build import build_backbone
from s2s.nn.dropout import LockedDropout
from s2s.nn.encoders import RecurrentStack
from s2s.nn.memory import Memory


class ImageEncoder(nn.Module):
    """A backbone, the mean over what height it leaves, and recurrent layers over the width.

    Convolutions look over the edge of a picture, so what stands beside it must be the same whatever else is in the
    batch. Therefore the padding of a picture is its last column repeated, whatever was there, and a batch holds
    pictures of one width bucket: the padded width of a picture depends on nothing but the picture.
    """

    def __init__(self, source: ImageSource, layers: Recurrent) -> None:
        super().__init__()
        self.backbone = build_backbone(source.backbone, 3 if source.colour else 1)
        self.dropout = LockedDropout(source.backbone.dropout)
        self.stack = RecurrentStack(layers, self.backbone.width)
        self.width, self.stride = self.stack.width, self.backbone.stride

    def forward(self, images: Tensor, widths: Tensor) -> Memory:
        """Read `images` (B, C, H, W), levels 0 to 255 of any type, of which `widths` (B,) columns are real.

        The memory has a step every `stride` pixels.
        """
        columns = torch.arange(images.shape[3], device=images.device).minimum(widths[:, None] - 1)
        images = images.gather(3, columns[:, None, None].expand_as(images))
        # Strides are set by hand: with one channel, a layout cannot be recognised, and convolutions would take the slow one.
        images = images.permute(0, 2, 3, 1).clone(memory_format=torch.contiguous_format).permute(0, 3, 1, 2)
        dtype = next(self.backbone.parameters()).dtype
        features = self.backbone(images.to(dtype).sub_(127.5).div_(127.5))
        values = features.permute(0, 2, 3, 1).mean(1)
        return self.stack(self.dropout(values), self.out_lengths(widths))

    def out_lengths(self, widths: Tensor) -> Tensor:
        """Steps of memory of pictures `widths` (B,) pixels wide."""
        return self.backbone.out_lengths(widths)
