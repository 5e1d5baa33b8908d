"""`s2s evaluate`: the numbers, how they were made, and where they go."""

import json
from pathlib import Path

import pytest

from s2s.bundle.load import load
from s2s.cli.main import main
from s2s.cli.scoring import write_json
from s2s.config.plain_json import parse_json
from s2s.data.store import open_dataset
from s2s.inference.translator import Translator
from s2s.metrics.score import score


def evaluate(model, data, *arguments):
    return main(["evaluate", str(model), str(data), *map(str, arguments)])


def test_the_report_has_the_agreed_names_and_the_scores_of_the_hypotheses(model, data, tmp_path):
    report, written = tmp_path / "report.json", tmp_path / "out.txt"
    assert evaluate(model, f"{data}:test", "--json", report, "--hypotheses", written) == 0
    values = json.loads(report.read_text())
    names = {"task", "data", "split", "examples", "seconds", "examples_per_second", "model", "scores"}
    assert names <= set(values)
    assert (values["task"], values["split"], values["examples"]) == ("translation", "test", 6)
    assert values["examples_per_second"] == pytest.approx(6 / values["seconds"])
    bundle = load(model)
    assert values["model"] == {"parameters": bundle.parameters, "fingerprint": bundle.fingerprint}
    assert set(values["scores"]) == {"bleu", "bleu_lc_tok", "chrf", "ter", "exact"}
    hypotheses = written.read_text().split("\n")[:-1]
    sources, references = open_dataset(data).pairs("test")
    assert hypotheses == [result.text for result in Translator.from_bundle(bundle)(sources)]
    for name, entry in values["scores"].items():
        expected = score(name, hypotheses, references, "de")
        assert entry == {
            "value": expected.value,
            "low": expected.low,
            "high": expected.high,
            "signature": expected.signature,
        }


def test_the_last_line_that_says_bleu_is_the_score_with_interval_and_signature(model, data, capsys):
    evaluate(model, data)
    lines = [line for line in capsys.readouterr().out.splitlines() if "BLEU" in line]
    assert lines[-1].startswith("BLEU ")
    assert "[" in lines[-1]
    assert "tok:13a" in lines[-1]
    assert "case:mixed" in lines[-1]


def test_metrics_and_beam_can_be_chosen(model, data, tmp_path, capsys):
    report = tmp_path / "report.json"
    assert evaluate(model, data, "--json", report, "--beam", "1", "--metrics", "cer", "chrf") == 0
    assert list(json.loads(report.read_text())["scores"]) == ["cer", "chrf"]
    assert "BLEU" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--metrics", "blue"], 'did you mean "bleu"'),
        (["--json", "nowhere/report.json"], "no directory nowhere"),
        (["--hypotheses", "."], "is a directory"),
        (["--json", "out", "--hypotheses", "out"], "out is to hold two things"),
        (["--beam", "0"], "--beam must be 1 or more"),
    ],
)
def test_impossible_requests_are_refused_before_work(model, data, arguments, says, capsys):
    assert evaluate(model, data, *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err


def test_a_split_that_is_not_there_is_refused_with_the_nearest(model, data, capsys):
    assert evaluate(model, f"{data}:tets") == 2
    assert "test" in capsys.readouterr().err


def test_a_model_of_other_languages_is_told(model, data, capsys, monkeypatch):
    monkeypatch.setattr("s2s.data.store.Prepared.languages", ("de", "en"))
    evaluate(model, data, "--metrics", "exact")
    assert "the model was trained on en to de, the data is de to en" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which is always full")
@pytest.mark.parametrize("option", ["--json", "--hypotheses"])
def test_a_full_disk_is_status_1_and_names_the_file(model, data, capsys, option):
    assert evaluate(model, data, "--metrics", "exact", option, "/dev/full") == 1
    assert "s2s: error: cannot write /dev/full: No space left on device" in capsys.readouterr().err


def test_a_full_disk_takes_neither_the_scores_nor_the_other_file(model, data, tmp_path, capsys):
    report = tmp_path / "report.json"
    assert evaluate(model, data, "--hypotheses", "/dev/full", "--json", report) == 1
    printed = capsys.readouterr()
    assert "BLEU" in printed.out
    assert printed.err.splitlines()[-1] == "s2s: error: cannot write /dev/full: No space left on device"
    assert json.loads(report.read_text())["scores"]["bleu"]
    assert evaluate(model, data, "--json", "/dev/full", "--hypotheses", tmp_path / "out.txt") == 1
    assert "BLEU" in capsys.readouterr().out
    assert (tmp_path / "out.txt").read_text().count("\n") == 6


@pytest.fixture
def files(tmp_path):
    """Outputs and two streams of references."""
    texts = {"out": ["a dog runs", "two men"], "one": ["a dog runs", "two women"], "two": ["the dog", "two men"]}
    for name, lines in texts.items():
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines))
    return {name: str(tmp_path / name) for name in texts}


def test_a_file_of_outputs_is_scored_without_a_model_or_a_dataset(files, tmp_path, capsys):
    report = tmp_path / "report.json"
    assert main(["evaluate", files["out"], "--references", files["one"], files["two"], "--json", str(report)]) == 0
    values = json.loads(report.read_text())
    assert (values["examples"], values["references"]) == (2, [files["one"], files["two"]])
    assert values["scores"]["exact"]["value"] == 100
    assert "nrefs:2" in values["scores"]["bleu"]["signature"]
    out = capsys.readouterr().out
    assert out.startswith(f"{files['out']} against {files['one']}, {files['two']}: 2 lines\n")
    assert out.splitlines()[-1].startswith("BLEU ")
    assert main(["evaluate", files["out"], "--references", files["one"], "--metrics", "exact", "cer"]) == 0
    assert "50.00" in capsys.readouterr().out


def test_the_language_of_a_file_picks_the_tokeniser(files, capsys):
    arguments = ["evaluate", files["out"], "--references", files["one"], "--metrics", "bleu"]
    assert main([*arguments, "--language", "zh"]) == 0
    assert "tok:zh" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["OUT", "data", "--references", "ONE"], "leave out data or --references"),
        (["OUT", "--references", "ONE", "--beam", "3"], "--beam needs a model"),
        (["OUT", "--references", "ONE", "--device", "cpu"], "--device needs a model"),
        (["OUT", "--references", "ONE", "--hypotheses", "x"], "--hypotheses needs a model"),
        (["OUT", "--references", "SHORT"], "short has 1 lines, but"),
        (["OUT", "--references", "nowhere"], "cannot read nowhere"),
        (["nowhere", "--references", "ONE"], "cannot read nowhere"),
        (["OUT", "--references"], "--references"),
        (["OUT"], "name the data to evaluate on, or the references"),
        (["OUT", "data", "--language", "ja"], "--language needs --references"),
    ],
)
def test_impossible_requests_to_score_a_file_are_refused(files, tmp_path, arguments, says, capsys):
    (tmp_path / "short").write_text("one\n")
    names = {"OUT": files["out"], "ONE": files["one"], "SHORT": str(tmp_path / "short")}
    assert main(["evaluate", *(names.get(argument, argument) for argument in arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


def test_a_score_that_is_no_number_is_null_in_the_report(tmp_path, capsys):
    write_json(tmp_path / "report.json", {"scores": {"perplexity": {"value": float("inf"), "low": 1.5}}, "rows": [1]})
    assert parse_json((tmp_path / "report.json").read_bytes()) == {
        "scores": {"perplexity": {"value": None, "low": 1.5}},
        "rows": [1],
    }
    assert "scores that are no numbers are written as null" in capsys.readouterr().err
