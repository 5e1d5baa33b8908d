from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s.search.beam import beam_search
from s2s.search.greedy import greedy_search
from s2s.search.rules import Rules
from s2s.search.scoring import Penalties, force
from s2s.text.vocabulary import EOS
from tests.search.tables import TableSteps

CPU = torch.device("cpu")


def rules(limits: list[int], never: tuple[int, ...] = (), sources: torch.Tensor | None = None) -> Rules:
    return Rules(torch.tensor(limits, dtype=torch.long), torch.tensor(never, dtype=torch.long), sources)


def plain(results):
    return [[(h.tokens, h.score, h.log_prob, h.finished) for h in found] for found in results]


def masks(lengths: list[int]) -> torch.Tensor:
    return torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0, 2.0])
def test_beam_equals_exhaustive_search(alpha):
    vocabulary, limit = 5, 4
    steps = TableSteps(seed=3, vocabulary=vocabulary)
    penalties = Penalties(alpha)
    divisors = penalties.divisors(limit)
    words = [token for token in range(vocabulary) if token != EOS]
    starts = [5, 17]
    # All outputs of fewer than `limit` tokens close by EOS; those of `limit` tokens are cut.
    outputs = [list(output) for length in range(limit) for output in product(words, repeat=length)]
    results = beam_search(
        steps, torch.tensor(starts), rules([limit, limit]), vocabulary**limit, penalties, n_best=len(outputs)
    )
    for start, found in zip(starts, results, strict=True):
        log_probs = force(steps, torch.full((len(outputs),), start), outputs, CPU).tolist()
        scored = zip(outputs, log_probs, strict=True)
        expected = sorted(((p / divisors[len(o) + 1], o) for o, p in scored), key=lambda pair: -pair[0])
        assert [h.tokens for h in found] == [output for _, output in expected]
        assert [h.score for h in found] == pytest.approx([score for score, _ in expected], rel=1e-12)
        assert all(h.finished for h in found)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    beam=st.integers(1, 6),
    n_best=st.integers(1, 6),
    alpha=st.sampled_from([0.0, 0.3, 1.0, 1.7, 4.0]),
    beta=st.sampled_from([0.0, 0.2]),
    limits=st.lists(st.integers(1, 12), min_size=1, max_size=9),
    vocabulary=st.integers(4, 9),
)
def test_early_stop_gives_what_running_to_the_maximum_gives(seed, beam, n_best, alpha, beta, limits, vocabulary):
    n_best = min(n_best, beam)
    sources = masks([1 + limit % 4 for limit in limits])
    steps = TableSteps(seed, vocabulary, sources=sources)
    starts = torch.arange(len(limits)) * 11

    def search(stop_early):
        return plain(
            beam_search(
                steps, starts, rules(limits, sources=sources), beam, Penalties(alpha, beta), n_best, False, stop_early
            )
        )

    assert search(True) == search(False)


def test_early_stop_saves_steps():
    def calls(stop_early):
        count = 0

        class Counted(TableSteps):
            def step(self, tokens, state):
                nonlocal count
                count += 1
                return super().step(tokens, state)

        beam_search(Counted(1, 6), torch.arange(3), rules([60] * 3), 4, Penalties(0.0), 1, False, stop_early)
        return count

    assert calls(True) < calls(False)


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), limits=st.lists(st.integers(1, 15), min_size=1, max_size=20))
def test_beam_of_one_equals_greedy(seed, limits):
    steps, starts = TableSteps(seed, 7), torch.arange(len(limits))
    wanted = plain(greedy_search(steps, starts, rules(limits, never=(0, 1))))
    assert plain(beam_search(steps, starts, rules(limits, never=(0, 1)), 1)) == wanted


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), limits=st.lists(st.integers(1, 15), min_size=2, max_size=24), data=st.data())
def test_output_does_not_depend_on_company(seed, limits, data):
    order = data.draw(st.permutations(range(len(limits))))
    sources = masks([1 + limit % 5 for limit in limits])
    starts = torch.arange(len(limits)) * 13

    def search(places):
        chosen = torch.tensor(places)
        width = int(sources[chosen].sum(1).max())
        mask = sources[chosen][:, :width]
        steps = TableSteps(seed, 8, sources=mask)
        steps.looks = TableSteps(seed, 8, sources=sources).looks[:, :width]
        found = beam_search(
            steps, starts[chosen], rules([limits[p] for p in places], (1,), mask), 3, Penalties(1.0, 0.2), 3
        )
        return [[(h.tokens, h.finished) for h in hypotheses] for hypotheses in found]

    together = search(list(order))
    assert [search([place])[0] for place in order] == together


