"""Training recognisers: they learn, go on as if never interrupted, and drop nothing in silence."""

import io
import os
import signal
from dataclasses import replace

import datasets
import pytest
import torch
from rich.console import Console

from s2s.bundle.load import load
from s2s.config.errors import RequestError
from s2s.config.picture_recipe import Images, PictureRecipe
from s2s.config.strict import to_dict
from s2s.data.images.dataset import ImageDataset
from s2s.data.images.prepare import prepare_pictures
from s2s.data.images.store import open_pictures
from s2s.inference.load import load as load_reader
from s2s.inference.recognizer import Recognizer
from s2s.training.chosen import choose
from s2s.training.image_material import validated
from s2s.training.interruption import Interruption
from s2s.training.material import Answers
from s2s.training.objectives import CtcObjective
from s2s.training.pictures import read_pictures
from s2s.training.run import train
from s2s.training.validator import Validator
from tests.bars import STILL, TEXTS, bars_config, draw, random_bundle, write_folder
from tests.training.runs import assert_same, contents
from tests.training.tiny import silent

LEARN = {"training": {"steps": 120}, "validation": {"every": 60}}
ATTENTION = {"training": {"steps": 160, "ema": 0.9}, "validation": {"every": 160}}


def run(data, out, config=None, **options):
    return train(config or bars_config(), data, out, console=silent(), **options)


def said(data, out, config=None, **options):
    """What a run tells people."""
    text = io.StringIO()
    train(config or bars_config(training={"steps": 1}), data, out, console=Console(file=text, width=400), **options)
    return text.getvalue()


def rename(folder, old, new):
    """Another character in every label."""
    rows = [line.split("\t") for line in (folder / "labels.tsv").read_text().splitlines()]
    (folder / "labels.tsv").write_text("".join(f"{name}\t{text.replace(old, new)}\n" for name, text in rows))


@pytest.mark.parametrize(("decoder", "length", "least"), [("ctc", LEARN, 100), ("attention", ATTENTION, 90)])
def test_a_recogniser_learns_to_read_and_its_model_travels(bars, tmp_path, decoder, length, least):
    part = to_dict(bars_config())["model"]
    outcome = run(bars, tmp_path / "run", bars_config(model={**part, "decoder": decoder}, **length))
    assert outcome.metric == "word_accuracy"
    assert outcome.best >= least
    reader = load_reader(tmp_path / "run", "cpu")
    right = [transcript.text == text for text, transcript in zip(TEXTS, reader([draw(t) for t in TEXTS]), strict=True)]
    assert sum(right) >= 0.01 * least * len(TEXTS)
    folder = tmp_path / "run"
    assert "output     " in (folder / "samples.txt").read_text()
    assert "images_per_second" in (folder / "metrics.csv").read_text().splitlines()[0]
    assert ("validation_blanks" in (folder / "metrics.csv").read_text()) == (decoder == "ctc")
    assert load(folder / "checkpoints" / "last.ckpt").charset == load(folder).charset


@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_interrupted_and_resumed_ends_as_if_never_interrupted(bars, tmp_path, monkeypatch, workers):
    config = bars_config(
        augmentation={**STILL, "warp_chance": 0.5, "noise_chance": 0.5},
        batches={"pixels": 30_000, "accumulate": 2, "workers": workers},
        training={"steps": 20, "ema": 0.9},
        validation={"every": 5},
    )
    run(bars, tmp_path / "whole", replace(config, batches=replace(config.batches, workers=0)))
    step = Interruption.on_step_end

    def terminate(self, trainer, task, batch):
        if trainer.global_step == 12:
            os.kill(os.getpid(), signal.SIGTERM)
        step(self, trainer, task, batch)

    monkeypatch.setattr(Interruption, "on_step_end", terminate)
    assert run(bars, tmp_path / "run", config).step == 12
    monkeypatch.undo()
    assert run(bars, tmp_path / "run", config, resume=True).step == 20
    assert_same(contents(tmp_path / "run"), contents(tmp_path / "whole"))


def test_a_folder_without_splits_trains_with_a_part_held_out(bars, tmp_path):
    assert "5 of 100 training pictures are held out, chosen by the seed" in said(bars / "train", tmp_path / "run")


