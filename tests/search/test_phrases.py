"""Prefixes and phrases in searches, on a tiny vocabulary with pieces that overlap: against every output there is."""

import re
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s.search.allocation import Required, reserve, share
from s2s.search.beam import beam_search
from s2s.search.greedy import greedy_search
from s2s.search.phrases import Forbidden, Phrase
from s2s.search.rules import Rules
from s2s.search.sampling import sample
from s2s.search.scoring import Penalties, force
from s2s.search.written import Prefixes, Written
from s2s.text.vocabulary import EOS
from tests.search.tables import TableSteps
from tests.search.test_beam import CPU, plain

TEXTS = [b"", b"", b"", b"", b" a", b"b", b" ab", b" ", b"a", b".", b"\xc3", b"\xa4"]
SUPPRESSED = (0, 1, 2)
WRITTEN = Written(TEXTS, SUPPRESSED)
V = len(TEXTS)


def rules(limits, **asked):
    return Rules(torch.tensor(limits), torch.tensor(SUPPRESSED), **asked)


def text(tokens):
    return WRITTEN.text(tokens).decode(errors="replace").removeprefix(" ")


def stands(phrase, written):
    right = r"(?!\w)" if phrase[-1].isalnum() else ""
    return re.search(rf"(?<!\w){re.escape(phrase)}{right}", written) is not None


def every(limit):
    """Every output that ends within the limit."""
    words = [token for token in range(V) if token not in (EOS, *SUPPRESSED)]
    return [list(one) for length in range(limit) for one in product(words, repeat=length)]


def best(steps, start, outputs, alpha):
    divisors = Penalties(alpha).divisors(max(map(len, outputs)) + 1)
    scores = force(steps, torch.full((len(outputs),), start), outputs, CPU).tolist()
    return max((score / divisors[len(one) + 1], one) for one, score in zip(outputs, scores, strict=True))


@pytest.mark.parametrize("prefix", ["", "a b", "aä", "ab."])
def test_search_with_a_prefix_equals_exhaustive_search(prefix):
    steps, starts, limit = TableSteps(3, V), [5, 17], 4
    asked = Prefixes([f" {prefix}".encode() if prefix else b""] * 2, WRITTEN)
    found = beam_search(steps, torch.tensor(starts), rules([limit] * 2, prefixes=asked), 9**4, Penalties(0.6))
    outputs = [one for one in every(limit) if text(one).startswith(prefix)]
    for start, (one, *_) in zip(starts, found, strict=True):
        score, tokens = best(steps, start, outputs, 0.6)
        assert (one.tokens, one.score) == (tokens, pytest.approx(score))


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), share=st.floats(0, 1))
def test_a_prefix_of_its_own_output_changes_no_greedy_output_and_any_is_kept_by_every_search(seed, share):
    steps, starts, limits = TableSteps(seed, V), torch.arange(4), [15] * 4
    found = greedy_search(steps, starts, rules(limits))
    if not all(one.finished for (one,) in found):
        return
    own = [WRITTEN.text(one.tokens) for (one,) in found]
    own = [one[: int(share * len(one))] for one in own]
    if all(one[:1] in (b"", b" ") and b"  " not in one for one in own):
        again = greedy_search(steps, starts, rules(limits, prefixes=Prefixes(own, WRITTEN)))
        assert plain(again) == plain(found)
    wanted = [b" ab aa", b" b", b"", b" a."]
    asked = rules([15 + len(one) for one in wanted], prefixes=Prefixes(wanted, WRITTEN))
    for results in (
        greedy_search(steps, starts, asked),
        beam_search(steps, starts, asked, 3, n_best=2),
        sample(steps, starts, asked, starts, seed=1, samples=2),
    ):
        for prefix, hypotheses in zip(wanted, results, strict=True):
            assert all(text(one.tokens).startswith(prefix.decode()[1:]) for one in hypotheses)


