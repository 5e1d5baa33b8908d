"""Every string survives the vocabulary, and its ids are SentencePiece's."""

import pickle
from pathlib import Path

import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.errors import RequestError
from s2s.config.vocabulary import Pieces
from s2s.text.subwords import ALTERNATIVES, LONGEST_SAMPLED, Subwords
from s2s.text.train_subwords import train_subwords
from s2s.text.vocabulary import BOS, EOS, PAD, UNK

LINES = [
    "A brown dog runs across the green field.",
    "Ein brauner Hund läuft über das grüne Feld.",
    "two dogs  are running after the other dog, running and running",
    "<s> 0x0A </s> ünïcödé 東京タワー",
] * 5
KINDS = ("unigram", "bpe", "char", "word")
VOCABULARIES = {kind: train_subwords(LINES, Pieces(kind=kind, size=400)) for kind in KINDS}
CASES = [
    "",
    " ",
    "  a ",
    "\n",
    "\r\n",
    "\0",
    "a\u2581b",
    "\u2581",
    "<s>",
    "\u2581<s>",
    "<0x0A>",
    "x \u2585 y",
    "\u2028",
    "🙂 dog",
    " dog ",
]
# Open text, mixed with what the vocabulary knows and what has a meaning of its own inside the library.
TEXT = st.lists(st.one_of(st.text(), st.sampled_from(CASES), st.sampled_from(LINES)), max_size=4).map("".join)


@pytest.mark.parametrize("kind", KINDS)
@given(text=TEXT)
def test_decode_of_encode_is_the_text(kind: str, text: str) -> None:
    vocabulary = VOCABULARIES[kind]
    ids = vocabulary.encode(text)
    assert vocabulary.decode(ids) == text
    assert not {PAD, UNK, BOS, EOS} & set(ids)
    assert vocabulary.decode([BOS, *ids, EOS, PAD, UNK]) == text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", CASES)
def test_awkward_texts_survive(kind: str, text: str) -> None:
    assert VOCABULARIES[kind].decode(VOCABULARIES[kind].encode(text)) == text


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
@given(text=TEXT.filter(lambda text: text and "\u2581" not in text))
def test_ids_are_those_of_sentencepiece_on_the_whole_text(kind: str, text: str) -> None:
    assert VOCABULARIES[kind].encode(text) == LIBRARY[kind].encode_as_ids(" " + text)


def _library(vocabulary: Subwords) -> sentencepiece.SentencePieceProcessor:
    _, (model,) = vocabulary.__reduce__()
    return sentencepiece.SentencePieceProcessor(model_proto=model)


LIBRARY = {kind: _library(vocabulary) for kind, vocabulary in VOCABULARIES.items()}


@given(text=TEXT)
def test_words_join_to_the_text_with_a_space_before_it(text: str) -> None:
    vocabulary = VOCABULARIES["unigram"]
    assert "".join(vocabulary.words(text)) == (" " + text if text else "")
    assert [index for word in vocabulary.words(text) for index in vocabulary.segment(word)] == vocabulary.encode(text)


def test_word_model_has_whole_words_and_spells_the_others() -> None:
    vocabulary = VOCABULARIES["word"]
    assert vocabulary.pieces(vocabulary.encode("dog runs")) == ["\u2581dog", "\u2581runs"]
    assert vocabulary.pieces(vocabulary.encode("dox")) == ["<0x20>", "<0x64>", "<0x6F>", "<0x78>"]


def test_search_never_emits_line_breaks() -> None:
    vocabulary = train_subwords(["one\ntwo\r\nthree"] * 9, Pieces(kind="unigram", size=300))
    breaks = {index for index in range(len(vocabulary)) if {"\n", "\r"} & set(vocabulary.decode([index]))}
    assert breaks | {PAD, UNK, BOS} == vocabulary.suppressed
    assert EOS not in vocabulary.suppressed
    assert len(breaks) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["\ud800", "a dog \udfff", "x" * 100 + "\ud800"])
def test_a_lone_surrogate_is_refused_in_words(kind: str, text: str) -> None:
    with pytest.raises(RequestError, match=r"lone surrogate U\+D"):
        VOCABULARIES[kind].encode(text)


@pytest.mark.parametrize("kind", KINDS)
@given(word=st.one_of(TEXT, st.text("dograuning", max_size=45)))
def test_alternatives_all_spell_the_word(kind: str, word: str) -> None:
    vocabulary = VOCABULARIES[kind]
    for marked in vocabulary.words(word):
        choices, weights = vocabulary.alternatives(marked, 0.3)
        assert {vocabulary.decode(ids) for ids in choices} == {marked[1:]}
        assert len({tuple(ids) for ids in choices}) == len(choices) == len(weights) <= ALTERNATIVES
        assert sum(weights) == pytest.approx(1)
        assert weights == sorted(weights, reverse=True)
        assert (choices, weights) == vocabulary.alternatives(marked, 0.3)


def test_unigram_alternatives_begin_with_the_best_and_follow_alpha() -> None:
    vocabulary = VOCABULARIES["unigram"]
    (best, second, *_), sharp = vocabulary.alternatives(" running", 1.0)
    assert best == vocabulary.encode("running")
    assert len(sharp) > 2
    _, flat = vocabulary.alternatives(" running", 0.0)
    assert flat == pytest.approx([1 / len(flat)] * len(flat))
    _, half = vocabulary.alternatives(" running", 0.5)
    assert half[0] / half[1] == pytest.approx((sharp[0] / sharp[1]) ** 0.5)
    score = _library(vocabulary).get_score
    assert sharp[0] / sharp[1] == pytest.approx(
        2.718281828 ** (sum(map(score, best)) - sum(map(score, second))), rel=1e-4
    )


@given(text=st.text("dograuning Feld", max_size=40))
def test_bpe_without_dropout_is_the_best_segmentation(text: str) -> None:
    vocabulary = VOCABULARIES["bpe"]
    for word in vocabulary.words(text):
        assert vocabulary.alternatives(word, 0.0) == ([LIBRARY["bpe"].encode_as_ids(word)], [1.0])


def test_bpe_dropout_finds_other_segmentations() -> None:
    choices, _ = VOCABULARIES["bpe"].alternatives(" running", 0.3)
    assert len(choices) > 2


@pytest.mark.parametrize("kind", KINDS)
def test_long_words_keep_their_best_segmentation(kind: str) -> None:
    word = " " + "dog" * LONGEST_SAMPLED
    assert VOCABULARIES[kind].alternatives(word, 0.3) == ([VOCABULARIES[kind].encode(word[1:])], [1.0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_codec_is_the_same_codec(kind: str, tmp_path: Path) -> None:
    vocabulary = VOCABULARIES[kind]
    vocabulary.save(tmp_path / "subwords.model")
    for other in (Subwords.load(tmp_path / "subwords.model"), pickle.loads(pickle.dumps(vocabulary))):
        assert other.fingerprint == vocabulary.fingerprint
        assert len(other) == len(vocabulary)
        assert other.encode(LINES[0]) == vocabulary.encode(LINES[0])


def test_fingerprints_differ() -> None:
    assert len({vocabulary.fingerprint for vocabulary in VOCABULARIES.values()}) == len(KINDS)


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"nowhere\.model: No such file"):
        Subwords.load(tmp_path / "nowhere.model")
