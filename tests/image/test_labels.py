"""What is written: within the characters, by the frequencies, of the kinds asked for."""

import numpy as np
import pytest

from s2s.config.errors import RequestError
from s2s.config.rendering import Labels
from s2s.image.render.labels import Sampler
from s2s.image.render.script import clusters
from s2s.image.render.words import Words, from_languages, from_text, letters

ASCII = "".join(map(chr, range(0x20, 0x7F)))
COUNTS = {"the": 100.0, "house": 10.0, "tree": 1.0, "don't": 2.0}
KINDS = ("word", "number", "random", "phrase", "affixed", "single", "line")


def sampler(characters=ASCII, lines=(), counts=COUNTS, **numbers):
    config = Labels(**{"negative": 0.0, **numbers})
    return Sampler(config, characters, Words(counts, characters, config.power), lines)


def only(kind):
    return {**dict.fromkeys(KINDS, 0.0), kind: 1.0}


def draws(made, count=200):
    return [made.draw(np.random.default_rng([1, index])) for index in range(count)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "characters", [ASCII, "abcdefghijklmnopqrstuvwxyz' ", "theousr"], ids=["ascii", "small", "few"]
)
def test_nothing_outside_the_characters_is_written(kind, characters):
    for _, text in draws(sampler(characters, **only(kind))):
        assert text
        assert text == text.strip()
        assert set(text) <= set(characters)


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_kind_asked_for_is_written(kind):
    assert [found for found, _ in draws(sampler(**only(kind)))].count(kind) > 190


def test_shares_are_kept():
    kinds = [kind for kind, _ in draws(sampler(word=0.5, number=0.5, random=0, phrase=0, affixed=0, single=0), 1000)]
    assert 420 < kinds.count("number") < 580


def test_case_follows_its_shares():
    for case, check in (("lower", str.islower), ("upper", str.isupper), ("title", str.istitle)):
        cases = dict.fromkeys(("lower", "title", "upper", "mixed"), 0.0) | {case: 1.0}
        texts = [
            text
            for _, text in draws(
                sampler(counts={"the": 1.0, "house": 1.0}, uniform_length=0.0, **only("word"), **cases)
            )
        ]
        assert all(map(check, texts))


def test_frequent_words_are_drawn_more_often_and_power_flattens():
    rng = np.random.default_rng(0)
    steep, flat = Words(COUNTS, ASCII, 1.0), Words(COUNTS, ASCII, 0.0)
    assert sum(steep.draw(rng) == "the" for _ in range(500)) > 400
    assert 75 < sum(flat.draw(rng) == "the" for _ in range(500)) < 175


def test_lengths_are_even_when_asked_for():
    lengths = [len(text) for _, text in draws(sampler(uniform_length=1.0, length=(1, 25), **only("word")), 800)]
    assert min(lengths) == 1
    assert max(lengths) == 25
    assert 10 < np.mean(lengths) < 15


def test_rare_characters_are_favoured_in_random_strings():
    texts = "".join(text for _, text in draws(sampler("theousr~^", rare=50.0, **only("random")), 300))
    assert texts.count("~") > texts.count("t")


def test_given_lines_are_cut_between_words():
    line = "one two three four five six seven eight nine ten"
    for _, text in draws(sampler(lines=[line], line_length=(5, 20), **only("line")), 50):
        assert len(text) <= 20
        assert f" {text} " in f" {line} "


def test_marks_never_stand_alone_in_random_devanagari():
    characters = "कमलनगरहिीा्ं"
    counts = dict.fromkeys(("कमल", "नगर", "हिं", "गी", "का", "रा", "नि", "कि", "मि", "गि"), 1.0)
    for _, text in draws(sampler(characters, counts=counts, **only("random"))):
        assert text[0] not in "िीा्ं"


@pytest.mark.parametrize(
    ("text", "pieces"), [("abc", ["a", "b", "c"]), ("e\u0301x", ["e\u0301", "x"]), ("हिन्दी", ["हि", "न्दी"]), ("", [])]
)
def test_clusters_keep_marks_and_conjuncts_together(text, pieces):
    assert list(clusters(text)) == pieces


def test_native_digits_are_used_where_they_are_among_the_characters():
    characters = "०१२३४५६७८९ क"
    texts = [text for _, text in draws(sampler(characters, counts={"क": 1.0}, **only("number")))]
    assert any(text.isdigit() for text in texts)


def test_word_lists_of_languages_have_no_digits_and_unknown_ones_are_refused():
    counts = from_languages(["de"])
    assert counts["und"] > counts["haus"] > 0
    assert not any(character.isdigit() for word in counts for character in word)
    assert "ä" in letters(counts)
    with pytest.raises(RequestError, match="'xx'"):
        from_languages(["xx"])


def test_texts_are_read_as_words():
    assert from_text(["ein Haus", "", "ein  Baum"]) == {"ein": 2, "Haus": 1, "Baum": 1}


def test_words_outside_the_characters_are_no_words():
    with pytest.raises(RequestError, match="within the characters"):
        Words(COUNTS, "xyz", 0.5)
