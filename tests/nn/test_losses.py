"""The losses equal torch's compositions, values and gradients."""

import pytest
import torch

from s2s.nn.losses import cross_entropy, symmetric_kl


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
def test_smoothed_cross_entropy_equals_torchs(smoothing):
    torch.manual_seed(0)
    logits = torch.randn(9, 13, dtype=torch.float64, requires_grad=True)
    targets = torch.randint(13, (9,))
    loss, nll = cross_entropy(logits * 3, targets, smoothing)
    (loss / 7).backward()
    gradient, logits.grad = logits.grad, None
    expected = torch.nn.functional.cross_entropy(logits * 3, targets, reduction="sum", label_smoothing=smoothing)
    (expected / 7).backward()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(nll, torch.nn.functional.cross_entropy(logits * 3, targets, reduction="sum"))
    torch.testing.assert_close(gradient, logits.grad)


def test_extreme_logits_stay_finite():
    logits = torch.tensor([[1e4, -1e4, 0.0]], requires_grad=True)
    loss, _ = cross_entropy(logits, torch.tensor([1]), 0.1)
    loss.backward()
    assert loss.isfinite()
    assert logits.grad.isfinite().all()


def test_symmetric_kl_is_half_the_sum_of_both_divergences():
    torch.manual_seed(0)
    one, other = torch.randn(2, 5, 7, dtype=torch.float64)
    p, q = one.log_softmax(1), other.log_softmax(1)
    divergence = torch.nn.functional.kl_div
    both = divergence(p, q, reduction="sum", log_target=True) + divergence(q, p, reduction="sum", log_target=True)
    torch.testing.assert_close(symmetric_kl(one, other), both / 2)
    assert symmetric_kl(one, one) == 0
