"""`s2s export`: a model on its way to another machine."""

import json

import pytest

from s2s.bundle.load import load
from s2s.cli.main import main
from s2s.config.strict import to_yaml
from tests.training.tiny import tiny as tiny_config


def export(model, out, *arguments):
    return main(["export", str(model), "--out", str(out), *map(str, arguments)])


def test_an_exported_model_is_the_model(model, tmp_path, capsys):
    assert export(model, tmp_path / "mine") == 0
    assert "parameters" in capsys.readouterr().out
    assert load(tmp_path / "mine").fingerprint == load(model).fingerprint
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == sorted(p.name for p in model.iterdir())


def test_measured_scores_stand_on_the_card_instead_of_those_of_validation(model, data, tmp_path):
    report = tmp_path / "report.json"
    assert main(["evaluate", str(model), f"{data}:test", "--json", str(report)]) == 0
    assert export(model, tmp_path / "mine", "--scores", report, "--half") == 0
    measured = json.loads(report.read_text())["scores"]["chrf"]
    row = f"| chrf | {measured['value']:.2f} | {measured['low']:.2f} - {measured['high']:.2f} | data:test |"
    assert row in (tmp_path / "mine" / "README.md").read_text()
    scores = load(tmp_path / "mine").info["scores"]
    assert scores["chrf@data:test"]["value"] == measured["value"]
    assert all(name.endswith("@data:test") for name in scores)


def test_out_of_a_run_the_card_tells_the_minutes(data, tmp_path):
    tiny = to_yaml(tiny_config(subwords={"size": 320}, training={"steps": 2}, validation={"every": 1}))
    (tmp_path / "tiny.yaml").write_text(tiny)
    run = tmp_path / "run"
    assert main(["train", str(tmp_path / "tiny.yaml"), "--data", str(data), "--out", str(run), "--device", "cpu"]) == 0
    rows = (run / "metrics.csv").read_text().splitlines()
    place = rows[0].split(",").index("seconds")
    rows = [",".join([*(cells := row.split(","))[:place], "150.0", *cells[place + 1 :]]) for row in rows[1:]]
    (run / "metrics.csv").write_text("\n".join([(run / "metrics.csv").read_text().splitlines()[0], *rows]) + "\n")
    assert export(run, tmp_path / "mine") == 0
    assert "- minutes: 2" in (tmp_path / "mine" / "README.md").read_text().splitlines()


@pytest.mark.parametrize("content", ["{", "[]", '{"scores": 3}', '{"data": "d", "split": "s", "scores": {"bleu": 1}}'])
def test_what_is_no_report_is_refused(model, tmp_path, capsys, content):
    (tmp_path / "report.json").write_text(content)
    assert export(model, tmp_path / "mine", "--scores", tmp_path / "report.json") == 2
    assert "is not a report of s2s evaluate --json" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


def test_nothing_is_overwritten(model, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious").write_text("")
    assert export(model, tmp_path / "mine") == 2
    assert "exists; name a new folder" in capsys.readouterr().err


def test_an_address_is_refused_before_a_folder_is_made(model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for address in ("hf://me/model", "s3://bucket/model"):
        assert main(["export", str(model), "--out", address]) == 2
        assert f"--out {address} is an address; export to a folder of this machine" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())
