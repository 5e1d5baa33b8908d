"""Language models, lexicons, n best and given scores on the command line; compare with readers."""

import io
import json
import math

import pytest

from s2s.bundle.load import load
from s2s.bundle.save import save
from s2s.cli.main import main
from s2s.config.strict import to_yaml
from s2s.inference.load import load as load_predictor
from tests.bars import TEXTS, draw
from tests.languages import language_bundle, letters
from tests.tiny import TEXT, tiny_bundle


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A language model of the tiny translator's vocabulary, one of letters, a lexicon, lines and translations."""
    folder = tmp_path_factory.mktemp("fusion")
    save(folder / "lm", language_bundle())
    save(folder / "letters", language_bundle(letters("abcdefg")))
    (folder / "words.txt").write_text("ab\nbad\ncafe\n")
    (folder / "in.txt").write_text("".join(f"{line}\n" for line in TEXT[:3]))
    (folder / "out.txt").write_text("".join(f"{line}\n" for line in TEXT[3:6]))
    return folder


def call(command, *arguments):
    return main([command, *map(str, arguments), "--threads", "1"])


def test_translate_and_evaluate_take_a_language_model(model, data, folder, tmp_path, capsys):
    lines, reports = [], []
    for options in ([], ["--lm", folder / "lm", "--lm-weight", "3"], ["--lm", folder / "lm", "--lm-weight", "0"]):
        assert call("translate", model, folder / "in.txt", *options) == 0
        lines.append(capsys.readouterr().out)
        written = tmp_path / f"{len(reports)}.txt"
        assert call("evaluate", model, f"{data}:test", "--hypotheses", written, *options) == 0
        capsys.readouterr()
        reports.append(written.read_text())
    assert lines[0] == lines[2] != lines[1]
    assert reports[0] == reports[2] != reports[1]


def test_translate_and_evaluate_take_an_ensemble(model, data, folder, tmp_path, capsys):
    save(folder / "second", tiny_bundle(seed=1, max_source=30))
    written = []
    for options in ([], ["--ensemble", model], ["--ensemble", folder / "second", "--ensemble-mean", "logs"]):
        assert call("translate", model, folder / "in.txt", *options) == 0
        written.append(capsys.readouterr().out)
    assert written[0] == written[1] != written[2]
    assert call("translate", model, folder / "in.txt", *options, "--devices", 2, "--device", "cpu") == 0
    assert capsys.readouterr().out == written[2]
    assert call("evaluate", model, f"{data}:test", *options, "--json", tmp_path / "report.json") == 0
    assert f"guided by ensemble {folder / 'second'}, ensemble_mean logs" in capsys.readouterr().out
    guidance = {"ensemble": [str(folder / "second")], "ensemble_mean": "logs"}
    assert json.loads((tmp_path / "report.json").read_text())["guidance"] == guidance


def test_several_processes_translate_with_the_language_model_as_one_does(model, folder, capsys):
    outputs = []
    for devices in (1, 2):
        options = ["--lm", folder / "lm", "--lm-weight", "3", "--devices", devices, "--device", "cpu"]
        assert call("translate", model, folder / "in.txt", *options) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]


def test_translate_scores_given_translations_line_by_line(model, folder, capsys, monkeypatch):
    assert call("translate", model, folder / "in.txt", "--score", folder / "out.txt") == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    translator = load_predictor(model, "cpu")
    expected = translator.score(TEXT[:3], TEXT[3:6])
    assert [float(row[0]) for row in rows] == pytest.approx([one.log_prob for one in expected], abs=1e-3)
    assert [row[1:] for row in rows] == [[str(s.tokens), text] for s, text in zip(expected, TEXT[3:6], strict=True)]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"one line\n")))
    assert call("translate", model, "--score", folder / "out.txt") == 2
    assert "out.txt has 3 lines, but the input has 1" in capsys.readouterr().err
    assert call("translate", model, folder / "in.txt", "--score", folder / "out.txt", "--sample") == 2
    assert "leave out --sample" in capsys.readouterr().err


def test_transcribe_and_evaluate_take_a_lexicon_and_a_language_model(reader, pictures, folder, tmp_path, capsys):
    images, options = pictures / "test" / "images", ["--lexicon", folder / "words.txt", "--lm", folder / "letters"]
    assert call("transcribe", images, "--model", reader, "--whole", *options) == 0
    out, _ = capsys.readouterr()
    assert set(out.split()) <= {"ab", "bad", "cafe"}
    files = ["--hypotheses", tmp_path / "out.txt", "--json", tmp_path / "report.json"]
    assert call("evaluate", reader, f"{pictures}:test", *files, *options) == 0
    assert (tmp_path / "out.txt").read_text() == out
    guidance = {"lm": str(folder / "letters"), "lexicon": str(folder / "words.txt")}
    assert json.loads((tmp_path / "report.json").read_text())["guidance"] == guidance
    assert "guided by lm" in capsys.readouterr().out
    assert call("transcribe", images, "--model", reader, *options, "--beam", "1") == 2
    assert "--beam 1 is greedy" in capsys.readouterr().err


