"""One spelling for what looks the same, and every change counted."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.vocabulary import Pieces
from s2s.text.normalisation import INVISIBLE, SPACES, differences, is_blank, normalise
from s2s.text.train_subwords import train_subwords

FORMS = ("nfc-spaces", "nfkc")
ODD = st.text(st.sampled_from("ae\u0301\u0308\u00e9 \u00a0\u202f\u3000\t\r\n\x85\u200b\u200d\ufeff\0\x1b\u00ad\ufb01½"))
TEXT = st.one_of(ODD, st.text())


@pytest.mark.parametrize("kind", FORMS)
@given(TEXT)
def test_doing_it_twice_changes_nothing(kind, text):
    assert normalise(normalise(text, kind), kind) == normalise(text, kind)


@pytest.mark.parametrize("kind", FORMS)
@given(TEXT)
def test_what_is_changed_is_named_and_nothing_else(kind, text):
    assert bool(list(differences(text, kind))) == (normalise(text, kind) != text)


@given(TEXT)
def test_none_changes_nothing(text):
    assert normalise(text, "none") == text
    assert not list(differences(text, "none"))


@given(ODD)
def test_composed_and_decomposed_text_become_the_same(text):
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(text)


def test_every_kind_of_space_becomes_a_plain_one_and_every_control_goes():
    for character in map(chr, range(sys.maxunicode + 1)):
        if character.isspace():
            assert normalise(f"a{character}b") == "a b"
        elif unicodedata.category(character) == "Cc":
            assert normalise(f"a{character}b") == "ab"


def test_joiners_and_direction_marks_are_text():
    persian = "می\u200cخواهم \u200f(شاید)"
    assert normalise(persian) == persian
    assert normalise("👩\u200d🚀") == "👩\u200d🚀"


def test_nfkc_also_makes_plain_letters_of_compatibility_ones():
    assert (normalise("ﬁnd ½", "nfkc"), normalise("ﬁnd ½")) == ("find 1⁄2", "ﬁnd ½")


def test_reasons_are_names_that_people_understand():
    assert list(differences("32\u00a0hours\x1b")) == [SPACES, INVISIBLE]
    assert list(differences("u\u0308ber")) == ["other spelling in Unicode NFC"]


def test_a_text_without_anything_to_see_is_blank():
    assert all(map(is_blank, ("", " \t", "\u3000", "\u200b", " \0\ufeff ")))
    assert not is_blank("\u200ba")


@given(TEXT.filter(lambda text: not any("\ud800" <= character <= "\udfff" for character in text)))
def test_subwords_give_normal_text_back(text):
    assert CODEC.decode(CODEC.encode(normalise(text))) == normalise(text)


CODEC = train_subwords(["ein über alles schöner Satz"] * 9, Pieces(size=300))
