"""Promises of the character vocabulary."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.errors import RequestError
from s2s.text.charset import DEFAULT, Charset, learn, merge, nfc
from s2s.text.vocabulary import BOS, EOS, PAD, UNK

HINDI = "हिन्दी में क़लम, श्री ॥ १२३"
words = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20)


def test_default_is_94_printable_characters_and_the_space():
    assert len(DEFAULT) == 95
    assert DEFAULT[0] == " "
    assert DEFAULT[-1] == "~"


def test_ids_start_after_the_four_specials():
    assert Charset("ab").encode("ba") == [5, 4]
    assert len(Charset("ab")) == 6


@given(words)
def test_what_was_learned_round_trips_in_nfc(text):
    charset = learn([text, "x"])
    assert charset.decode(charset.encode(text)) == nfc(text)
    assert UNK not in charset.encode(text)


def test_devanagari_round_trips_with_composition_exclusions():
    charset = learn([HINDI])
    assert charset.decode(charset.encode(HINDI)) == unicodedata.normalize("NFC", HINDI)
    assert charset.decode(charset.encode("\u0958")) == "\u0915\u093c"


def test_decomposed_and_composed_text_have_the_same_ids():
    charset = learn(["é"])
    assert charset.encode("e\u0301") == charset.encode("é") == [4]


def test_an_unknown_character_is_unk_and_is_named():
    charset = Charset("ab")
    assert charset.encode("aéb") == [4, UNK, 5]
    assert charset.unknown("aéé") == ["é", "é"]


def test_decoding_skips_specials_and_pieces_show_them():
    charset = Charset("ab")
    assert charset.decode([BOS, 4, UNK, 5, EOS, PAD]) == "ab"
    assert charset.pieces([BOS, 4, EOS]) == ["<s>", "a", "</s>"]


def test_search_may_not_emit_specials_but_eos():
    assert Charset("ab").suppressed == {PAD, UNK, BOS}


def test_save_and_load_keep_order_and_fingerprint(tmp_path):
    charset = learn([HINDI, "z a"])
    charset.save(tmp_path / "charset.json")
    loaded = Charset.load(tmp_path / "charset.json")
    assert loaded == charset
    assert loaded.fingerprint == charset.fingerprint
    assert Charset("ab").fingerprint != Charset("ba").fingerprint


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"characters": 3}', '{"format": 9, "characters": "a"}', "\0"])
def test_a_broken_file_is_refused_by_name(tmp_path, content):
    (tmp_path / "charset.json").write_text(content)
    with pytest.raises(RequestError, match=r"charset\.json"):
        Charset.load(tmp_path / "charset.json")


@pytest.mark.parametrize(
    ("characters", "message"), [("", "at least one"), ("aa", "more than once"), ("a\n", "U\\+000A")]
)
def test_impossible_charsets_are_refused(characters, message):
    with pytest.raises(RequestError, match=message):
        Charset(characters)


def test_a_character_that_nfc_never_yields_is_refused():
    with pytest.raises(RequestError, match=r"U\+0958"):
        Charset("\u0958")


def test_line_breaks_and_controls_are_never_learned():
    assert learn(["a\nb\tc\r"]).characters == "abc"


def test_merge_maps_every_row_by_character():
    old, data = Charset("abc"), Charset("cdx")
    keep, union, new = (merge(old, data, policy) for policy in ("keep", "union", "new"))
    assert keep.charset == old
    assert keep.rows == tuple(range(7))
    assert keep.unread == "dx"
    assert union.charset.characters == "abcdx"
    assert union.rows == (0, 1, 2, 3, 4, 5, 6, -1, -1)
    assert union.unread == ""
    assert new.charset == data
    assert new.rows == (0, 1, 2, 3, 6, -1, -1)
    assert new.removed == "ab"
    assert new.added == "dx"
    assert new.summary() == "3 characters, 2 added (d x), 2 removed (a b), 0 unread"


@given(st.sets(st.characters(min_codepoint=33, max_codepoint=400, blacklist_categories=("Cc",)), min_size=1))
def test_union_keeps_the_old_ids(characters):
    old = Charset(DEFAULT)
    merged = merge(old, learn(["".join(characters)]), "union")
    assert merged.charset.characters.startswith(DEFAULT)
    assert merged.rows[: len(old)] == tuple(range(len(old)))
    assert set(merged.rows[len(old) :]) <= {-1}
