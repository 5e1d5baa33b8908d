"""CTC's beam search with a prior, against the enumeration of every path and every text."""

import itertools
import math
import string

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s.config.model import Decoder
from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.model import LanguageModel
from s2s.nn.running import token_nll
from s2s.search.character_model import CharacterModel
from s2s.search.ctc import beam, score
from s2s.search.lexicon import Lexicon
from s2s.search.prior import Together
from s2s.text.vocabulary import EOS
from tests.search.test_ctc import labels, lattice, texts

CPU = torch.device("cpu")
BEGIN, TOKENS = 4, (7, 5, 6)
"""What begins a line, and what stands for three labels, of a language model of eight tokens."""


def language(seed=0, cell="lstm", input_feeding=False):
    torch.manual_seed(seed)
    part = Decoder(cell=cell, embedding=6, hidden=8, layers=2, tied=True, input_feeding=input_feeding)
    decoder = RecurrentDecoder(part, 8).double().eval()
    for parameter in decoder.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return decoder


def line_log_prob(decoder, text):
    """The log-probability of a text of labels as a line of its own."""
    line = [*([BEGIN] if text else []), *(TOKENS[label - 1] for label in text), EOS]
    return -token_nll(LanguageModel(decoder), torch.tensor([[EOS, *line[:-1]]]), torch.tensor([line])).sum().item()


def check_all(log_probs, prior, of_text):
    """A beam that is wide enough finds every text that is not forbidden, in the order of its score."""
    total, _ = texts(log_probs[0])
    expected = {text: math.log(p) + of_text(text) for text, p in total.items() if of_text(text) > -math.inf}
    (found,) = beam(log_probs, torch.tensor([log_probs.shape[1]]), len(total), len(total), prior)
    assert {labels(one): pytest.approx(one.score) for one in found} == expected
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(one.log_prob == pytest.approx(math.log(total[labels(one)])) for one in found)


@pytest.mark.parametrize(("cell", "input_feeding"), [("lstm", False), ("gru", True)])
@settings(max_examples=6)
@given(st.integers(0, 10**6), st.integers(1, 3), st.sampled_from([0.0, 0.5, 2.0]), st.sampled_from([0.0, 1.5]))
@torch.inference_mode()
def test_search_with_a_language_model_equals_brute_force(cell, input_feeding, seed, steps, weight, bonus):
    decoder = language(seed % 5, cell, input_feeding)
    prior = CharacterModel(decoder, TOKENS, BEGIN, weight, bonus)
    log_probs = lattice(seed, 1, steps, 2.0, 4)
    check_all(log_probs, prior, lambda text: weight * line_log_prob(decoder, text) + bonus * len(text))


def by_lexicon(words, weight, characters):
    """What a lexicon makes of a text of labels, told in words."""

    def of_text(text):
        said = "".join(characters[label - 1] for label in text).lower()
        parts = said.split(" ")
        known = sum(part in words for part in parts)
        if weight is not None:
            return weight * known
        return 0.0 if not said or known == len(parts) else -math.inf

    return of_text


@pytest.mark.parametrize("weight", [None, 0.7, 4.0])
@settings(max_examples=8)
@given(seed=st.integers(0, 10**6), steps=st.integers(1, 3))
def test_search_with_a_lexicon_equals_brute_force(weight, seed, steps):
    characters, words = "aB b", ["a", "ab", "bba"]
    prior = Lexicon(["a", "Ab", "bba"], characters, weight)
    check_all(lattice(seed, 1, steps, 2.0, 5), prior, by_lexicon(words, weight, characters))


@torch.inference_mode()
def test_a_language_model_and_a_lexicon_add_up():
    decoder = language()
    both = Together([CharacterModel(decoder, TOKENS, BEGIN, 0.5, 0.3), Lexicon(["ab", "c"], "abc", 2.0)])
    of_lexicon = by_lexicon(["ab", "c"], 2.0, "abc")
    log_probs = lattice(4, 1, 3, 2.0, 4)
    check_all(log_probs, both, lambda text: 0.5 * line_log_prob(decoder, text) + 0.3 * len(text) + of_lexicon(text))


@torch.inference_mode()
def test_a_weight_of_nought_changes_nothing():
    log_probs, steps = lattice(3, 7, 12, 3.0, 4), torch.tensor([12, 1, 5, 7, 12, 3, 2])
    assert beam(log_probs, steps, 4, 3, CharacterModel(language(), TOKENS, BEGIN, 0.0)) == beam(log_probs, steps, 4, 3)


@pytest.mark.parametrize("which", ["language", "lexicon", "both"])
@torch.inference_mode()
def test_a_row_reads_the_same_in_any_company(which):
    model, words = CharacterModel(language(), TOKENS, BEGIN, 0.5, 0.3), Lexicon(["ab", "c", "cab"], "abc", None)
    prior = {"language": model, "lexicon": words, "both": Together([model, words])}[which]
    log_probs, steps = lattice(3, 7, 12, 1.0, 4), torch.tensor([12, 1, 5, 7, 12, 3, 2])
    together = beam(log_probs, steps, 4, 2, prior)
    for row, length in enumerate(steps.tolist()):
        (alone,) = beam(log_probs[row : row + 1, :length], steps[row : row + 1], 4, 2, prior)
        assert [one.tokens for one in alone] == [one.tokens for one in together[row]]
        assert [one.score for one in alone] == pytest.approx([one.score for one in together[row]])


def test_where_no_word_was_found_nothing_is_read():
    log_probs = torch.tensor([0.001, 0.998, 0.001]).log().expand(1, 3, 3)
    (found,) = beam(log_probs, torch.tensor([3]), 1, 1, Lexicon(["ab"], "ab", None))
    assert [one.tokens for one in found] == [[]]
    assert found[0].added == 0.0


def test_a_lexicon_reads_words_in_any_case_and_across_spaces():
    characters = string.ascii_letters + " "
    prior = Lexicon(["Stop", "now"], characters, None)
    for text in ("STOP", "stop NOW", "Stop now stop"):
        path = list(itertools.chain.from_iterable((0, 1 + characters.index(character)) for character in text))
        log_probs = torch.full((1, len(path), len(characters) + 1), 0.001)
        log_probs[0, torch.arange(len(path)), path] = 1.0
        ((found,),) = beam(log_probs.log_softmax(2), torch.tensor([len(path)]), 8, 1, prior)
        assert "".join(characters[label - 1] for label in labels(found)) == text


@settings(max_examples=5)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_the_score_of_a_given_text_is_the_sum_over_its_paths(seed, steps):
    log_probs = lattice(seed, 1, steps, 2.0, 4)
    total, _ = texts(log_probs[0])
    for length in range(4):
        for text in itertools.product((1, 2, 3), repeat=length):
            expected = math.log(total[text]) if text in total else -math.inf
            assert score(log_probs, torch.tensor([steps]), [text]) == pytest.approx([expected])
