"""Training objectives, summed over tokens or rows: whoever calls knows by how many to divide."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from s2s.nn.heads import BLANK, SHIFT


class _SmoothedCrossEntropy(torch.autograd.Function):
    """Cross-entropy against a smoothed target.

    The exponentials of the forward pass become the gradient in place, so that (N, V) numbers, the most of any step, are
    written once.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
        top = logits.amax(1, keepdim=True)
        exponentials = (logits - top).exp_()
        total = exponentials.sum(1)
        normaliser = total.log() + top.squeeze(1)
        nll = (normaliser - logits.gather(1, targets[:, None]).squeeze(1)).sum()
        loss = nll.clone()
        if smoothing:
            loss = (1 - smoothing) * nll + smoothing * (normaliser - logits.mean(1)).sum()
        ctx.exponentials, ctx.total, ctx.targets, ctx.smoothing = exponentials, total, targets, smoothing
        ctx.mark_non_differentiable(nll)
        return loss, nll

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor, None, None]:
        gradient = ctx.exponentials.mul_((grad / ctx.total)[:, None])
        if ctx.smoothing:
            gradient.sub_(grad * ctx.smoothing / gradient.shape[1])
        wanted = (grad * (ctx.smoothing - 1)).expand(len(gradient), 1)
        gradient.scatter_add_(1, ctx.targets[:, None], wanted)
        ctx.exponentials = None  # spent: a second backward pass must fail, not return nonsense
        return gradient, None, None


def cross_entropy(logits: Tensor, targets: Tensor, smoothing: float = 0.0) -> tuple[Tensor, Tensor]:
    """Summed cross-entropy of `logits` (N, V) against `targets` (N,), and the summed negative log-likelihood.

    A share `smoothing` of each target is spread evenly over the vocabulary (Szegedy et al. 2016, section 7). The
    negative log-likelihood is against the target alone and has no gradient.
    """
    dtype = torch.float64 if logits.dtype == torch.float64 else torch.float32
    return _SmoothedCrossEntropy.apply(logits.to(dtype), targets, smoothing)


def symmetric_kl(one: Tensor, other: Tensor) -> Tensor:
    """Half of KL(one, other) + KL(other, one), summed, between the softmaxes of two (N, V) logits.

    The consistency term of R-Drop (Liang et al. 2021, equation 4).
    """
    dtype = torch.float64 if one.dtype == torch.float64 else torch.float32
    p, q = one.to(dtype).log_softmax(1), other.to(dtype).log_softmax(1)
    # KL(p,q) + KL(q,p) = sum (p - q)(log p - log q)
    return 0.5 * ((p.exp() - q.exp()) * (p - q)).sum()


def ctc(
    logits: Tensor, steps: Tensor, targets: Tensor, lengths: Tensor, smoothing: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Summed CTC loss of `logits` (B, S, V) (Graves et al. 2006), and which rows (B,) were left out of it.

    Args:
        logits: of blank 0 and the characters from 1.
        steps: real steps (B,) of each row; what the logits say behind them does not matter.
        targets: ids of a charset (B, L), characters only, padded with anything.
        lengths: real ids (B,) of each row, 0 or more.
        smoothing: share of the cross-entropy to the even distribution at every real step (Kim et al. 2017).

    A row whose target needs more steps than it has would cost infinity: it is left out, and so is its gradient.
    """
    log_probs = logits.log_softmax(2, dtype=torch.promote_types(logits.dtype, torch.float32))
    real = torch.arange(targets.shape[1], device=targets.device) < lengths[:, None]
    labels = (targets - SHIFT).where(real, BLANK + 1)
    impossible = needed_steps(labels, lengths) > steps
    costs = torch.nn.functional.ctc_loss(log_probs.transpose(0, 1), labels, steps, lengths, BLANK, "none", True)
    if smoothing:
        inside = torch.arange(logits.shape[1], device=steps.device) < steps[:, None]
        even = -log_probs.mean(2).masked_fill(~inside, 0.0).sum(1)
        costs = (1 - smoothing) * costs + smoothing * even.masked_fill(impossible, 0.0)
    return costs.sum(), impossible


def needed_steps(labels: Tensor, lengths: Tensor) -> Tensor:
    """Steps (B,) that CTC needs for `labels` (B, L): their `lengths` (B,) and a blank between equal neighbours."""
    inside = torch.arange(1, max(labels.shape[1], 1), device=labels.device) < lengths[:, None]
    return lengths + ((labels[:, 1:] == labels[:, :-1]) & inside).sum(1)
