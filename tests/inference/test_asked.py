"""What is asked of a translator's outputs: how they begin, what they have and have not."""

import random
import re

import pytest
import torch

import s2s
from s2s.config.errors import RequestError
from s2s.inference.options import Sampling
from s2s.inference.phrases import Phrases
from s2s.metrics.consensus import consensus
from tests.inference.test_translator import sentences, translator
from tests.tiny import TEXT

WAYS = [{}, {"beam": 1}, {"sampling": Sampling(seed=3)}, {"n_best": 3}]


def stands(phrase, text):
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text) is not None


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_every_output_begins_with_its_prefix_to_the_character_alone_and_in_company(options):
    translate, texts = translator(dtype=torch.float64, max_source=12), sentences(10)
    begun = [("", "Ein Hu", "Zwei Männer ", "Übermä", "犬 a  b")[place % 5] for place in range(10)]
    together = translate(texts, prefix=begun, **options)
    for text, prefix, result in zip(texts, begun, together, strict=True):
        assert all(one.text.startswith(prefix) for one in result.n_best)
        assert result.parts == 1 or not prefix
        assert translate(text, prefix=prefix, **options).text == result.text
    plain = translate(texts[::5], **options)
    assert [one.text for one in together[::5]] == [one.text for one in plain]


def test_a_prefix_of_the_greedy_output_wherever_it_is_cut_gives_the_same_output():
    texts, chosen, checked = sentences(8), random.Random(1), 0
    for seed in range(8):
        translate = translator(dtype=torch.float64, seed=seed, max_source=200)
        # A limit counts from where the prefix ends, and half characters are no text to begin with.
        found = zip(texts, translate(texts, beam=1, min_length=3), strict=True)
        whole = [(text, one) for text, one in found if not one.cut and one.text.strip() == one.text]
        whole = [(text, one) for text, one in whole if one.text.isprintable() and "\ufffd" not in one.text]
        begun = [one.text[: chosen.randint(1, len(one.text))] for _, one in whole]
        again = translate([text for text, _ in whole], beam=1, min_length=3, prefix=begun)
        assert [(one.text, one.tokens) for one in again] == [(one.text, one.tokens) for _, one in whole]
        checked += len({one.text for one in again})
    assert checked > 3


def test_prefixes_that_cannot_be_are_refused():
    translate = translator()
    with pytest.raises(RequestError, match="2 texts cannot have 1 prefixes"):
        translate(TEXT[:2], prefix=["a"])
    with pytest.raises(RequestError, match="half a character"):
        translate(TEXT[0], prefix="a\ud800")
    assert translate(" ", prefix="a").text == ""
    assert translate(TEXT[0], prefix=" \u0041\u0308").text.startswith("Ä")  # as the training data has it


@pytest.mark.parametrize("options", [{"beam": 2}, {"n_best": 3}], ids=str)
def test_every_output_has_what_is_required_alone_and_in_company(options):
    translate, texts = translator(dtype=torch.float64, max_source=3), ["A dog.", "Two men", "dog shop"]
    phrases = Phrases(["Hund", "ein Kind"])
    together = translate(texts, phrases=phrases, **options)
    for text, result in zip(texts, together, strict=True):
        assert all(stands(phrase, one.text) for one in result.n_best for phrase in phrases.require)
        assert (result.parts, result.cut, result.missed) == (1, False, [])
        assert translate(text, phrases=phrases, **options).text == result.text


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_no_output_has_what_is_forbidden(options):
    translate, texts = translator(dtype=torch.float64, max_source=200), sentences(12)
    options = {**options, "min_length": 5, "repetition_penalty": 3}  # for outputs of words
    plain = translate(texts, **options)
    words = sorted({word for result in plain for one in result.n_best for word in re.findall(r"\w+", one.text)})
    assert len(words) > 3
    forbidden = words[::2]
    found = translate(texts, phrases=Phrases(forbid=forbidden), **options)
    assert not [one for r in found for one in r.n_best for word in forbidden if stands(word, one.text)]
    assert [r.text for r in found] != [r.text for r in plain]
    assert translate(texts, phrases=Phrases(forbid=["nie zu sehen"]), **options) == plain


