"""train, evaluate and check with pictures."""

import json
from dataclasses import astuple

import pytest

from s2s.bundle.load import load
from s2s.cli.main import main
from s2s.cli.mistakes import mistakes_line, read_as
from s2s.config.strict import to_yaml
from s2s.inference.load import load as load_reader
from s2s.metrics.confusions import Confusion, confusions
from s2s.metrics.score import score
from tests.bars import TEXTS, bars_config, draw


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "bars.yaml"
    path.write_text(to_yaml(bars_config(training={"steps": 2})))
    return path


def test_train_takes_a_folder_and_keys_of_the_task(config, pictures, tmp_path, capsys):
    call = ["train", config, "--data", pictures, "--out", tmp_path / "run", "--picture.height", "48"]
    assert main([*map(str, call), "--threads", "1"]) == 0
    assert "the best by validation, word_accuracy" in capsys.readouterr().out
    assert load(tmp_path / "run").config.source.height == 48
    assert main(["check", str(tmp_path / "run")]) == 0
    out = capsys.readouterr().out
    assert "pictures to text" in out
    assert "s2s transcribe PICTURE" in out


def test_a_typo_in_a_key_names_the_nearest_of_the_task(config, pictures, tmp_path, capsys):
    call = ["train", config, "--data", pictures, "--out", tmp_path / "run", "--picture.hieght", "48"]
    assert main([*map(str, call)]) == 2
    assert 'did you mean "height"' in capsys.readouterr().err


def test_an_unknown_task_is_refused(tmp_path, capsys):
    (tmp_path / "own.yaml").write_text("task: recognitoin\n")
    assert main(["check", str(tmp_path / "own.yaml")]) == 2
    assert 'did you mean "recognition"' in capsys.readouterr().err


def test_evaluate_scores_what_the_reader_reads(reader, pictures, tmp_path, capsys):
    report, written = tmp_path / "report.json", tmp_path / "out.txt"
    call = ["evaluate", reader, f"{pictures}:test", "--json", report, "--hypotheses", written]
    assert main([*map(str, call)]) == 0
    values = json.loads(report.read_text())
    assert (values["task"], values["split"], values["examples"]) == ("recognition", "test", 10)
    assert list(values["scores"]) == ["wer", "ned", "cer", "word_accuracy_exact", "word_accuracy"]
    texts = [one.text for one in load_reader(reader, "cpu")([draw(text) for text in TEXTS[70:80]])]
    assert written.read_text().split("\n")[:-1] == texts
    expected = score("cer", texts, TEXTS[70:80])
    assert values["scores"]["cer"]["value"] == pytest.approx(expected.value)
    assert capsys.readouterr().out.splitlines()[-1].startswith("word_accuracy ")


def test_evaluate_tells_what_reading_costs_and_which_characters_are_mistaken(reader, pictures, tmp_path, capsys):
    report, written = tmp_path / "report.json", tmp_path / "out.txt"
    assert main(["evaluate", str(reader), f"{pictures}:test", "--json", str(report), "--hypotheses", str(written)]) == 0
    values = json.loads(report.read_text())
    assert values["model"]["gflop"] > 0
    assert values["model"]["gflop_of"] == "a picture of 32 x 100"
    expected = confusions(written.read_text().split("\n")[:-1], TEXTS[70:80])
    assert [tuple(row.values()) for row in values["confusions"]] == [astuple(one) for one in expected]
    assert mistakes_line(expected, read_as) in capsys.readouterr().out.splitlines()


def test_mistakes_are_reported_in_words():
    rows = [Confusion(*row) for row in (("o", "0", 1200), ("l", "", 7), ("", " ", 2))]
    assert mistakes_line(rows, read_as) == "mistakes: o read as 0 1,200, l missed 7, space added 2"
    assert mistakes_line([], read_as) == "no mistakes"


def test_a_picture_that_cannot_be_read_counts_as_wrong(reader, pictures, tmp_path, capsys):
    import shutil

    shutil.copytree(pictures / "test", tmp_path / "data")
    (tmp_path / "data" / "images" / "004.png").write_bytes(b"")
    written = tmp_path / "out.txt"
    assert main(["evaluate", str(reader), str(tmp_path / "data"), "--hypotheses", str(written)]) == 0
    assert written.read_text().split("\n")[4] == ""
    err = capsys.readouterr().err
    assert "images/004.png: the file is empty" in err
    assert "1 of 10 cannot be read, and count as wrong" in err


@pytest.mark.parametrize("option", ["--length-penalty", "--batch-tokens"])
def test_options_of_translation_are_refused(reader, pictures, option, capsys):
    assert main(["evaluate", str(reader), str(pictures), option, "1"]) == 2
    assert f"{option} is not for a model of task recognition" in capsys.readouterr().err


def test_check_lists_what_a_folder_holds_and_what_is_wrong_by_file(pictures, tmp_path, capsys):
    import shutil

    shutil.copytree(pictures, tmp_path / "data")
    (tmp_path / "data" / "train" / "images" / "004.png").write_bytes(b"")
    (tmp_path / "data" / "val" / "images" / "005.png").unlink()
    table = tmp_path / "data" / "test" / "labels.tsv"
    table.write_text(table.read_text().replace("\ta", "\tä"), encoding="utf-8")
    assert main(["check", str(tmp_path / "data")]) == 0
    out = capsys.readouterr().out
    for said in (
        "a data set of pictures, fingerprint ",
        "train: 60 labelled pictures, labels.tsv (tab-separated)",
        "train: images/004.png: the file is empty",
        "val: images/005.png: named in labels.tsv, line 6, but there is no such file",
        "test: unknown: 'ä' (U+00E4",
        "next: s2s train recognition/words --data",
        "--charset.kind data",
    ):
        assert said in out


def test_check_tells_what_training_a_recogniser_will_take(config, pictures, capsys):
    assert main(["check", str(config)]) == 0
    assert "every character of the training labels" in capsys.readouterr().out
    assert main(["check", "recognition/words"]) == 0
    assert "light backbone" in capsys.readouterr().out
    assert main(["check", str(config), "--data", str(pictures)]) == 0
    out = capsys.readouterr().out
    for said in ("60 pictures, ", " steps an epoch of ", " MB for the largest batch"):
        assert said in out
