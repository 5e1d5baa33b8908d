"""Least length, no repeated n-grams, penalties of repetition: against every output there is, in every search."""

from itertools import pairwise, product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s.search.beam import beam_search
from s2s.search.demands import LeastLength, NoRepeat, Repetition
from s2s.search.greedy import greedy_search
from s2s.search.rules import Rules
from s2s.search.sampling import sample
from s2s.search.scoring import Penalties
from s2s.text.vocabulary import BOS, EOS
from tests.search.tables import TableSteps
from tests.search.test_beam import plain

DEMANDS = {
    "length": (LeastLength(3),),
    "unigrams": (NoRepeat(1),),
    "bigrams": (NoRepeat(2),),
    "penalty": (Repetition(1.7),),
    "all": (Repetition(1.3), NoRepeat(2), LeastLength(2)),
}


def rules(limits, demands, suppressed=()):
    return Rules(torch.tensor(limits), torch.tensor(suppressed, dtype=torch.long), demands=demands)


def allowed(output, demands):
    for demand in demands:
        if isinstance(demand, LeastLength) and len(output) < demand.tokens:
            return False
        if isinstance(demand, NoRepeat):
            grams = list(zip(*(output[place:] for place in range(demand.size)), strict=False))
            if len(set(grams)) < len(grams):
                return False
    return True


def scored(steps, start, output, demands):
    """Log-probability of an output, token by token, as the demands would have it."""
    penalty = next((demand.penalty for demand in demands if isinstance(demand, Repetition)), 1.0)
    state, total = steps.start(torch.tensor([start])), 0.0
    for place, (before, token) in enumerate(pairwise([BOS, *output, EOS])):
        log_probs, _, state = steps.step(torch.tensor([[before]]), state)
        total += log_probs[0, 0, token].item() * (penalty if token in output[:place] else 1)
    return total


@pytest.mark.parametrize("name", DEMANDS)
@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_beam_with_demands_equals_exhaustive_search(name, alpha):
    vocabulary, limit, demands = 5, 4, DEMANDS[name]
    steps, penalties = TableSteps(seed=3, vocabulary=vocabulary), Penalties(alpha)
    divisors = penalties.divisors(limit)
    words = [token for token in range(vocabulary) if token != EOS]
    outputs = [list(output) for length in range(limit) for output in product(words, repeat=length)]
    outputs = [output for output in outputs if allowed(output, demands)]
    starts = [5, 17]
    found = beam_search(
        steps, torch.tensor(starts), rules([limit] * 2, demands), vocabulary**limit, penalties, n_best=len(outputs)
    )
    for start, hypotheses in zip(starts, found, strict=True):
        expected = [(scored(steps, start, one, demands) / divisors[len(one) + 1], one) for one in outputs]
        expected.sort(key=lambda one: -one[0])
        assert [one.tokens for one in hypotheses] == [output for _, output in expected]
        assert [one.score for one in hypotheses] == pytest.approx([score for score, _ in expected], rel=1e-12)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 10**6),
    beam=st.integers(1, 5),
    alpha=st.sampled_from([0.0, 1.0, 4.0]),
    limits=st.lists(st.integers(4, 12), min_size=1, max_size=6),
    name=st.sampled_from(sorted(DEMANDS)),
)
def test_early_stop_gives_what_running_to_the_maximum_gives_and_a_beam_of_one_is_greedy(
    seed, beam, alpha, limits, name
):
    steps, starts = TableSteps(seed, 6), torch.arange(len(limits)) * 11
    early, late = (
        plain(beam_search(steps, starts, rules(limits, DEMANDS[name]), beam, Penalties(alpha), 1, False, stop))
        for stop in (True, False)
    )
    assert early == late
    greedy = plain(greedy_search(steps, starts, rules(limits, DEMANDS[name])))
    assert plain(beam_search(steps, starts, rules(limits, DEMANDS[name]), 1)) == greedy


@pytest.mark.parametrize("name", [name for name in DEMANDS if name != "penalty"])
def test_no_search_writes_what_is_not_allowed(name):
    steps, starts, limits = TableSteps(4, 9, peak=1.0), torch.arange(30), [12] * 30
    demands = DEMANDS[name]
    for found in (
        beam_search(steps, starts, rules(limits, demands), 3, n_best=3),
        greedy_search(steps, starts, rules(limits, demands)),
        sample(steps, starts, rules(limits, demands), starts, seed=1, samples=3),
    ):
        assert all(allowed(one.tokens, demands) for hypotheses in found for one in hypotheses)
    free = sample(steps, starts, rules(limits, ()), starts, seed=1, samples=3)
    assert not all(allowed(one.tokens, demands) for hypotheses in free for one in hypotheses)


def test_a_penalty_makes_outputs_repeat_less_in_every_search():
    steps, starts = TableSteps(4, 9), torch.arange(30)
    steps.table[:, EOS] -= 4  # long outputs
    for search in (
        lambda demands: beam_search(steps, starts, rules([30] * 30, demands), 3),
        lambda demands: greedy_search(steps, starts, rules([30] * 30, demands)),
        lambda demands: sample(steps, starts, rules([30] * 30, demands), starts, seed=1),
    ):
        plainly, penalised = (
            sum(len(one.tokens) - len(set(one.tokens)) for (one,) in search(demands))
            for demands in ((), (Repetition(3.0),))
        )
        assert penalised < plainly


def test_an_output_ends_where_the_demands_leave_no_token():
    demands = (NoRepeat(1), LeastLength(9))
    for suppressed in ((0, 1, 2), (0, 1, 2, 5)):
        found = beam_search(TableSteps(1, 6), torch.arange(4), rules([20] * 4, demands, suppressed), 2)
        written = set(range(6)) - {EOS, *suppressed}
        assert all(set(one.tokens) == written and one.finished for (one,) in found)
