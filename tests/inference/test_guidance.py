"""Translators and readers with a language model, readers with a lexicon: what changes, and what is refused."""

import math
from collections import Counter
from dataclasses import replace

import pytest
import torch

import s2s
from s2s.bundle.save import save
from s2s.config.errors import RequestError
from s2s.inference.guidance import BEAM, Guidance, guide
from s2s.inference.options import Sampling
from s2s.inference.ordinary import Ordinary
from s2s.inference.portable import portable
from s2s.inference.recognizer import Recognizer
from s2s.inference.translator import Translator
from s2s.text.charset import Charset
from tests.bars import TEXTS, draw, random_bundle
from tests.inference.test_recognizer import MODEL, noise
from tests.inference.test_translator import sentences
from tests.languages import language_bundle, letters
from tests.tiny import tiny_bundle


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder of small models."""
    folder = tmp_path_factory.mktemp("models")
    save(folder / "lm", language_bundle())
    save(folder / "other", language_bundle(letters()))
    save(folder / "translator", tiny_bundle())
    save(folder / "second", tiny_bundle(seed=1))
    save(folder / "apart", tiny_bundle(joint=False))
    save(folder / "welsh", replace(tiny_bundle(), languages=("en", "cy")))
    save(folder / "reader", random_bundle())
    save(folder / "attention", random_bundle(model={**MODEL, "decoder": "attention"}))
    (folder / "words.txt").write_text("Ab\nbad\n\ncafe\nxyz\n")
    return folder


def fused(models, weight, **options):
    translator = Translator.from_bundle(tiny_bundle(**options))
    guide(translator, Guidance(lm=models / "lm", lm_weight=weight), "it")
    return translator


@pytest.mark.parametrize("options", [{}, {"beam": 1}, {"sampling": Sampling(seed=3)}, {"n_best": 3}])
def test_every_search_of_a_translator_takes_the_language_model_and_no_company(models, options):
    texts = sentences(12)
    translate = fused(models, 2.0, dtype=torch.float64)
    together = [one.text for one in translate(texts, **options)]
    assert [translate(text, **options).text for text in texts] == together
    plain = Translator.from_bundle(tiny_bundle(dtype=torch.float64))
    assert [one.text for one in plain(texts, **options)] != together
    assert fused(models, 0.0, dtype=torch.float64)(texts, **options) == plain(texts, **options)


def test_a_translator_scores_its_own_output_as_its_search_did(models):
    checked = Counter()
    for translate in (
        Translator.from_bundle(tiny_bundle(dtype=torch.float64)),
        fused(models, 0.5, dtype=torch.float64),
    ):
        texts = sentences(40)
        found = translate(texts, length_penalty=0.0, beam=8, n_best=8)
        pairs = [
            (text, one) for text, result in zip(texts, found, strict=True) if result.parts == 1 for one in result.n_best
        ]
        scores = translate.score([text for text, _ in pairs], [one.text for _, one in pairs])
        for (_, candidate), one in zip(pairs, scores, strict=True):
            ids = translate.target_vocabulary.encode(candidate.text)
            # A search may write a text in other subwords than those that it is cut into.
            if translate.target_vocabulary.pieces(ids) == candidate.tokens and len(ids) < 5:
                assert one.log_prob == pytest.approx(candidate.score, rel=1e-5)
                assert one.tokens == len(ids) + 1
                checked[len(ids)] += 1
    assert checked[0] > 20
    assert checked[1] > 2


def test_given_translations_are_scored_in_order_and_a_blank_for_a_blank_is_certain():
    translate = Translator.from_bundle(tiny_bundle(dtype=torch.float64))
    first, second = translate.score(["A dog.", "A child."], ["Ein Hund.", "Ein Kind."])
    scores = translate.score(["A child.", " ", "A dog.", "A dog."], ["Ein Kind.", "", "Ein Hund.", ""])
    assert [one.log_prob for one in scores[:3]] == pytest.approx([second.log_prob, 0.0, first.log_prob])
    assert scores[3].log_prob < 0
    with pytest.raises(RequestError, match="1 texts cannot have 2 translations"):
        translate.score(["a"], ["b", "c"])


@pytest.mark.parametrize("options", [{}, {"beam": 1}, {"sampling": Sampling(seed=3)}, {"n_best": 3}])
@pytest.mark.parametrize("mean", ["probabilities", "logs"])
def test_an_ensemble_searches_in_every_way_and_one_of_a_model_with_itself_is_that_model(options, mean):
    texts, model = sentences(12), tiny_bundle(dtype=torch.float64)
    options = {**options, "min_length": 4}  # these models like to end at once

    def together(*others):
        translator = Translator.from_bundle(model)
        translator.others, translator.mean = tuple(one.model for one in others), mean
        return translator

    alone = together()(texts, **options)
    for found, plain in zip(together(model, model)(texts, **options), alone, strict=True):
        assert (found.text, found.tokens) == (plain.text, plain.tokens)
        assert found.score == pytest.approx(plain.score, rel=1e-9)
    several = together(tiny_bundle(seed=1, dtype=torch.float64), tiny_bundle("additive", dtype=torch.float64))
    found = several(texts, **options)
    assert [one.text for one in found] != [one.text for one in alone]
    assert [several(text, **options).text for text in texts] == [one.text for one in found]


def test_the_mean_of_logs_scores_an_output_as_the_mean_of_the_models(models):
    texts, translations = sentences(5), sentences(5, seed=1)
    one, other = (s2s.load(models / name, "cpu").score(texts, translations) for name in ("translator", "second"))
    both = {
        mean: s2s.load(models / "translator", "cpu", ensemble=[models / "second"], ensemble_mean=mean)
        for mean in ("probabilities", "logs")
    }
    means = [(a.log_prob + b.log_prob) / 2 for a, b in zip(one, other, strict=True)]
    found = {mean: [score.log_prob for score in both[mean].score(texts, translations)] for mean in both}
    assert found["logs"] == pytest.approx(means, rel=1e-4)
    assert all(a > b for a, b in zip(found["probabilities"], means, strict=True))  # Jensen's inequality


@pytest.mark.parametrize(
    ("name", "other", "message"),
    [
        ("translator", "apart", "apart has another target vocabulary than .*translator"),
        ("translator", "welsh", "welsh translates other languages than"),
        ("translator", "lm", "task language, not translation"),
        ("reader", "reader", "--ensemble is for translators, and .*reader reads pictures"),
    ],
)
def test_what_cannot_be_an_ensemble_is_refused_in_one_sentence(models, name, other, message):
    with pytest.raises(RequestError, match=message):
        s2s.load(models / name, "cpu", ensemble=[models / other])
    for wrong, words in (
        ({"ensemble": "one"}, "a list of models"),
        ({"ensemble_mean": "x"}, "probabilities or logs"),
        ({"ensemble_mean": "logs"}, "--ensemble-mean goes with --ensemble"),
    ):
        with pytest.raises(RequestError, match=words):
            s2s.load(models / name, "cpu", **wrong)


def test_a_translator_with_a_language_model_is_not_judged_by_scores_that_are_usual_without_one(models):
    translate = fused(models, 2.0)
    translate.ordinary = Ordinary(-1e-9, 1.0, 100)
    assert translate("A dog runs.").unlike_training is None


def guided(models, dtype=torch.float64, **guidance):
    reader = Recognizer.from_bundle(random_bundle(dtype=dtype))
    guide(reader, Guidance(**guidance), "it")
    return reader


def test_a_reader_reads_only_words_of_its_lexicon_in_any_case_and_any_company(models):
    said = []
    bundle = random_bundle(dtype=torch.float64)
    reader = Recognizer.from_bundle(replace(bundle, vocabularies={"target": Charset("aBcdefg ")}))
    guide(reader, Guidance(lexicon=models / "words.txt"), "it", say=said.append)
    assert reader.decoding.beam == BEAM
    images = noise()
    together = reader(images, pages=False)
    assert {part for one in together for part in one.text.split(" ")} <= {"aB", "Bad", "cafe", ""}
    assert any(one.text for one in together)
    assert [reader(image, pages=False).text for image in images] == [one.text for one in together]
    assert said == [f"{models / 'words.txt'}: 1 of 4 words have characters that the reader cannot write"]


def test_a_language_model_of_characters_has_a_say_and_a_row_no_company(models):
    images, plain = noise(), Recognizer.from_bundle(random_bundle(dtype=torch.float64))
    reader = guided(models, lm=models / "other", lm_weight=2.0, lm_bonus=1.0)
    together = reader(images, pages=False)
    assert [one.text for one in together] != [one.text for one in plain(images, beam=BEAM, pages=False)]
    assert [reader(image, pages=False).text for image in images] == [one.text for one in together]
    weightless = guided(models, lm=models / "other", lm_weight=0.0)
    assert weightless(images, pages=False) == plain(images, beam=BEAM, pages=False)


def test_a_preferred_lexicon_forbids_nothing(models):
    images = noise()
    plain = Recognizer.from_bundle(random_bundle(dtype=torch.float64))(images, beam=BEAM, pages=False)
    weak, strong = (
        [one.text for one in guided(models, lexicon=models / "words.txt", lexicon_weight=weight)(images, pages=False)]
        for weight in (0.0, 50.0)
    )
    assert weak == [one.text for one in plain]
    assert strong != weak


def test_characters_that_the_language_model_has_not_seen_are_named(models):
    said = []
    reader = Recognizer.from_bundle(random_bundle())
    guide(reader, Guidance(lm=models / "other"), "it", say=said.append)
    assert said == [f"{models / 'other'} has not seen 1 of the reader's characters, and finds them unlikely: g"]
    with pytest.warns(UserWarning, match="has not seen 1 of"):
        s2s.load(models / "reader", "cpu", lm=models / "other")


def test_a_reader_in_onnx_is_guided_as_the_one_it_was_made_of(models):
    images, guidance = noise(6), Guidance(lexicon=models / "words.txt", lm=models / "other")
    readers = [Recognizer.from_bundle(one) for one in (portable(random_bundle()), random_bundle())]
    for reader in readers:
        guide(reader, guidance, "it")
    there, here = ([one.text for one in reader(images, pages=False)] for reader in readers)
    assert there == here
    assert any(there)


@pytest.mark.parametrize("decoder", ["ctc", "attention"])
def test_the_n_best_of_a_picture_begin_with_its_text_and_fall_in_score(decoder):
    reader = Recognizer.from_bundle(random_bundle(dtype=torch.float64, model={**MODEL, "decoder": decoder}))
    images = noise(8)
    best = reader(images, beam=5, pages=False)
    for one, several in zip(best, reader(images, beam=5, pages=False, n_best=4), strict=True):
        assert several.text == several.n_best[0].text
        assert one.text in {each.text for each in several.n_best}  # found by the same beam, now ranked in full
        scores = [each.score for each in several.n_best]
        assert scores == sorted(scores, reverse=True)
        assert len({each.text for each in several.n_best}) == len(scores) > 1
    with pytest.raises(RequestError, match="need a beam of 4"):
        reader(images, beam=3, pages=False, n_best=4)
    with pytest.raises(RequestError, match="a page has no n best"):
        reader(images, beam=4, n_best=4)


@pytest.mark.parametrize("decoder", ["ctc", "attention"])
def test_a_reader_scores_its_own_text_as_its_search_did(decoder):
    bundle = random_bundle(dtype=torch.float64, model={**MODEL, "decoder": decoder})
    reader = Recognizer.from_bundle(bundle)
    images = [draw(text) for text in TEXTS[:6]]
    results = reader(images, pages=False, beam=4)
    scores = reader.score(images, [one.text for one in results])
    for result, score in zip(results, scores, strict=True):
        if result.text and not result.warnings:
            assert score == pytest.approx(math.log(result.confidence) * len(result.text))
    assert reader.score(images[:1], ["xyz"]) == [-math.inf]
    if decoder == "ctc":
        assert reader.score(images[:1], ["ab" * 100]) == [-math.inf]


@pytest.mark.parametrize(
    ("name", "guidance", "message"),
    [
        ("translator", {"lm": "other"}, "--vocabulary-of .*translator"),
        ("translator", {"lm": "translator"}, "task translation, not language"),
        ("translator", {"lm": "lm", "lm_weight": -1.0}, "--lm-weight must be between 0 and 100"),
        ("translator", {"lm": "lm", "lm_weight": math.nan}, "must be a number"),
        ("translator", {"lm": "lm", "lm_bonus": 1.0}, "--lm-bonus is for readers"),
        ("translator", {"lexicon": "words.txt"}, "--lexicon is for readers"),
        ("translator", {"lm_weight": 1.0}, "--lm-weight goes with --lm"),
        ("reader", {"lexicon_weight": 1.0}, "--lexicon-weight goes with --lexicon"),
        ("reader", {"lm": "lm"}, "a language model of characters"),
        ("reader", {"lexicon": "none.txt"}, "none.txt"),
        ("attention", {"lexicon": "words.txt"}, "--lexicon is for readers with a CTC head"),
        ("attention", {"lm": "other"}, "--lm is for readers with a CTC head"),
        ("lm", {"lm": "lm"}, "--lm is for translators and readers"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(models, name, guidance, message):
    paths = {key: models / value if isinstance(value, str) else value for key, value in guidance.items()}
    with pytest.raises(RequestError, match=message):
        s2s.load(models / name, "cpu", **paths)


def test_a_lexicon_is_a_word_a_line_and_a_beam_of_one_has_no_use_for_it(models, tmp_path):
    (tmp_path / "pairs.txt").write_text("ab\nab cd\n")
    with pytest.raises(RequestError, match=r"line 2.*one word a line"):
        s2s.load(models / "reader", "cpu", lexicon=tmp_path / "pairs.txt")
    (tmp_path / "strange.txt").write_text("xyz\n")
    with pytest.raises(RequestError, match="no word that the reader can write"):
        s2s.load(models / "reader", "cpu", lexicon=tmp_path / "strange.txt")
    with pytest.raises(RequestError, match="greedy"):
        guided(models, lexicon=models / "words.txt")(draw("ab"), beam=1)
