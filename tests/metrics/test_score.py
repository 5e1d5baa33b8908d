"""Scores are those of the reference implementations, total and exact at the corners, and say how they were made."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

from s2s.config.errors import RequestError
from s2s.metrics.bleu import count_bleu
from s2s.metrics.names import METRICS, check_metric
from s2s.metrics.score import Score, score
from tests.metrics.suited import suited

NEWSTEST = Path(__file__).parents[3] / "shared" / "data" / "text" / "newstest2013_en_tok"

OF_OUTPUTS = [name for name, metric in METRICS.items() if metric.of_outputs]
WORDS = ["the", "a", "dog", "cat", "runs", "sees", "House,", "green", "quickly", "and", "then", "."]
DRAW = random.Random(7)
REFERENCES = [" ".join(DRAW.choices(WORDS, k=DRAW.randint(4, 12))) for _ in range(60)]
HYPOTHESES = [" ".join(word for word in line.split() if DRAW.random() < 0.8) for line in REFERENCES]
SECOND = [" ".join(DRAW.choices(WORDS, k=8)) for _ in REFERENCES]
LINES = st.lists(st.tuples(st.text("ab C!", max_size=9), st.text("ab C!", max_size=9)), min_size=1, max_size=9)


def value(name: str, hypotheses: list[str], references: list, **more) -> float:
    return score(name, hypotheses, references, bootstrap=0, **more).value


@pytest.mark.parametrize("name", OF_OUTPUTS)
def test_copies_of_the_reference_have_the_best_score_and_noise_a_worse_one(name: str) -> None:
    best = 100.0 if METRICS[name].higher_is_better else 0.0
    hypotheses, references = suited(name, HYPOTHESES), suited(name, REFERENCES)
    perfect = score(name, references, references, bootstrap=20)
    assert (perfect.value, perfect.low, perfect.high) == pytest.approx((best, best, best))
    assert (value(name, hypotheses, references) < best) == METRICS[name].higher_is_better


@pytest.mark.parametrize("references", [[REFERENCES], [REFERENCES, SECOND], [[None, *REFERENCES[1:]], SECOND]])
@pytest.mark.parametrize(
    ("name", "metric"),
    [("bleu", BLEU()), ("bleu_lc_tok", BLEU(lowercase=True, force=True)), ("chrf", CHRF()), ("ter", TER())],
)
def test_bleu_family_is_sacrebleu(name: str, metric, references: list) -> None:
    """Its score, its resamples' middle 95 %, and its signature, though the resampling is ours."""
    theirs = metric.corpus_score(HYPOTHESES, references, n_bootstrap=1000)
    ours = score(name, HYPOTHESES, references)
    assert ours.value == pytest.approx(theirs.score)
    assert (ours.high - ours.low) / 2 == pytest.approx(theirs._ci, rel=1e-4)
    assert ours.signature == str(metric.get_signature())
    assert ours.low < ours.value < ours.high


@pytest.mark.parametrize(
    ("language", "tokenizer"),
    [(None, "13a"), ("de", "13a"), ("ja", "char"), ("ja-JP", "char"), ("KO", "char"), ("zh_CN", "zh"), ("zh", "zh")],
)
def test_tokenizer_follows_the_target_language_and_is_in_the_signature(language: str | None, tokenizer: str) -> None:
    assert f"|tok:{tokenizer}|" in score("bleu", ["a b"], ["a b"], language).signature


def test_japanese_is_scored_without_spaces() -> None:
    assert value("bleu", ["これは小さい猫です"], ["これは小さい犬です"], language="ja") > 30
    assert value("ter", ["これは小さい猫です"], ["これは小さい犬です"], language="ja") < 50


@pytest.mark.skipif(not NEWSTEST.is_dir(), reason=f"needs the corpus in {NEWSTEST}")
def test_tokenised_bleu_of_newstest2013_is_the_published_one() -> None:
    """22.5855; three empty outputs are one token there and none here, which makes 22.5847."""
    hypotheses, references = (
        (NEWSTEST / name).read_text("utf-8").removesuffix("\n").split("\n")
        for name in ("system_output.tok.en", "newstest2013.tok.en")
    )
    assert len(hypotheses) == len(references) == 3000
    assert count_bleu(hypotheses, [references], tokenize="none").score() == pytest.approx(22.584678, abs=1e-6)
    filled = [line or "." * 9 for line in hypotheses]  # one token that no reference has
    assert count_bleu(filled, [references], tokenize="none").score() == pytest.approx(22.5855084573, abs=1e-6)


@given(pairs=LINES)
def test_cer_and_wer_are_total_edits_by_total_length(pairs: list[tuple[str, str]]) -> None:
    for name, units in (("cer", list), ("wer", str.split)):
        edits = sum(Levenshtein.distance(units(hypothesis), units(reference)) for hypothesis, reference in pairs)
        length = sum(len(units(reference)) for _, reference in pairs)
        expected = 100 * edits / length if length else 100.0 * (edits > 0)
        assert value(name, *map(list, zip(*pairs, strict=True))) == pytest.approx(expected)


