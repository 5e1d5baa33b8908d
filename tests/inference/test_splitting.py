import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.inference.splitting import join, split


def at_most(length):
    return lambda text: len(text) <= length


@pytest.mark.parametrize(
    ("text", "length", "parts"),
    [
        ("One is here. Two are there. Three!", 14, ["One is here.", "Two are there.", "Three!"]),
        ("He said: “Go!” Then he left.", 16, ["He said: “Go!”", "Then he left."]),
        ("今日は晴れです。明日は雨でしょう。", 9, ["今日は晴れです。", "明日は雨でしょう。"]),
        ("मैं घर जा रहा हूँ। तुम कहाँ हो?", 18, ["मैं घर जा रहा हूँ।", "तुम कहाँ हो?"]),
        ("Wir essen z. B. Brot am 3. Oktober. Es regnet.", 36, ["Wir essen z. B. Brot am 3. Oktober.", "Es regnet."]),
        ("The price of 3.50 is fine, we pay it", 30, ["The price of 3.50 is fine,", "we pay it"]),
        ("no marks at all in here", 14, ["no marks at", "all in here"]),
        ("unbreakable", 6, ["unbre", "akable"]),
        ("  spaces  around.  ", 30, ["spaces  around."]),
        ("   ", 3, []),
    ],
)
def test_texts_are_cut_where_a_reader_would(text, length, parts):
    assert split(text, at_most(length)) == parts


@given(text=st.text(max_size=60), length=st.integers(1, 12))
def test_parts_fit_and_lose_nothing_but_space(text, length):
    parts = split(text, at_most(length))
    assert all(len(part) <= length and part.strip() == part != "" for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_accents_and_joined_emoji_stay_whole():
    text = "e\u0301" * 6
    assert all(part.startswith("e") for part in split(text, at_most(5)))
    assert split("👩‍👩‍👧👩‍👩‍👧", at_most(5)) == ["👩‍👩‍👧", "👩‍👩‍👧"]


def test_a_single_character_is_never_cut():
    assert split("ab", lambda text: False) == ["a", "b"]


@pytest.mark.parametrize(("language", "joined"), [("de", "a b"), (None, "a b"), ("ja", "ab"), ("zh_Hant", "ab")])
def test_outputs_are_joined_as_the_language_is_written(language, joined):
    assert join(["a", "", "b"], language) == joined
