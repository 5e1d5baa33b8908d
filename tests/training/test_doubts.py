"""Settings that do not suit the data or the model to start from are refused or warned about, with figures."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from s2s.bundle.load import load
from s2s.config.errors import RequestError
from s2s.config.experiment import experiment_from
from s2s.config.strict import to_dict
from s2s.config.training import Schedule
from s2s.data.pairs import Pairs
from s2s.training.doubts import FEW, doubt_capitals, doubt_schedule
from s2s.training.run import train
from s2s.training.start import adopt_vocabulary
from tests.bars import TEXTS, bars_config, write_folder
from tests.training.tiny import numbers, tiny, write_dataset


def said(config, data, out, **options):
    """What a run prints."""
    text = io.StringIO()
    train(config, data, out, device="cpu", threads=1, console=Console(file=text, width=1000), **options)
    return text.getvalue()


def short(**sections):
    return tiny(**{"training": {"steps": 1}, "validation": {"every": 1, "metric": "loss", "samples": 0}, **sections})


@pytest.fixture(scope="module")
def start(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("start") / "run"
    said(short(), data, folder)
    return folder


@pytest.mark.parametrize(("warmup", "steps"), [(400, 300), (300, 300), (299, 300), (0, 1)])
def test_a_warm_up_that_is_not_shorter_than_the_run_is_warned_about(warmup, steps):
    doubt = doubt_schedule(Schedule(warmup=warmup), steps)
    assert (doubt is None) == (warmup < steps)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"source": {"kind": "none"}, "target": {"kind": "next"}}, "target.vocabulary.size"),
        (
            {"source": {"kind": "text"}, "target": {"kind": "text", "vocabulary": {"kind": "unigram"}}},
            "target.vocabulary.size",
        ),
        ({"source": {"kind": "text"}, "target": {"kind": "label"}}, "source.vocabulary.size"),
    ],
)
@pytest.mark.parametrize("given", [None, True])
def test_every_vocabulary_of_the_model_to_start_from_is_adopted_or_refused(values, key, given):
    theirs = experiment_from(values, "theirs")
    document = to_dict(theirs)
    side = key.split(".")[0]
    document[side]["vocabulary"]["size"] += 7
    start = SimpleNamespace(config=experiment_from(document, "other"))
    assert adopt_vocabulary(theirs, start, set()) == start.config
    ours = start.config
    with pytest.raises(RequestError, match=f"{key} .* cannot be: .* add --{key} "):
        adopt_vocabulary(ours, SimpleNamespace(config=theirs), {key} if given else None)


class TestStarting:
    """`--from` a translator."""

    @pytest.mark.parametrize(
        ("subwords", "given", "message"),
        [
            (
                {"size": 290, "model": "bpe"},
                None,
                r"size 290 .* add --source.vocabulary.kind unigram --source.vocabulary.size 300",
            ),
            ({"size": 6000}, {"source.vocabulary.size"}, "source.vocabulary.size 6000 cannot be"),
            ({"size": 300, "joint": False}, {"target.vocabulary.kind"}, "add --target.vocabulary source"),
        ],
    )
    def test_a_vocabulary_that_cannot_be_is_refused_with_what_to_set(
        self, start, data, tmp_path, subwords, given, message
    ):
        with pytest.raises(RequestError, match=message):
            said(short(subwords=subwords), data, tmp_path / "run", start_from=start, given=given)
        assert not (tmp_path / "run").exists()

    def test_what_was_not_asked_for_is_taken_from_the_model(self, start, data, tmp_path):
        printed = said(
            short(subwords={"size": 6000}), data, tmp_path / "run", start_from=start, given={"training.steps"}
        )
        assert load(tmp_path / "run").config.source.vocabulary.size == 300
        assert "trained with" not in printed
        assert "in bytes" not in printed

    def test_other_languages_another_script_and_other_meanings_of_weights_are_warned_about(self, start, tmp_path):
        pairs = numbers()
        signs = dict(zip("abcdefghijklmnopqrstuvwxyz", "अआइईउऊऋएऐओऔकखगघङचछजझञटठडढण", strict=True))
        pairs = Pairs(pairs.source, ["".join(signs.get(one, one) for one in text) for text in pairs.target])
        splits = {"train": pairs.keep(list(range(100))), "val": pairs.keep(list(range(100, 110)))}
        data = write_dataset(tmp_path / "hindi", splits, ("en", "hi"))
        config = short(model={**tiny_model(), "attention": {"size": 12, "heads": 3}}, batches={"max_length": 150})
        printed = said(config, data, tmp_path / "run", start_from=start)
        assert "warning: the model to start from was trained on en to de, the data is en to hi" in printed
        assert "% of the target in bytes" in printed
        assert "of the source in bytes" not in printed
        assert "was trained with model.attention.heads 4, not 3" in printed


def tiny_model():
    part = {"embedding": 12, "hidden": 12}
    return {"encoder": part, "attention": {"size": 12}, "decoder": part}


@pytest.mark.parametrize(("long", "outcome"), [(4, "said"), (10, "warned"), (60, "refused")])
def test_many_pairs_that_are_too_long_are_warned_about_and_most_are_refused(tmp_path, long, outcome):
    pairs = numbers().keep(list(range(110)))
    source = [text if row >= long else " ".join([text] * 40) for row, text in enumerate(pairs.source)]
    splits = {"train": Pairs(source[:100], pairs.target[:100]), "val": pairs.keep(list(range(100, 110)))}
    data = write_dataset(tmp_path / "data", splits)
    if outcome == "refused":
        with pytest.raises(RequestError, match=r"60 of 100 .* \(60.0 %\) .* batches.max_length \(the longest has \d+"):
            said(short(), data, tmp_path / "run")
        assert not (tmp_path / "run").exists()
        return
    printed = said(short(), data, tmp_path / "run")
    assert f"{long} of 100 training examples ({long}.0 %) are left out: longer than batches.max_length 60" in printed
    assert ("warning: 10 of 100" in printed) == (outcome == "warned")
    assert ("raise batches.max_length" in printed) == (outcome == "warned")


class TestPictures:
    """Readers."""

    def config(self, **sections):
        base = {"training": {"steps": 1}, "validation": {"every": 1, "samples": 0}}
        return bars_config(**{**base, **sections})

    @pytest.mark.parametrize(("marks", "metric"), [("", "word_accuracy"), ("!", "word_accuracy_exact")])
    def test_the_metric_sees_what_the_labels_have(self, tmp_path, marks, metric):
        folder = write_folder(tmp_path / "data", TEXTS[:40])
        lines = (folder / "labels.tsv").read_text().splitlines()
        (folder / "labels.tsv").write_text("".join(f"{line}{marks}\n" for line in lines))
        said(self.config(), folder, tmp_path / "run")
        assert f"metric: {metric}\n" in (tmp_path / "run" / "config.yaml").read_text()
        assert metric in load(tmp_path / "run").info["scores"]

    def test_a_run_that_was_begun_with_a_metric_keeps_it(self, bars, tmp_path):
        chosen = self.config(validation={"metric": "ned", "every": 1})
        said(chosen, bars, tmp_path / "run")
        longer = self.config(training={"steps": 2})
        assert "ned" in said(longer, bars, tmp_path / "run", resume=True)

    def test_a_small_validation_and_squeezed_pictures_are_warned_about(self, tmp_path):
        folder = write_folder(tmp_path / "data", TEXTS[:40])
        printed = said(self.config(picture={"max_width": 40}), folder, tmp_path / "run")
        assert "warning: validation on 2 pictures is small" in printed
        assert "are wider than source.max_width 40 and are squeezed" in printed
        assert "recognition/fraktur" in printed

    def test_labels_that_mostly_do_not_fit_are_refused_and_some_warned_about(self, tmp_path):
        folder = write_folder(tmp_path / "data", ["ab" * 20] * 10 + TEXTS[:30])
        config = self.config(picture={"max_width": 128}, batches={"pixels": 30_000})
        assert "their labels need more than source.max_width 128; raise" in said(config, folder, tmp_path / "run")
        folder = write_folder(tmp_path / "more", ["ab" * 20] * 40 + TEXTS[:20])
        with pytest.raises(RequestError, match=r"training examples \(\d+.\d %\) are left out: their labels need more"):
            said(config, folder, tmp_path / "other")

    def test_characters_that_cannot_be_are_refused(self, bars, tmp_path):
        said(self.config(), bars, tmp_path / "first")
        given = self.config(charset={"kind": "given", "characters": "abcd"})
        with pytest.raises(RequestError, match=r"add --charset new, or leave target\.vocabulary out"):
            said(given, bars, tmp_path / "run", start_from=tmp_path / "first")
        said(given, bars, tmp_path / "run", start_from=tmp_path / "first", charset="new")
        assert sorted(load(tmp_path / "run").charset.characters) == list("abcd")


@pytest.mark.parametrize(
    ("texts", "doubted"),
    [
        (["TOTAL 3.50", "CASH"], True),
        (["TOTAL 3.50", "Cash"], False),
        (["3.50", "12"], False),
        (["合計", "東京"], False),
        (["TOTAL", "straße"], False),
    ],
)
def test_labels_in_capitals_alone_are_pointed_out(texts, doubted):
    assert (doubt_capitals(texts * FEW) is not None) == doubted
    assert doubt_capitals(texts[: FEW - 1]) is None