def test_copies_of_a_picture_are_held_out_together(tmp_path):
    write_folder(tmp_path / "real", TEXTS[:40])
    prepare_pictures(PictureRecipe(Images({"train": ("real",)}, repeat={"real": 8}), str(tmp_path)), tmp_path / "data")
    train, held_out = read_pictures(open_pictures(tmp_path / "data"), 1, lambda line: None)
    assert (len(train.examples), len(held_out.examples)) == (38 * 8, 2)
    assert not {one.name for one in train.examples} & {one.name for one in held_out.examples}


def test_pictures_of_one_name_are_scored_one_by_one(bars, tmp_path):
    picture = {"bytes": (bars / "train" / "images" / "000.png").read_bytes(), "path": "x.png"}
    rows = {"image": [picture] * 40, "text": ["abc"] * 20 + ["ab\u00e9"] + ["abc"] * 19}
    table = datasets.Dataset.from_dict(rows)
    datasets.DatasetDict({"train": table, "val": table.select(range(4))}).save_to_disk(str(tmp_path / "data"))
    given = {"kind": "given", "characters": "abc"}
    with pytest.raises(RequestError, match="1 training labels hold characters"):
        run(tmp_path / "data", tmp_path / "run", bars_config(charset=given))
    skip = bars_config(charset={**given, "unknown": "skip"}, training={"steps": 1})
    assert "train: 1 left out" in said(tmp_path / "data", tmp_path / "run", skip)


@pytest.mark.parametrize("bias", [50.0, -50.0])
def test_the_blank_plateau_is_named(bars, bias):
    bundle = random_bundle(charset={"kind": "given", "characters": "abc"}, validation={"metric": "word_accuracy"})
    with torch.no_grad():
        bundle.model.head.output.bias[0] = bias
    dataset = ImageDataset(open_pictures(bars).read("val").examples, bundle.config.source)
    reader = Recognizer(bundle)
    validator = Validator(
        bundle,
        CtcObjective(bundle.config),
        validated("val", dataset, bundle.charset, 30_000),
        choose(len(dataset), bundle.config.validation, 1, True),
        lambda rows: Answers([bundle.charset.decode(o.tokens) for o in reader.read([dataset[row] for row in rows])]),
        bars / "model",
    )
    with torch.no_grad():
        result = validator.validate()
    assert list(result.scores) == ["loss", "blanks", "cer", "word_accuracy"]
    assert result.scores["blanks"] == (100 if bias > 0 else 0)
    assert any("blank plateau" in note for note in result.notes) == (bias > 0)


def test_everything_left_out_or_changed_is_told_by_file(tmp_path):
    folder = write_folder(tmp_path / "data", [*TEXTS[:40], "a" * 70])
    (folder / "images" / "003.png").write_bytes(b"not a picture at all")
    (folder / "images" / "004.png").unlink()
    (folder / "images" / "005.png").write_bytes((folder / "images" / "005.png").read_bytes()[:60])
    lines = (folder / "labels.tsv").read_text().splitlines()
    lines[6] = "images/006.png\t" + "aabbccaabbccaabb"
    (folder / "labels.tsv").write_text("\n".join(lines) + "\n")
    text = said(folder, tmp_path / "run", bars_config(training={"steps": 1, "seed": 3}))
    for name, reason in {
        "003": "not a picture but text",
        "004": "there is no such file",
        "005": "damaged or incomplete",
        "006": "widened to",
        "040": "max_width is 256",
    }.items():
        assert any(f"{name}.png: " in line and reason in line for line in text.splitlines()), (name, text)


def test_unknown_characters_are_refused_or_left_out_as_asked(bars, tmp_path):
    given = {"kind": "given", "characters": "ab"}
    with pytest.raises(RequestError, match=r"\d+ training labels hold characters that the charset lacks, as images"):
        run(bars, tmp_path / "run", bars_config(charset=given))
    assert not (tmp_path / "run").exists()
    text = said(bars, tmp_path / "run", bars_config(charset={**given, "unknown": "skip"}, training={"steps": 1}))
    assert "unknown: 'c' (U+0063 LATIN SMALL LETTER C)" in text
    kept = sum("c" not in one for one in TEXTS[:100])
    assert f"{kept} pictures, " in text
    assert f"train: {100 - kept} left out" in text
    assert ".png: the charset lacks c" in text


