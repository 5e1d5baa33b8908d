"""Backbones have the published sizes, a step every four pixels, and norms that fold away."""

import pytest
import torch

from s2s.config.source import Backbone
from s2s.nn.backbones.build import build_backbone
from s2s.nn.backbones.convolution import Convolution, fold_norms

KINDS = ["light", "vgg", "resnet"]


def small(kind, **changes):
    torch.manual_seed(0)
    return build_backbone(Backbone(kind=kind, width=0.125, **changes), 1)


def flops(backbone):
    """Multiplications and additions for one picture of 32 x 100, the convolutions' alone, from a pass without data."""
    counted = []
    for module in backbone.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(
                lambda module, _, output: counted.append(2 * module.weight.numel() * output[0, 0].numel())
            )
    backbone(torch.empty(1, 1, 32, 100, device="meta"))
    return sum(counted)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("height", [32, 48, 64])
def test_steps_follow_the_width_at_any_height(kind, height):
    backbone = small(kind).eval()
    for width in (32, 100, 160):
        features = backbone(torch.randn(2, 1, height, width))
        assert features.shape[:2] == (2, backbone.width)
        assert features.shape[3] == backbone.out_lengths(torch.tensor([width])).item()
        assert abs(features.shape[3] * backbone.stride - width) <= backbone.stride
        assert features.shape[2] == 1 or height > 32


@pytest.mark.parametrize(
    ("kind", "gflop", "parameters"), [("light", 0.172, 1.6), ("vgg", 1.27, 5.6), ("resnet", 10.1, 44.3)]
)
def test_sizes_are_as_designed_or_published(kind, gflop, parameters):
    with torch.device("meta"):
        backbone = build_backbone(Backbone(kind=kind), 1)
    assert flops(backbone) / 1e9 == pytest.approx(gflop, rel=0.02)
    assert sum(p.numel() for p in backbone.parameters()) / 1e6 == pytest.approx(parameters, rel=0.02)


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_folded_norms_change_no_output(kind):
    backbone = small(kind).double()
    images = torch.randn(3, 1, 32, 64, dtype=torch.float64)
    for _ in range(3):
        backbone(images)  # the norms take up some statistics
    for module in backbone.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 2)
            torch.nn.init.normal_(module.bias)
    backbone.eval()
    before = backbone(images)
    fold_norms(backbone)
    torch.testing.assert_close(backbone(images), before)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in backbone.modules())


def test_norms_do_not_fold_in_training():
    with pytest.raises(ValueError, match="eval"):
        fold_norms(small("light"))


def test_blocks_of_light_can_be_more_or_none():
    default, more, none = (small("light", blocks=blocks) for blocks in ((1, 1, 1, 1), (2, 1, 3, 0), (0, 0, 0, 0)))
    counts = [sum(isinstance(m, Convolution) for m in net.modules()) for net in (default, more, none)]
    assert counts == [5 + 2 * 4, 5 + 2 * 6, 5]
    assert none(torch.randn(1, 1, 32, 40)).shape == (1, none.width, 1, 10)


@pytest.mark.parametrize("kind", KINDS)
def test_every_convolution_runs_in_channels_last(kind):
    backbone = small(kind)
    layouts = []
    for module in backbone.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(lambda _, read, gave: layouts.append((read[0].stride(1), gave.stride(1))))
    backbone(torch.randn(2, 32, 64, 1).permute(0, 3, 1, 2))
    assert set(layouts) == {(1, 1)}