def test_beam_score_equals_forced_score_of_its_output():
    steps, starts, limit = TableSteps(4, 9), torch.arange(12), 20
    results = beam_search(steps, starts, rules([limit] * 12), 4, Penalties(0.8), n_best=3)
    divisors = Penalties(0.8).divisors(limit)
    checked = 0
    for place, found in enumerate(results):
        for h in (h for h in found if h.finished):
            forced = force(steps, starts[place : place + 1], [h.tokens], CPU).item()
            assert h.log_prob == pytest.approx(forced, rel=1e-12)
            assert h.score == pytest.approx(forced / divisors[len(h.tokens) + 1], rel=1e-12)
            checked += 1
    assert checked > 20


def test_ties_are_decided_by_parent_then_token():
    steps = TableSteps(0, 6)
    steps.table = torch.full_like(steps.table, 1 / 6).log()
    found = beam_search(steps, torch.zeros(1, dtype=torch.long), rules([2]), 40, Penalties(0.0), n_best=3)[0]
    assert [h.tokens for h in found] == [[], [0], [1]]


def test_forbidden_ids_are_never_emitted_and_scores_stay_the_models():
    steps, starts = TableSteps(2, 8), torch.arange(10)
    results = beam_search(steps, starts, rules([9] * 10, never=(0, 2, 6)), 3)
    for place, (best,) in enumerate(results):
        assert not {0, 2, 6} & set(best.tokens)
        if best.finished:
            assert best.log_prob == pytest.approx(force(steps, starts[place : place + 1], [best.tokens], CPU).item())


def test_a_hypothesis_at_its_limit_is_closed_as_unfinished_after_the_finished():
    steps = TableSteps(2, 6)
    steps.table[:, EOS] = -30.0
    found = beam_search(steps, torch.tensor([1]), rules([4]), 3, n_best=3)[0]
    assert [h.finished for h in found] == sorted((h.finished for h in found), reverse=True)
    assert any(not h.finished and len(h.tokens) == 4 for h in found)
    assert [h.finished for h in greedy_search(steps, torch.tensor([1]), rules([4]))[0]] == [False]


def test_limits_are_per_sentence():
    steps = TableSteps(2, 6)
    steps.table[:, EOS] = -torch.inf
    results = beam_search(steps, torch.arange(3), rules([2, 5, 3]), 2)
    assert [len(found[0].tokens) for found in results] == [2, 5, 3]


def test_coverage_penalty_prefers_outputs_that_look_everywhere():
    sources = masks([3, 5])
    steps = TableSteps(8, 6, sources=sources)
    free = beam_search(steps, torch.tensor([1, 2]), rules([8, 8], sources=sources), 30, Penalties(0.0, 0.0))
    held = beam_search(steps, torch.tensor([1, 2]), rules([8, 8], sources=sources), 30, Penalties(0.0, 10.0))
    assert all(len(h[0].tokens) >= len(f[0].tokens) for h, f in zip(held, free, strict=True))
    assert held[0][0].score <= held[0][0].log_prob


def test_attention_is_one_row_a_token_cut_to_the_source():
    sources = masks([3, 5, 2])
    steps = TableSteps(8, 9, sources=sources)
    results = beam_search(steps, torch.arange(3), rules([9] * 3, sources=sources), 4, n_best=2, attention=True)
    for length, found in zip([3, 5, 2], results, strict=True):
        for h in found:
            assert h.attention.shape == (len(h.tokens), length)
            torch.testing.assert_close(h.attention.sum(1), torch.ones(len(h.tokens)))


def test_no_sentences_give_no_results():
    assert beam_search(TableSteps(0, 5), torch.zeros(0, dtype=torch.long), rules([]), 2) == []


def test_n_best_above_the_beam_is_refused():
    with pytest.raises(ValueError, match="n_best"):
        beam_search(TableSteps(0, 5), torch.zeros(1, dtype=torch.long), rules([3]), 2, n_best=3)
