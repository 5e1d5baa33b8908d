import random
from dataclasses import replace
from itertools import pairwise

import pytest
import torch

import s2s
from s2s.bundle.save import save
from s2s.config.errors import RequestError, WorkError
from s2s.inference.options import Sampling
from s2s.inference.ordinary import Ordinary
from s2s.inference.result import Candidate, Result
from s2s.inference.translator import Translator
from tests.tiny import TEXT, tiny_bundle

WORDS = " ".join(TEXT[:6]).split()


def translator(**options):
    return Translator.from_bundle(tiny_bundle(**options))


def sentences(count, seed=0):
    chosen = random.Random(seed)
    return [" ".join(chosen.choices(WORDS, k=chosen.randint(1, 12))) for _ in range(count)]


@pytest.mark.parametrize("options", [{}, {"beam": 1}, {"sampling": Sampling(seed=3, temperature=1.2)}, {"n_best": 3}])
@pytest.mark.parametrize("kind", ["multihead", "additive", "none"])
def test_outputs_do_not_depend_on_company_in_float64(kind, options):
    translate = translator(kind=kind, dtype=torch.float64)
    texts = sentences(25)
    together = [result.text for result in translate(texts, **options)]
    assert [translate(text, **options).text for text in texts] == together
    order = random.Random(1).sample(range(len(texts)), len(texts))
    shuffled = translate([texts[place] for place in order], batch_tokens=30, **options)
    assert [result.text for result in shuffled] == [together[place] for place in order]


def test_outputs_hardly_depend_on_company_in_float32():
    translate = translator()
    texts = sentences(1000)
    together, apart = translate(texts), translate(texts, batch_tokens=500)
    pairs = list(zip(together, apart, strict=True))
    assert sum(a.text == b.text for a, b in pairs) >= 999
    assert all(abs(a.score - b.score) < 1e-3 for a, b in pairs)


def test_one_result_per_text_in_order_and_blank_for_blank():
    translate = translator(dtype=torch.float64)
    results = translate(["", TEXT[0], " \t ", "\u2028", TEXT[1]])
    assert [results[place] for place in (0, 2, 3)] == [Result("", 0.0, [], [Candidate("", 0.0)])] * 3
    assert results[1].text == translate(TEXT[0]).text != ""
    assert results[4].text == translate([TEXT[1]])[0].text
    assert translate([]) == []


def test_a_blank_text_does_not_touch_the_model():
    bundle = tiny_bundle()
    bundle.model.encode = None
    assert Translator.from_bundle(bundle)(["", " "])[1].text == ""


def test_long_input_is_split_translated_in_parts_and_rejoined():
    translate = translator(max_source=12)
    first, second = "A dog runs.", "Two men are talking."
    whole = translate(f"{first} {second}")
    parts = translate([first, second])
    assert whole.parts == 2
    assert whole.text == " ".join(part.text for part in parts)
    assert whole.tokens == parts[0].tokens + parts[1].tokens
    assert min(p.score for p in parts) <= whole.score <= max(p.score for p in parts)
    assert all(part.parts == 1 for part in parts)