def test_transcribe_writes_the_n_best_in_every_form(reader, pictures, capsys):
    image = pictures / "test" / "images" / "000.png"
    options = [image, "--model", reader, "--whole", "--beam", "4", "--n-best", "3"]
    assert call("transcribe", *options) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 3
    assert {row[0] for row in rows} == {str(image)}
    scores = [float(row[1]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert call("transcribe", *options, "--format", "jsonl") == 0
    values = json.loads(capsys.readouterr().out)
    assert [[one["text"], f"{one['score']:.4f}"] for one in values["n_best"]] == [[row[2], row[1]] for row in rows]
    assert values["text"] == rows[0][2]
    assert call("transcribe", *options, "--format", "hocr", "--out", image.parent / "out") == 2
    assert "leave out --n-best" in capsys.readouterr().err
    assert call("transcribe", image, "--model", reader, "--n-best", "3", "--beam", "4") == 2
    assert "add --whole" in capsys.readouterr().err
    assert call("transcribe", image, "--model", reader, "--n-best", "3", "--whole") == 2
    assert "set it (--beam 3)" in capsys.readouterr().err


def test_transcribe_scores_the_labels_of_pictures(reader, pictures, capsys):
    assert call("transcribe", "--score", f"{pictures}:test", "--model", reader) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    expected = load_predictor(reader, "cpu").score([draw(text) for text in TEXTS[70:80]], TEXTS[70:80])
    assert [float(row[0]) for row in rows] == pytest.approx(expected, abs=1e-3)
    assert all(math.isfinite(one) for one in expected)
    assert [row[1:] for row in rows] == [[f"images/{n:03}.png", text] for n, text in enumerate(TEXTS[70:80])]
    assert call("transcribe", "--score", f"{pictures}:test", "--model", reader, "--lm", "x") == 2
    assert "leave out --lm" in capsys.readouterr().err


def test_readers_and_their_outputs_are_compared(reader, pictures, tmp_path, capsys):
    (tmp_path / "right.txt").write_text("".join(f"{text}\n" for text in TEXTS[70:80]))
    report = tmp_path / "report.json"
    assert call("compare", reader, tmp_path / "right.txt", "--data", f"{pictures}:test", "--json", report) == 0
    scores = json.loads(report.read_text())["scores"]
    assert list(scores) == ["wer", "ned", "cer", "word_accuracy_exact", "word_accuracy"]
    first, second = scores["word_accuracy"]
    assert second["value"] == 100
    assert second["delta"] == pytest.approx(100 - first["value"])
    assert "better" in capsys.readouterr().out
    (tmp_path / "short.txt").write_text("one\n")
    assert call("compare", reader, tmp_path / "short.txt", "--data", f"{pictures}:test") == 2
    assert "has 10 examples" in capsys.readouterr().err


def test_a_language_model_takes_over_the_vocabulary_of_a_translator(model, reader, data, folder, tmp_path, capsys):
    (tmp_path / "lm.yaml").write_text(to_yaml(language_bundle(letters("abcdefg")).config))
    options = ["--data", data, "--training.steps", "2", "--batches.tokens", "256", "--validation.every", "1"]
    options += ["--validation.samples", "0"]
    run = tmp_path / "run"
    assert call("train", tmp_path / "lm.yaml", "--out", run, *options, "--vocabulary-of", model) == 0
    found, other = load(run), load(model)
    assert found.vocabularies["target"].fingerprint == other.vocabularies["target"].fingerprint
    assert found.config.target.vocabulary.kind == "bpe"
    assert call("train", "--resume", run, "--training.steps", "3") == 0
    assert call("translate", model, folder / "in.txt", "--lm", run) == 0
    capsys.readouterr()
    assert call("translate", model, folder / "in.txt", "--lm", folder / "letters") == 2
    assert f"--vocabulary-of {model}" in capsys.readouterr().err
    for wrong, message in (
        (["--vocabulary-of", reader], "char"),
        (["--vocabulary-of", model, "--from", run], "--from"),
    ):
        assert call("train", tmp_path / "lm.yaml", "--out", tmp_path / "other", *options, *wrong) == 2
        assert message in capsys.readouterr().err
    translation = ["translation/phrases", "--data", data, "--out", tmp_path / "other", "--vocabulary-of", model]
    assert call("train", *translation) == 2
    assert "--vocabulary-of is for language models" in capsys.readouterr().err