@given(pairs=LINES)
def test_ned_and_accuracies_are_means(pairs: list[tuple[str, str]]) -> None:
    hypotheses, references = map(list, zip(*pairs, strict=True))
    ned = [1 - Levenshtein.distance(a, b) / max(len(a), len(b), 1) for a, b in pairs]
    assert value("ned", hypotheses, references) == pytest.approx(100 * sum(ned) / len(ned))
    exact = 100 * sum(a == b for a, b in pairs) / len(pairs)
    assert value("exact", hypotheses, references) == pytest.approx(exact)
    assert value("word_accuracy_exact", hypotheses, references) == pytest.approx(exact)
    assert value("word_accuracy", hypotheses, references) >= exact - 1e-9


def test_cer_is_not_a_mean_of_lines() -> None:
    assert value("cer", ["x", "12345678"], ["a", "123456789"]) == pytest.approx(20)
    assert value("wer", ["x", "b c d"], ["a", "b c d"]) == pytest.approx(25)
    assert value("cer_lc", ["ABx"], ["abc"]) == pytest.approx(100 / 3)


def test_word_accuracy_is_the_36_character_protocol() -> None:
    assert value("word_accuracy", ["hello", "ab", "", "né"], ["HELLO!", "a-B", "!?", "n"]) == 100
    assert value("word_accuracy_exact", ["hello", "a-B"], ["HELLO", "a-B"]) == 50


def test_empty_references() -> None:
    assert value("cer", ["", ""], ["", ""]) == 0
    assert value("cer", ["ab", ""], ["", ""]) == 100
    assert value("cer", ["ab", "abcd"], ["", "abcd"]) == 50
    assert value("ned", ["", "a"], ["", ""]) == 50


@pytest.mark.parametrize("name", ["exact", "word_accuracy", "word_accuracy_exact", "cer", "wer", "ned"])
def test_each_example_takes_its_best_reference(name: str) -> None:
    first, second = ["one two", "a b", "x y"], ["1 2", "c d", "x z"]
    perfect = score(name, ["one two", "c d", "x y"], [first, second])
    assert perfect.value == value(name, first, first)
    assert perfect.signature.startswith("nrefs:2|bs:1000|seed:12345|")
    some = score(name, ["one two", "c d", "x y"], [first, [None, "c d", None]], bootstrap=0)
    assert some.value == perfect.value
    assert some.signature.startswith("nrefs:var|case:")


@pytest.mark.parametrize("name", OF_OUTPUTS)
def test_scores_are_repeatable_and_intervals_optional(name: str) -> None:
    hypotheses, references = suited(name, HYPOTHESES), suited(name, REFERENCES)
    first, again = (score(name, hypotheses, references, bootstrap=50) for _ in range(2))
    assert first == again
    assert first.low <= first.value <= first.high
    assert "bs:50|seed:12345" in first.signature
    without = score(name, hypotheses, references, bootstrap=0)
    assert without == Score(name, first.value, None, None, first.signature.replace("bs:50|seed:12345|", ""))


def test_interval_narrows_with_more_examples() -> None:
    few, many = (score("cer", HYPOTHESES * times, REFERENCES * times) for times in (1, 16))
    assert (many.high - many.low) == pytest.approx((few.high - few.low) / 4, rel=0.2)


@pytest.mark.parametrize(
    ("hypotheses", "references", "message"),
    [
        (["a", "b"], ["a"], "2 hypotheses cannot be scored against 1 references"),
        (["a"], [["a"], ["a", "b", "c"]], "1 hypotheses cannot be scored against reference stream 2 has 3"),
        ([], ["a"], "0 hypotheses"),
        ([], [], "nothing to score"),
        (["a", "b"], [["a", None], ["a", None]], "example 2 has no reference"),
    ],
)
@pytest.mark.parametrize("name", ["bleu", "cer"])
def test_what_cannot_be_scored_is_refused(name: str, hypotheses: list, references: list, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        score(name, hypotheses, references)


def test_an_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(RequestError, match=r'no metric "blue"; did you mean "bleu"\?'):
        check_metric("blue")
    with pytest.raises(RequestError, match='no metric "zzz"; choose from accuracy, '):
        score("zzz", ["a"], ["a"])


def test_a_score_reads_as_one_line() -> None:
    assert str(Score("cer", 12.345, 10.0, 15.0, "nrefs:1")) == "cer 12.35 [10.00, 15.00] nrefs:1"
    assert str(Score("cer", 12.345, None, None, "nrefs:1")) == "cer 12.35 nrefs:1"