def test_a_text_of_5000_words_gives_one_result():
    result = translator()(" ".join(sentences(5000 // 6)))
    assert result.parts > 50
    assert "\n" not in result.text


def test_n_best_are_different_hypotheses_best_first():
    result = translator()(TEXT[0], n_best=3)
    scores = [candidate.score for candidate in result.n_best]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert (result.n_best[0].text, result.n_best[0].score) == (result.text, result.score)


@pytest.mark.parametrize("kind", ["multihead", "none"])
def test_the_best_of_several_is_the_best_alone(kind):
    translate, texts = translator(kind=kind, beam=4), sentences(60)
    alone = translate(texts)
    for n_best in (2, 4):
        several = translate(texts, n_best=n_best)
        assert [one.text for one in several] == [one.text for one in alone]
        assert [one.n_best[0].text for one in several] == [one.text for one in alone]
        assert [one.score for one in several] == pytest.approx([one.score for one in alone], rel=1e-5)


def test_more_outputs_than_the_beam_holds_are_refused_with_the_remedy():
    for beam, options in ((1, {}), (3, {"beam": 2})):
        with pytest.raises(RequestError, match=r"^the 4 best need a beam of 4 or more, not \d; set it \(--beam 4\), "):
            translator(beam=beam)(TEXT[0], n_best=4, **options)
    assert len(translator(beam=1)(TEXT[0], n_best=4, beam=4).n_best) == 4
    assert len(translator(beam=1)(TEXT[0], n_best=4, sampling=Sampling()).n_best) == 4


def test_candidates_have_their_own_tokens_and_alignment():
    translate = translator(max_source=12)
    for text in ("A dog runs.", "A dog runs. Two men are talking."):
        result = translate(text, n_best=3, alignment=True)
        assert (result.n_best[0].tokens, result.n_best[0].alignment) == (result.tokens, result.alignment)
        for candidate in result.n_best:
            assert len(candidate.alignment) == len(candidate.tokens)
            assert all(len(row) == len(result.source_tokens) for row in candidate.alignment)
        assert len({tuple(candidate.tokens) for candidate in result.n_best}) == 3
    assert translate(TEXT[0], n_best=2).n_best[1].alignment is None


def test_penalties_of_a_call_are_those_of_the_config():
    for name, value in (
        ("length_penalty", 0.0),
        ("length_penalty", 2),
        ("coverage_penalty", 0.7),
        ("repetition_penalty", 3),
    ):
        bundle = tiny_bundle()
        decoding = replace(bundle.config.decoding, **{name: value})
        configured = Translator.from_bundle(replace(bundle, config=replace(bundle.config, decoding=decoding)))
        found, plain = translator()(TEXT[:6], **{name: value}), translator()(TEXT[:6])
        assert found == configured(TEXT[:6])
        assert [one.score for one in found] != [one.score for one in plain]
    with pytest.raises(RequestError, match="needs attention"):
        translator(kind="none")(TEXT[0], coverage_penalty=0.5)


@pytest.mark.parametrize("options", [{}, {"beam": 1}, {"sampling": Sampling(seed=3)}, {"n_best": 3}], ids=str)
def test_every_search_heeds_least_lengths_and_repetitions(options):
    translate, texts = translator(dtype=torch.float64, max_source=200), sentences(30)

    def written(**demands):
        results = translate(texts, **options, **demands)
        return [one.tokens for result in results for one in result.n_best]

    assert min(map(len, written(min_length=7))) >= 7 > min(map(len, written()))
    long = {"min_length": 12}
    assert any(len(set(tokens)) < len(tokens) for tokens in written(**long))
    assert all(len(set(tokens)) == len(tokens) for tokens in written(**long, no_repeat_ngram=1))
    pairs = [list(pairwise(tokens)) for tokens in written(**long, no_repeat_ngram=2)]
    assert all(len(set(one)) == len(one) for one in pairs)
    again = [sum(len(one) - len(set(one)) for one in written(**long, repetition_penalty=p)) for p in (1.0, 5.0)]
    assert again[0] > again[1]


def test_least_length_prevails_over_the_most_and_an_output_that_is_asked_for_is_not_unusual():
    bundle = tiny_bundle()
    ordinary = Ordinary(-1e-9, 1.0, 100)
    translate = Translator.from_bundle(replace(bundle, info=ordinary.record(bundle.info)))
    assert translate("A dog").unlike_training is not None
    found = translate("A dog", min_length=50)
    assert 50 <= len(found.tokens) <= 53
    assert (found.cut, found.unlike_training) == (False, None)


def test_log_prob_does_not_depend_on_the_penalties():
    one, other = (translator(beam=1)(TEXT[0], length_penalty=penalty) for penalty in (0.0, 2.0))
    assert one.log_prob == other.log_prob < 0
    assert one.log_prob == pytest.approx(one.score / (len(one.tokens) + 1))


def test_a_search_that_would_fill_the_memory_is_refused_before_it_begins():
    bundle = tiny_bundle()
    decoding = replace(bundle.config.decoding, beam=1000, max_extra=100_000, batch=10**9)
    bundle = replace(bundle, config=replace(bundle.config, decoding=decoding))
    bundle.model.encode = None
    with pytest.raises(
        RequestError, match=r"^1,000 hypotheses of up to 100,\d+ subwords, .* take too much memory; lower"
    ):
        Translator.from_bundle(bundle)(TEXT)


def test_batches_shrink_where_the_beam_is_wide(monkeypatch):
    translate, sizes = translator(), []
    encode = translate.model.encode
    monkeypatch.setattr(
        translate.model, "encode", lambda source, *rest: sizes.append(len(source)) or encode(source, *rest)
    )
    monkeypatch.setattr("s2s.inference.extent.MOST", 10 * 330 * 4)
    texts = list(dict.fromkeys(sentences(30)))
    wanted = translator()(texts, beam=4)
    assert [one.text for one in translate(texts, beam=4)] == [one.text for one in wanted]
    assert 1 < max(sizes) <= 10


def test_an_alignment_too_large_to_return_is_refused(monkeypatch):
    monkeypatch.setattr("s2s.inference.alignment._MOST_WEIGHTS", 1000)
    text = " ".join(sentences(30))
    with pytest.raises(
        RequestError, match=r"^the alignment of a text of \d+ subwords with an output of \d+ is too large"
    ):
        translator(max_source=12)(text, alignment=True)
    assert translator(max_source=12)(text).parts > 2


def test_what_is_unlike_validation_is_pointed_out():
    bundle = tiny_bundle()
    plain = Translator.from_bundle(bundle)(TEXT[:6])
    assert all(one.unlike_training is None for one in plain)
    log_probs = sorted(one.log_prob for one in plain)
    ordinary = Ordinary((log_probs[0] + log_probs[1]) / 2, max(one.byte_share for one in plain), 100)
    translate = Translator.from_bundle(replace(bundle, info=ordinary.record(bundle.info)))
    reasons = {one.log_prob: one.unlike_training for one in translate(["", *TEXT[:6]])}
    assert reasons.pop(log_probs[0]).startswith("log-probability ")
    assert set(reasons.values()) == {None}
    strange = translate("犬が走る")
    assert strange.byte_share > 0.8
    assert "of it spelled in bytes" in strange.unlike_training
    drawn = translate(TEXT[:6], sampling=Sampling(temperature=3.0))
    assert all(one.unlike_training is None for one in drawn)  # an improbable output is what was asked for


def test_usual_values_leave_out_one_in_a_hundred():
    results = [Result("a", 0.0, [], [], log_prob=-place / 100, byte_share=place / 400) for place in range(1, 301)]
    ordinary = Ordinary.of([*results, Result("", 0.0, [], [])])
    assert ordinary == Ordinary(-2.98, 0.745, 300)
    assert Ordinary.read(ordinary.record({"data": {}, "training": {"step": 3}})) == ordinary
    assert Ordinary.of(results[:40]) is None
    assert Ordinary.read({}) is Ordinary.read({"training": {"step": 3}}) is None


@pytest.mark.parametrize(
    "value",
    [
        3,
        {},
        {"log_prob": "x", "byte_share": 0, "examples": 9},
        {"log_prob": float("nan"), "byte_share": 0, "examples": 9},
        {"log_prob": -1, "byte_share": 2, "examples": 9},
    ],
)
def test_usual_values_that_cannot_be_are_refused(value):
    with pytest.raises(RequestError, match="damaged"):
        Ordinary.read({"training": {"ordinary": value}})


def test_beam_of_one_is_greedy_and_more_never_scores_worse_by_much():
    translate, texts = translator(dtype=torch.float64), sentences(50)
    greedy, wide = translate(texts, beam=1), translate(texts, beam=8)
    assert sum(w.score >= g.score - 1e-12 for w, g in zip(wide, greedy, strict=True)) > 45


def test_samples_follow_the_seed():
    translate, texts = translator(), sentences(20)

    def draw(seed):
        return [result.text for result in translate(texts, sampling=Sampling(seed=seed))]

    assert draw(1) == draw(1) != draw(2)


@pytest.mark.parametrize("options", [{}, {"top_p": 0.9, "temperature": 1.3}], ids=str)
def test_samples_do_not_depend_on_how_batches_are_cut_in_float32(options):
    translate, texts = translator(), sentences(100)
    drawn = [
        [result.text for result in translate(texts, sampling=Sampling(seed=1, **options), batch_tokens=tokens)]
        for tokens in (4096, 300)
    ]
    assert drawn[0] == drawn[1]


def test_several_samples_of_a_text():
    result = translator()(TEXT[0], sampling=Sampling(temperature=2.0), n_best=5)
    assert len({candidate.text for candidate in result.n_best}) > 1


def test_alignment_has_a_row_a_token_and_a_column_a_source_token():
    translate = translator(max_source=12)
    for text in ("A dog runs.", "A dog runs. Two men are talking."):
        result = translate(text, alignment=True)
        assert len(result.alignment) == len(result.tokens)
        assert all(len(row) == len(result.source_tokens) for row in result.alignment)
        assert all(abs(sum(row) - 1) < 1e-5 for row in result.alignment)
    assert translator(kind="none")("A dog", alignment=True).alignment is None


def test_an_output_ended_by_its_limit_is_marked():
    bundle = tiny_bundle()
    with torch.no_grad():
        bundle.model.decoder.output.bias[3] = -100.0
    result = Translator.from_bundle(bundle)("A dog")
    assert result.cut
    assert len(result.tokens) <= 1.5 * len(bundle.vocabularies["source"].encode("A dog")) + 3 + 1


def test_line_breaks_are_never_emitted():
    texts = sentences(100)
    results = translator()(texts, sampling=Sampling(temperature=5.0))
    assert not any("\n" in result.text or "\r" in result.text for result in results)


def test_the_model_is_left_as_it_was_found():
    bundle = tiny_bundle()
    bundle.model.train()
    translate = Translator.from_bundle(bundle)
    first = translate(TEXT[0])
    assert bundle.model.training
    assert translate(TEXT[0]) == first


def test_a_model_that_computes_nan_is_an_error():
    bundle = tiny_bundle()
    with torch.no_grad():
        bundle.model.decoder.output.bias[:] = torch.nan
    for beam in (1, 3):
        with pytest.raises(WorkError, match="not numbers"):
            Translator.from_bundle(bundle)("A dog", beam=beam)


@pytest.mark.parametrize(
    "options",
    [
        {"beam": 0},
        {"beam": 1001},
        {"beam": 1.5},
        {"batch_tokens": 99.5},
        {"n_best": 0},
        {"n_best": 1001},
        {"batch_tokens": 0},
        {"beam": 2, "sampling": Sampling()},
        {"length_penalty": -1},
        {"length_penalty": float("nan")},
        {"coverage_penalty": "much"},
        {"min_length": -1},
        {"min_length": 1.5},
        {"no_repeat_ngram": 1001},
        {"repetition_penalty": 0.9},
        {"repetition_penalty": float("nan")},
    ],
    ids=str,
)
def test_impossible_options_are_refused(options):
    with pytest.raises(RequestError):
        translator()(TEXT[0], **options)


def test_an_unknown_option_is_a_type_error_that_names_the_nearest():
    with pytest.raises(TypeError, match='no option "beem"; did you mean "beam"'):
        translator()(TEXT[0], beem=3)


@pytest.mark.parametrize(
    ("texts", "named"),
    [
        (3, "int"),
        (None, "NoneType"),
        (b"one", "bytes"),
        ({"one": "two"}, "dict"),
        ({"one"}, "set"),
        (["one", None], r"\[1\]"),
    ],
)
def test_what_is_no_text_is_a_type_error_that_names_it(texts, named):
    with pytest.raises(TypeError, match=f"texts.* must be a string.*{named}" if named != r"\[1\]" else named):
        translator()(texts)


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": 0},
        {"temperature": 1e-320},
        {"temperature": float("inf")},
        {"temperature": "x"},
        {"top_k": 1.5},
        {"seed": 1.5},
        {"seed": "a"},
        {"top_k": -1},
        {"top_p": 0},
        {"top_p": 1.1},
    ],
)
def test_impossible_sampling_is_refused(options):
    with pytest.raises(RequestError, match=next(iter(options))):
        Sampling(**options)


def test_what_is_no_sampling_is_refused():
    with pytest.raises(RequestError, match="sampling must be a Sampling, not 7"):
        translator()(TEXT[0], sampling=7)


def test_loading_and_translating_takes_two_lines(tmp_path):
    save(tmp_path / "model", tiny_bundle())
    translate = s2s.load(tmp_path)
    assert isinstance(translate, s2s.Translator)
    assert translate(TEXT[0]).text == translator()(TEXT[0]).text


def test_a_missing_device_is_refused(tmp_path):
    save(tmp_path / "model", tiny_bundle())
    with pytest.raises(RequestError, match="there is no device"):
        s2s.load(tmp_path, device="tpu")
    if not torch.cuda.is_available():
        with pytest.raises(RequestError, match="no CUDA device"):
            s2s.load(tmp_path, device="cuda")


@pytest.mark.gpu
def test_a_gpu_gives_what_the_cpu_gives():
    texts = sentences(200)
    on_cpu = translator(dtype=torch.float64)(texts)
    bundle = tiny_bundle(dtype=torch.float64)
    on_gpu = Translator.from_bundle(bundle, torch.device("cuda"))(texts)
    assert [result.text for result in on_gpu] == [result.text for result in on_cpu]