def test_a_glossary_is_for_lines_in_which_its_source_phrase_stands(tmp_path):
    (tmp_path / "terms").write_text("dog\tHund\n\nTwo men\tZwei Männer\nmen\tLeute\nmeadow\tWiese\nmeadow\tAue\n")
    translate, phrases = translator(dtype=torch.float64), Phrases(glossary=tmp_path / "terms")
    texts = ["A Dog runs.", "Dogs run.", "Two men talk.", "two men talk.", "Over the meadow."]
    wanted = [["Hund"], [], ["Zwei Männer"], ["Leute"], ["Wiese", "Aue"]]
    results, plain = translate(texts, phrases=phrases), translate(texts)
    for result, wish, free in zip(results, wanted, plain, strict=True):
        assert any(stands(one, result.text) for one in wish) or not wish
        assert wish or (result.tokens, result.score) == (free.tokens, pytest.approx(free.score))


def test_a_required_phrase_goes_with_a_prefix_and_with_demands():
    translate = translator(dtype=torch.float64)
    found = translate(TEXT[0], prefix="Ein H", phrases=Phrases(["Wiese"], ["Hund"]), min_length=9, no_repeat_ngram=3)
    assert found.text.startswith("Ein H")
    assert stands("Wiese", found.text)
    assert not stands("Hund", found.text)
    assert len(found.tokens) >= 9


def test_minimum_bayes_risk_puts_the_output_first_that_is_most_like_the_others():
    translate, texts = translator(dtype=torch.float64, max_source=12), sentences(6)
    for options in ({"beam": 8, "n_best": 8}, {"sampling": Sampling(seed=1), "n_best": 20}):
        options["min_length"] = 3
        found, plain = translate(texts, mbr=True, **options), translate(texts, **options)
        assert [translate(text, mbr=True, **options).text for text in texts] == [one.text for one in found]
        assert [one.text for one in found] != [one.text for one in plain]
        for one, other in zip(found, plain, strict=True):
            if one.parts == 1:
                assert sorted(c.text for c in one.n_best) == sorted(c.text for c in other.n_best)
                scores = consensus([c.text for c in one.n_best])
                assert scores == sorted(scores, reverse=True)
                assert one.text == one.n_best[0].text
    with pytest.raises(RequestError, match="mbr chooses among several outputs"):
        translate(texts, mbr=True)


def test_what_could_not_be_had_is_named():
    phrases = Phrases(["a a a a"], ["Hund"])
    found = translator()(TEXT[0], prefix="Ein Hund ", phrases=phrases, no_repeat_ngram=1)
    assert found.missed == ["a a a a", "Hund"]


@pytest.mark.parametrize(
    ("phrases", "options", "message"),
    [
        ({"require": "Hund"}, {}, "require must be a list of phrases"),
        ({"require": [" Hund"]}, {}, "without space around it"),
        ({"forbid": ["a\nb"]}, {}, "without space around it or line breaks"),
        ({"require": ["ein Hund"], "forbid": ["Hund"]}, {}, '"ein Hund" cannot be required where "Hund" is forbidden'),
        ({"require": ["Hund"]}, {"beam": 1}, "need a beam of 2 or more"),
        ({"require": ["Hund"]}, {"sampling": Sampling()}, "need a beam; leave them out of sampling"),
    ],
)
def test_phrases_that_cannot_be_are_refused_in_one_sentence(phrases, options, message):
    with pytest.raises(RequestError, match=message):
        translator()(TEXT[0], phrases=s2s.Phrases(**phrases), **options)


@pytest.mark.parametrize(("text", "message"), [("a b\n", "line 1: not a phrase"), ("\n", "is empty")])
def test_a_glossary_that_is_none_is_refused(tmp_path, text, message):
    (tmp_path / "terms").write_text(text)
    with pytest.raises(RequestError, match=message):
        translator()(TEXT[0], phrases=Phrases(glossary=tmp_path / "terms"))
