"""A backbone by its name in a config."""

from __future__ import annotations

from s2s.config.source import Backbone
from s2s.nn.backbones.light import Light
from s2s.nn.backbones.resnet import ResNet
from s2s.nn.backbones.vgg import VGG


def build_backbone(part: Backbone, channels: int) -> Light | ResNet | VGG:
    """A backbone with fresh weights for pictures of so many channels."""
    match part.kind:
        case "light":
            return Light(channels, part.width, part.blocks)
        case "vgg":
            return VGG(channels, part.width)
        case "resnet":
            return ResNet(channels, part.width)
