"""AdamW with its parameter groups, and the clipping of gradients."""

import torch
from torch import Tensor, nn

from s2s.config.training import Optimizer


def build_optimizer(model: nn.Module, config: Optimizer, fused: bool = True) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019) that decays matrices and spares biases and norms.

    Args:
        model: its parameters, each once even if tied.
        config: rates and decays.
        fused: one kernel for all parameters; a gradient scaler that must clip cannot use it.
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=config.lr,
        betas=(config.beta1, config.beta2),
        eps=config.eps,
        fused=fused,
    )


def clip(parameters: list[nn.Parameter], config: Optimizer) -> Tensor:
    """Clip the gradients in place, by global norm or by value; returns the norm before clipping, a scalar."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = nn.utils.get_total_norm(gradients)
    if config.clip_norm:
        nn.utils.clip_grads_with_norm_(parameters, config.clip_norm, norm)
    if config.clip_value:
        nn.utils.clip_grad_value_(parameters, config.clip_value)
    return norm
