"""Several models in one search, against every output there is."""

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s.search.beam import beam_search
from s2s.search.ensemble import EnsembleSteps
from s2s.search.greedy import greedy_search
from s2s.search.sampling import sample
from s2s.search.scoring import Penalties
from s2s.text.vocabulary import BOS, EOS
from tests.search.tables import TableSteps
from tests.search.test_beam import plain, rules


def step_by_step(tables, mean, start, output):
    """Log-probability of an output under the mean of some tables."""
    states, total, before = [table.start(torch.tensor([start])) for table in tables], 0.0, BOS
    for token in [*output, EOS]:
        found = [table.step(torch.tensor([[before]]), state) for table, state in zip(tables, states, strict=True)]
        values = torch.stack([log_probs[0, 0, token] for log_probs, _, _ in found])
        total += (values.exp().mean().log() if mean == "probabilities" else values.mean()).item()
        states, before = [state for _, _, state in found], token
    return total


@pytest.mark.parametrize("mean", ["probabilities", "logs"])
def test_search_with_an_ensemble_equals_exhaustive_search(mean):
    vocabulary, limit, starts = 5, 4, [5, 17]
    tables = [TableSteps(seed, vocabulary) for seed in (3, 4, 5)]
    divisors = Penalties(1.0).divisors(limit)
    words = [token for token in range(vocabulary) if token != EOS]
    outputs = [list(output) for length in range(limit) for output in product(words, repeat=length)]
    steps, inputs = EnsembleSteps(tables, mean), [torch.tensor(starts)] * 3
    found = beam_search(steps, inputs, rules([limit] * 2), vocabulary**limit, Penalties(1.0), n_best=len(outputs))
    for start, hypotheses in zip(starts, found, strict=True):
        scored = [(step_by_step(tables, mean, start, one) / divisors[len(one) + 1], one) for one in outputs]
        scored.sort(key=lambda one: -one[0])
        assert [one.tokens for one in hypotheses] == [output for _, output in scored]
        assert [one.score for one in hypotheses] == pytest.approx([score for score, _ in scored])


@settings(max_examples=20)
@given(
    seed=st.integers(0, 10**6),
    mean=st.sampled_from(["probabilities", "logs"]),
    limits=st.lists(st.integers(1, 10), min_size=1, max_size=5),
)
def test_early_stop_gives_what_running_to_the_maximum_gives(seed, mean, limits):
    steps, starts = EnsembleSteps([TableSteps(seed, 6), TableSteps(seed + 1, 6)], mean), torch.arange(len(limits)) * 11
    early, late = (
        plain(beam_search(steps, [starts] * 2, rules(limits), 3, Penalties(), 2, False, stop)) for stop in (True, False)
    )
    assert early == late


def test_one_alone_is_itself_in_every_search():
    table, starts, limits = TableSteps(4, 7), torch.arange(9), [12] * 9
    steps = EnsembleSteps([table])
    assert plain(greedy_search(steps, [starts], rules(limits))) == plain(greedy_search(table, starts, rules(limits)))
    assert plain(beam_search(steps, [starts], rules(limits), 3)) == plain(beam_search(table, starts, rules(limits), 3))
    one, other = (sample(s, i, rules(limits), starts, 1) for s, i in ((steps, [starts]), (table, starts)))
    assert plain(one) == plain(other)
