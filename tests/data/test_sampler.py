from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.errors import RequestError
from s2s.data.sampler import TokenBatches, padding, plan_batches


@st.composite
def some_lengths(draw, least=24):
    count = draw(st.integers(least, 150))
    generator = np.random.default_rng(draw(st.integers(0, 1000)))
    return generator.integers(1, 30, count), generator.integers(1, 30, count)


budgets = st.integers(60, 200)
groups = st.integers(1, 6)


@given(some_lengths(), budgets, groups, st.integers(0, 3))
def test_each_example_comes_once_an_epoch_within_the_budget_in_a_divisible_number_of_batches(
    lengths, tokens, of, epoch
):
    source, target = lengths
    batches = plan_batches(source, target, tokens, of, seed=1, epoch=epoch)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(source)))
    assert all(len(rows) * max(source[rows].max(), target[rows].max()) <= tokens for rows in batches)
    assert len(batches) % of == 0


@given(some_lengths(), budgets, groups)
def test_batches_are_a_function_of_seed_and_epoch(lengths, tokens, of):
    def flat(seed, epoch):
        return [rows.tolist() for rows in plan_batches(*lengths, tokens, of, seed, epoch)]

    assert flat(1, 2) == flat(1, 2)
    assert flat(1, 2) != flat(1, 3)
    assert flat(1, 2) != flat(2, 2)


@given(some_lengths(), budgets, st.integers(1, 3), st.integers(1, 3))
def test_ranks_share_out_the_batches_of_one_process(lengths, tokens, ranks, accumulate):
    def plans(rank, ranks, accumulate):
        sampler = TokenBatches(lambda epoch: lengths, tokens, accumulate, 1, rank, ranks)
        return list(islice(sampler, 2 * sampler.steps(0) * accumulate))

    alone = plans(0, 1, accumulate * ranks)
    of_ranks = [plans(rank, ranks, accumulate) for rank in range(ranks)]
    dealt = [plan for turn in zip(*of_ranks, strict=True) for plan in turn]
    assert [plan.rows.tolist() for plan in dealt] == [plan.rows.tolist() for plan in alone[: len(dealt)]]
    assert [plan.step_tokens for plan in dealt] == [plan.step_tokens for plan in alone[: len(dealt)]]


@given(some_lengths(), budgets, st.integers(1, 3), st.integers(1, 3))
def test_step_tokens_are_the_target_tokens_of_all_batches_of_the_step(lengths, tokens, ranks, accumulate):
    samplers = [TokenBatches(lambda epoch: lengths, tokens, accumulate, 1, rank, ranks) for rank in range(ranks)]
    found: dict = {}
    for sampler in samplers:
        for plan in islice(sampler, sampler.steps(0) * accumulate):
            found.setdefault((plan.epoch, plan.step, plan.step_tokens), []).append(lengths[1][plan.rows].sum())
    assert all(sum(counts) == key[2] and len(counts) == ranks * accumulate for key, counts in found.items())


@given(some_lengths(), budgets, st.integers(1, 3), st.integers(0, 60))
def test_a_sampler_begun_after_a_step_goes_on_as_if_never_interrupted(lengths, tokens, accumulate, done):
    def longer(epoch):
        return lengths[0], lengths[1] + epoch % 2  # so that epochs differ in their number of batches

    whole = TokenBatches(longer, tokens + 1, accumulate)
    plans = list(islice(whole, (done + 5) * accumulate))
    start = (0, 0)
    for plan in plans[: done * accumulate : accumulate]:
        assert (plan.epoch, plan.step) == start
        start = whole.following(plan.epoch, plan.step)
    resumed = islice(TokenBatches(longer, tokens + 1, accumulate, start=start), 5 * accumulate)
    assert [p.rows.tolist() for p in resumed] == [p.rows.tolist() for p in plans[done * accumulate :]]


def test_padding_is_low_on_sentences_of_ordinary_lengths():
    generator = np.random.default_rng(1)
    source = generator.poisson(14, 20000) + 1
    target = np.maximum(1, source + generator.integers(-3, 6, 20000))
    assert padding(plan_batches(source, target, 1024, 1, 1, 0), source, target) < 0.05


def test_padding_counts_both_sides():
    source, target = np.array([2, 4]), np.array([3, 3])
    assert padding([np.array([0, 1])], source, target) == pytest.approx(1 - 12 / 14)


def test_an_example_longer_than_the_budget_is_refused():
    with pytest.raises(RequestError, match=r"31 tokens, more than batches\.tokens 30"):
        plan_batches(np.array([31]), np.array([2]), 30, 1, 1, 0)


def test_fewer_examples_than_batches_in_a_step_are_refused():
    with pytest.raises(RequestError, match="1 training examples cannot be dealt out evenly in steps of 2"):
        plan_batches(np.array([3]), np.array([2]), 30, 2, 1, 0)
