import pytest
import torch

from s2s.search.greedy import greedy_search
from s2s.search.rules import Rules
from s2s.search.sampling import draw as draw_tokens
from s2s.search.sampling import sample
from s2s.search.scoring import force
from tests.search.tables import TableSteps

NONE = torch.tensor([], dtype=torch.long)


def draw(steps, starts, limit=12, keys=None, seed=0, **options):
    keys = torch.arange(len(starts)) if keys is None else keys
    return sample(steps, starts, Rules(torch.full((len(starts),), limit), NONE), keys, seed, **options)


def tokens(results):
    return [[h.tokens for h in found] for found in results]


def test_first_token_follows_the_distribution():
    steps, count = TableSteps(5, 7), 20000
    found = draw(steps, torch.zeros(count, dtype=torch.long), limit=1)
    first = [h.tokens[0] if h.tokens else 3 for (h,) in found]
    shares = torch.bincount(torch.tensor(first), minlength=7) / count
    now = (torch.zeros(1, dtype=torch.long) * 31 + 2 * 7 + 1) % len(steps.table)
    torch.testing.assert_close(shares.double(), steps.table[now[0]].exp(), atol=0.015, rtol=0)


def test_a_seed_gives_the_same_samples_whatever_the_company():
    steps, starts, keys = TableSteps(6, 9), torch.arange(15), torch.arange(15) * 77
    together = tokens(draw(steps, starts, keys=keys, seed=4, samples=3))
    alone = [tokens(draw(steps, starts[i : i + 1], keys=keys[i : i + 1], seed=4, samples=3))[0] for i in range(15)]
    assert alone == together
    assert tokens(draw(steps, starts, keys=keys, seed=5, samples=3)) != together


def test_samples_of_a_sentence_differ():
    found = draw(TableSteps(6, 9, peak=0.5), torch.arange(4), samples=8)
    assert all(len({tuple(t) for t in sentence}) > 4 for sentence in tokens(found))


@pytest.mark.parametrize("options", [{"top_k": 1}, {"top_p": 1e-9}, {"temperature": 1e-4}])
def test_narrow_sampling_is_greedy(options):
    steps, starts = TableSteps(7, 9), torch.arange(10)
    greedy = greedy_search(steps, starts, Rules(torch.full((10,), 12), NONE))
    assert tokens(draw(steps, starts, **options)) == tokens(greedy)


def test_top_k_and_top_p_leave_out_the_tail():
    steps, count = TableSteps(5, 9), 4000
    probs = steps.table[15].exp()
    best = probs.argsort(descending=True).tolist()
    starts = torch.zeros(count, dtype=torch.long)

    def seen(**options):
        return {h.tokens[0] if h.tokens else 3 for (h,) in draw(steps, starts, limit=1, **options)}

    assert seen(top_k=3) == set(best[:3])
    share = float(probs[best[:2]].sum())
    assert seen(top_p=share - 1e-6) == set(best[:2])
    assert seen(top_p=share + 1e-6) == set(best[:3])


def logits(rows, vocabulary, seed):
    """Float32 logits of all shapes, from flat to peaked, as the steps of a real model have them."""
    generator = torch.Generator().manual_seed(seed)
    peaks = torch.rand(rows, 1, generator=generator) * 5
    return torch.randn(rows, vocabulary, generator=generator) * peaks


@pytest.mark.parametrize("options", [{}, {"temperature": 0.7}, {"temperature": 3.0}, {"top_k": 40}, {"top_p": 0.9}])
def test_10000_draws_do_not_move_with_the_last_digits_of_the_logits(options):
    rows, vocabulary, moved = 2500, 500, 0
    for part in range(4):
        exact = logits(rows, vocabulary, part)
        noise = 1e-6 * torch.randn(exact.shape, generator=torch.Generator().manual_seed(100 + part))
        streams = torch.arange(rows) * 7919 + part
        first, second = (draw_tokens(one.log_softmax(1), streams, **options) for one in (exact, exact + noise))
        moved += int((first != second).sum())
    assert moved == 0


def test_draws_of_a_step_hardly_move_with_large_noise():
    """The share of draws that noise of d moves is about d, whatever the size of the vocabulary."""
    for vocabulary in (10, 1000):
        exact = logits(5000, vocabulary, 0)
        noise = 1e-2 * torch.randn(exact.shape, generator=torch.Generator().manual_seed(1))
        streams = torch.arange(5000)
        first, second = (draw_tokens(one.log_softmax(1), streams) for one in (exact, exact + noise))
        assert int((first != second).sum()) < 5000 * 2e-2


def test_draws_follow_the_distribution_and_differ_between_streams():
    exact = logits(1, 6, 5).log_softmax(1)
    drawn = draw_tokens(exact.expand(50_000, -1), torch.arange(50_000) * 3)
    shares = torch.bincount(drawn, minlength=6) / 50_000
    torch.testing.assert_close(shares, exact[0].exp(), atol=0.01, rtol=0)


def test_log_prob_is_the_models_whatever_the_temperature():
    steps, starts = TableSteps(5, 9), torch.arange(6)
    for place, (h,) in enumerate(draw(steps, starts, limit=30, temperature=1.5)):
        assert h.finished
        forced = force(steps, starts[place : place + 1], [h.tokens], torch.device("cpu")).item()
        assert h.log_prob == pytest.approx(forced)


@pytest.mark.parametrize("options", [{"temperature": 0}, {"top_p": 0}, {"top_p": 1.5}, {"top_k": -1}, {"samples": 0}])
def test_impossible_options_are_refused(options):
    with pytest.raises(ValueError, match="cannot sample"):
        draw(TableSteps(5, 9), torch.arange(2), **options)
