import pytest
import torch
from torch import nn

from s2s.config.training import Optimizer
from s2s.training.optimizers import build_optimizer, clip


def model_with_gradients(scale=1.0):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4))
    for parameter in model.parameters():
        parameter.grad = scale * torch.randn_like(parameter)
    return model


def test_matrices_decay_and_biases_and_norms_do_not():
    optimizer = build_optimizer(model_with_gradients(), Optimizer(weight_decay=0.1))
    decays = {tuple(p.shape): group["weight_decay"] for group in optimizer.param_groups for p in group["params"]}
    assert decays == {(4, 3): 0.1, (4,): 0.0}


def test_tied_weights_are_optimised_once():
    model = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])
    model[1].weight = model[0].weight
    assert sum(len(group["params"]) for group in build_optimizer(model, Optimizer()).param_groups) == 3


def test_fused_and_plain_kernels_take_the_same_step():
    results = []
    for fused in (True, False):
        model = model_with_gradients()
        build_optimizer(model, Optimizer(weight_decay=0.1), fused).step()
        results.append(torch.cat([parameter.flatten() for parameter in model.parameters()]))
    assert torch.allclose(*results, rtol=1e-6)


def gradients(model):
    return torch.cat([parameter.grad.flatten() for parameter in model.parameters()])


def test_clipping_by_norm_keeps_the_direction_and_tells_the_norm_before():
    model = model_with_gradients(100)
    before = gradients(model)
    norm = clip(list(model.parameters()), Optimizer(clip_norm=0.5))
    assert norm == pytest.approx(before.norm().item(), rel=1e-5)
    assert torch.allclose(gradients(model), before * 0.5 / before.norm(), rtol=1e-4)


def test_clipping_by_value_limits_every_element():
    model = model_with_gradients(100)
    before = gradients(model)
    clip(list(model.parameters()), Optimizer(clip_norm=0, clip_value=0.5))
    assert torch.equal(gradients(model), before.clamp(-0.5, 0.5))


def test_without_clipping_gradients_stay():
    model = model_with_gradients(100)
    before = gradients(model)
    clip(list(model.parameters()), Optimizer(clip_norm=0))
    assert torch.equal(gradients(model), before)