def test_labels_are_learned_in_nfc(tmp_path):
    folder = write_folder(tmp_path / "data", TEXTS[:40])
    rename(folder, "a", "e\u0301")
    text = said(folder, tmp_path / "run")
    assert "changed to NFC" in text
    assert load(tmp_path / "run").charset.characters == "bc\u00e9"


def test_a_split_without_usable_pictures_is_refused(tmp_path):
    folder = write_folder(tmp_path / "data", TEXTS[:40])
    for path in (folder / "images").iterdir():
        path.write_bytes(b"")
    with pytest.raises(RequestError, match="no picture that can be used"):
        run(folder, tmp_path / "run")


class TestStartingFromAModel:
    """`--from` with each policy for the charset."""

    @pytest.fixture(scope="class")
    @staticmethod
    def start(bars, tmp_path_factory):
        folder = tmp_path_factory.mktemp("start") / "run"
        run(bars, folder, bars_config(**LEARN))
        return folder

    @pytest.fixture(scope="class")
    @staticmethod
    def more(tmp_path_factory):
        """The same pictures, where c is called d."""
        folder = write_folder(tmp_path_factory.mktemp("more") / "data", TEXTS[:100])
        rename(folder, "c", "d")
        return folder

    def test_keep_refuses_characters_that_the_model_lacks(self, start, more, tmp_path):
        with pytest.raises(RequestError, match="--charset union"):
            run(more, tmp_path / "run", start_from=start)

    @pytest.mark.parametrize("policy", ["keep", "union", "new"])
    def test_output_rows_follow_their_characters(self, start, more, bars, tmp_path, policy):
        config = bars_config(optimizer={"lr": 1e-12}, training={"steps": 1})
        text = said(bars if policy == "keep" else more, tmp_path / "run", config, start_from=start, charset=policy)
        old, new = load(start), load(tmp_path / "run")
        assert new.charset.characters == {"keep": "abc", "union": "abcd", "new": "abd"}[policy]
        summary = {"keep": "0 added, 0 removed", "union": "1 added (d), 0 removed", "new": "1 added (d), 1 removed (c)"}
        assert summary[policy] in text
        for character in "ab":
            rows = [one.model.head.output.weight[one.charset.encode(character)[0] - 3] for one in (old, new)]
            assert torch.allclose(*rows, atol=1e-6)
        blanks = [one.model.head.output.bias[0] for one in (old, new)]
        assert torch.allclose(*blanks, atol=1e-6)

    def test_a_resumed_run_keeps_its_characters_whatever_is_named(self, start, more, tmp_path):
        config = bars_config(training={"steps": 1})
        run(more, tmp_path / "run", config, start_from=start, charset="union")
        longer = bars_config(training={"steps": 2})
        assert run(more, tmp_path / "run", longer, start_from=start, resume=True).step == 2
        assert load(tmp_path / "run").charset.characters == "abcd"

    def test_a_policy_without_a_model_to_start_from_is_refused(self, bars, tmp_path):
        with pytest.raises(RequestError, match="--charset goes with"):
            run(bars, tmp_path / "run", charset="new")


def test_labels_that_an_attention_reader_cannot_write_in_full_are_named(tmp_path):
    folder = write_folder(tmp_path / "data" / "train", TEXTS[:20]).parent
    write_folder(folder / "val", TEXTS[20:25])
    rows = (folder / "train" / "labels.tsv").read_text().splitlines()
    rows[3] = rows[3].split("\t")[0] + "\t" + "abc" * 50
    (folder / "train" / "labels.tsv").write_text("\n".join(rows) + "\n")
    part = to_dict(bars_config())["model"]
    config = bars_config(model={**part, "decoder": "attention"}, training={"steps": 1})
    told = said(folder, tmp_path / "run", config)
    assert "train: 1 with labels that the model cannot write in full" in told
    assert "images/003.png: its label has 150 characters, and at most" in told
    assert "val: 1 with" not in told
