"""A model and a language model in one search, against every output there is."""

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s.config.model import Decoder
from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.model import LanguageModel
from s2s.nn.running import token_nll
from s2s.search.beam import beam_search
from s2s.search.fusion import FusedSteps
from s2s.search.greedy import greedy_search
from s2s.search.sampling import sample
from s2s.search.scoring import Penalties, force
from s2s.text.vocabulary import EOS
from tests.search.tables import TableSteps
from tests.search.test_beam import CPU, plain, rules

VOCABULARY = 5


def language(seed=0, cell="lstm", input_feeding=False):
    torch.manual_seed(seed)
    part = Decoder(cell=cell, embedding=6, hidden=8, layers=2, tied=True, input_feeding=input_feeding)
    decoder = RecurrentDecoder(part, VOCABULARY).double().eval()
    for parameter in decoder.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return decoder


@pytest.mark.parametrize(("cell", "input_feeding", "alpha"), [("lstm", False, 0.0), ("gru", True, 1.0)])
@torch.inference_mode()
def test_search_with_fusion_equals_exhaustive_search(cell, input_feeding, alpha):
    limit, weight, starts = 4, 0.6, [5, 17]
    table, decoder = TableSteps(seed=3, vocabulary=VOCABULARY), language(0, cell, input_feeding)
    penalties = Penalties(alpha)
    divisors = penalties.divisors(limit)
    words = [token for token in range(VOCABULARY) if token != EOS]
    outputs = [list(output) for length in range(limit) for output in product(words, repeat=length)]
    # BOS reads as the end of a line to a language model; no output here has one.
    outputs = [output for output in outputs if 2 not in output]
    found = beam_search(
        FusedSteps(table, decoder, weight),
        torch.tensor(starts),
        rules([limit, limit], never=(2,)),
        VOCABULARY**limit,
        penalties,
        n_best=len(outputs),
    )
    for start, hypotheses in zip(starts, found, strict=True):
        own = force(table, torch.full((len(outputs),), start), outputs, CPU).tolist()
        scored = []
        for output, log_prob in zip(outputs, own, strict=True):
            read, written = (torch.tensor([line]) for line in ([EOS, *output], [*output, EOS]))
            fused = log_prob - weight * token_nll(LanguageModel(decoder), read, written).sum().item()
            scored.append((fused / divisors[len(output) + 1], output))
        scored.sort(key=lambda one: -one[0])
        assert [one.tokens for one in hypotheses] == [output for _, output in scored]
        assert [one.score for one in hypotheses] == pytest.approx([score for score, _ in scored])


@settings(max_examples=10)
@given(
    seed=st.integers(0, 10**6),
    weight=st.sampled_from([0.2, 1.0, 5.0]),
    alpha=st.sampled_from([0.0, 1.0, 4.0]),
    limits=st.lists(st.integers(1, 10), min_size=1, max_size=5),
)
@torch.inference_mode()
def test_early_stop_gives_what_running_to_the_maximum_gives(seed, weight, alpha, limits):
    steps = FusedSteps(TableSteps(seed, VOCABULARY), language(seed % 7), weight)
    starts = torch.arange(len(limits)) * 11
    early, late = (
        plain(beam_search(steps, starts, rules(limits), 3, Penalties(alpha), 2, False, stop)) for stop in (True, False)
    )
    assert early == late


def searches(steps, starts, limits):
    return [
        greedy_search(steps, starts, rules(limits)),
        beam_search(steps, starts, rules(limits), 3, n_best=2),
        sample(steps, starts, rules(limits), starts, seed=1, samples=2),
    ]


@torch.inference_mode()
def test_a_weight_of_nought_changes_nothing():
    table, starts, limits = TableSteps(4, VOCABULARY), torch.arange(9), [12] * 9
    fused = searches(FusedSteps(table, language(), 0.0), starts, limits)
    assert list(map(plain, fused)) == list(map(plain, searches(table, starts, limits)))


@torch.inference_mode()
def test_every_search_honours_it_and_a_row_does_not_depend_on_its_company():
    table, starts, limits = TableSteps(4, VOCABULARY), torch.arange(9), [12, 3, 8, 12, 1, 9, 12, 4, 7]
    steps = FusedSteps(table, language(), 2.0)
    for together, plainly in zip(searches(steps, starts, limits), searches(table, starts, limits), strict=True):
        assert [[one.tokens for one in row] for row in together] != [[one.tokens for one in row] for row in plainly]
    for row in range(9):
        alone = searches(steps, starts[row : row + 1], limits[row : row + 1])
        for one, together in zip(alone, searches(steps, starts, limits), strict=True):
            assert [h.tokens for h in one[0]] == [h.tokens for h in together[row]]


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="negative"):
        FusedSteps(TableSteps(1, 5), language(), -0.1)