@pytest.mark.parametrize("phrases", [["a"], ["ä"], ["a b", "b."]])
def test_search_with_forbidden_phrases_equals_exhaustive_search(phrases):
    steps, starts, limit = TableSteps(3, V), [5, 17], 4
    demand = Forbidden([Phrase(one, True) for one in phrases], WRITTEN)
    found = beam_search(steps, torch.tensor(starts), rules([limit] * 2, demands=(demand,)), 9**4, Penalties(0.6))
    outputs = [
        one
        for one in every(limit)
        if not any(stands(phrase, text(one[:size])) for phrase in phrases for size in range(1, len(one) + 1))
    ]
    for start, (one, *_) in zip(starts, found, strict=True):
        score, tokens = best(steps, start, outputs, 0.6)
        assert (one.tokens, one.score) == (tokens, pytest.approx(score))


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), phrases=st.lists(st.sampled_from(["a", "b", "ab", "ba", "a b", "ä"]), min_size=1))
def test_no_search_writes_a_forbidden_phrase(seed, phrases):
    steps, starts = TableSteps(seed, V, peak=1.0), torch.arange(6)
    asked = rules([12] * 6, demands=(Forbidden([Phrase(one, True) for one in phrases], WRITTEN),))
    for results in (
        greedy_search(steps, starts, asked),
        beam_search(steps, starts, asked, 3, n_best=2),
        sample(steps, starts, asked, starts, seed=1, samples=2),
    ):
        written = [text(one.tokens) for hypotheses in results for one in hypotheses if one.finished]
        assert not [one for one in written for phrase in phrases if stands(phrase, one)]


def required(wishes, limit):
    phrases = [[Phrase(one, True) for one in wish] for wish in wishes]
    limits = [limit + reserve(phrases)]
    return rules(limits, demands=(demand := Required([phrases], limits, WRITTEN),)), demand


@pytest.mark.parametrize("wishes", [[["ab", "b"]], [["a"], ["b"]], [["ä"], ["a"]]])
def test_with_a_wide_beam_search_with_required_phrases_equals_exhaustive_search(wishes):
    steps, limit = TableSteps(3, V), 4
    asked, demand = required(wishes, 12)
    asked = Rules(torch.tensor([limit]), asked.suppressed, demands=(Required(demand.wishes, [10**6], WRITTEN),))
    found = beam_search(steps, torch.tensor([5]), asked, 9**4, Penalties(0.6), required=demand)
    outputs = [one for one in every(limit) if all(any(stands(p, text(one)) for p in wish) for wish in wishes)]
    score, tokens = best(steps, 5, outputs, 0.6)
    assert (found[0][0].tokens, found[0][0].score) == (tokens, pytest.approx(score))


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10**6),
    beam=st.integers(2, 6),
    limit=st.integers(1, 8),
    wishes=st.lists(
        st.lists(st.sampled_from(["a", "b", "ab", "abba", "a b", "ä", "äa.b", "a."]), min_size=1, max_size=2),
        min_size=1,
        max_size=3,
    ),
)
def test_every_output_has_every_required_phrase_and_early_stop_changes_nothing(seed, beam, limit, wishes):
    steps = TableSteps(seed, V)
    steps.table[:, EOS] += 2
    asked, demand = required(wishes, limit)
    early, late = (
        beam_search(steps, torch.tensor([5]), asked, beam, Penalties(), 2, False, stop, demand)
        for stop in (True, False)
    )
    assert plain(early) == plain(late)
    assert early[0][0].finished
    for one in early[0]:
        assert not one.finished or all(any(stands(p, text(one.tokens)) for p in wish) for wish in wishes)


def test_slots_are_shared_out_among_the_banks():
    assert share([5, 5, 5, 5, 0, 5], 4) == [0, 1, 2, 4]
    assert share([3, 3, 2, 1, 0, 0], 2) == [0, 4]
    assert share([3, 2, 1, 0], 4) == [0, 1, 2, 3]
    assert share([1, 1], 5) == [0, 1]
    assert share([], 3) == []
