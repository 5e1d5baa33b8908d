import time

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


@pytest.mark.parametrize(
    "unit",
    [".", ",", " ", "。", "x", "dog ", "A dog. ", "one, two; ", "e\u0301", ".)", " –", "x" * 99 + "\u200d"],
    ids=repr,
)
def test_the_time_for_a_line_grows_hardly_faster_than_the_line(unit):
    """Eight times the text takes far less than the 64 times of quadratic growth."""

    def seconds(size):
        text = "a" + unit * (size // len(unit)) + "b"
        begun = time.process_time()
        split(text, at_most(200))
        return time.process_time() - begun

    short = max(min(seconds(2**13) for _ in range(3)), 1e-3)
    assert seconds(2**16) < 28 * short


def test_a_single_character_is_never_cut():
    assert split("ab", lambda text: False) == ["a", "b"]


@pytest.mark.parametrize(("language", "joined"), [("de", "a b"), (None, "a b"), ("ja", "ab"), ("zh_Hant", "ab")])
def test_outputs_are_joined_as_the_language_is_written(language, joined):
    assert join(["a", "", "b"], language) == joined
