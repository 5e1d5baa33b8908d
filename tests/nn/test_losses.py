"""The losses equal torch's compositions, values and gradients."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from s2s.nn.losses import cross_entropy, ctc, symmetric_kl
from s2s.text.vocabulary import EOS, PAD


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


def written(text):
    """Ids of a charset whose characters are a, b, c, ..."""
    return [ord(character) - ord("a") + EOS + 1 for character in text]


def ctc_batch(texts):
    torch.manual_seed(0)
    width = max(map(len, texts))
    targets = torch.tensor([written(text) + [PAD] * (width - len(text)) for text in texts])
    return torch.randn(len(texts), 6, 4, dtype=torch.float64), targets, torch.tensor([len(text) for text in texts])


def test_ctc_equals_torchs_and_true_lengths_reach_it():
    logits, targets, lengths = ctc_batch(["abc", "a", "bb", ""])
    steps = torch.tensor([6, 3, 5, 4])
    loss, impossible = ctc(logits, steps, targets, lengths)
    expected = torch.nn.functional.ctc_loss(
        logits.log_softmax(2).transpose(0, 1), targets - EOS, steps, lengths, reduction="sum"
    )
    torch.testing.assert_close(loss, expected)
    assert not impossible.any()
    logits = logits.requires_grad_()
    ctc(logits, steps, targets, lengths, smoothing=0.2)[0].backward()
    behind = torch.arange(6) >= steps[:, None]
    assert (logits.grad[behind] == 0).all()
    assert (logits.grad[~behind] != 0).all()


def test_a_text_too_long_for_its_steps_is_left_out_and_told():
    logits, targets, lengths = ctc_batch(["abc", "abcabca", "aab", "bbbb", "cc"])
    steps = torch.tensor([6, 6, 3, 6, 3])
    logits.requires_grad_()
    loss, impossible = ctc(logits, steps, targets, lengths, smoothing=0.1)
    loss.backward()
    assert impossible.tolist() == [False, True, True, True, False]
    assert loss.isfinite()
    assert logits.grad.isfinite().all()
    assert (logits.grad[impossible] == 0).all()
    fitting = ~impossible
    alone, _ = ctc(logits[fitting], steps[fitting], targets[fitting], lengths[fitting], smoothing=0.1)
    torch.testing.assert_close(loss, alone)


@given(st.lists(st.text("ab", max_size=5), min_size=1, max_size=4))
def test_ctc_is_possible_exactly_where_torchs_is_finite(texts):
    logits, targets, lengths = ctc_batch([*texts, "a"])
    steps = torch.full((len(texts) + 1,), 6)
    costs = torch.nn.functional.ctc_loss(
        logits.log_softmax(2).transpose(0, 1), (targets - EOS).clamp(min=1), steps, lengths, reduction="none"
    )
    assert ctc(logits, steps, targets, lengths)[1].tolist() == costs.isinf().tolist()


def test_ctc_smoothing_pulls_every_real_step_to_the_even_distribution():
    logits, targets, lengths = ctc_batch(["ab"])
    steps = torch.tensor([4])
    plain, smooth = (ctc(logits, steps, targets, lengths, share)[0] for share in (0.0, 0.3))
    even = -logits.log_softmax(2)[0, :4].mean(1).sum()
    torch.testing.assert_close(smooth, 0.7 * plain + 0.3 * even)


def test_ctc_of_half_precision_logits_is_computed_in_single():
    logits, targets, lengths = ctc_batch(["abc"])
    steps = torch.tensor([6])
    loss, _ = ctc(logits.bfloat16(), steps, targets, lengths)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, ctc(logits.bfloat16().float(), steps, targets, lengths)[0])
