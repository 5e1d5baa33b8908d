"""`s2s export`: a model on its way to another machine."""

import json
import shutil

import pytest

from s2s.bundle.load import load
from s2s.cli.main import main
from s2s.config.strict import to_yaml
from tests.bars import bars_config
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


class TestScores:
    """What the card of a model of a run says of how good it is."""

    @pytest.fixture(scope="class")
    @staticmethod
    def run(data, tmp_path_factory):
        folder = tmp_path_factory.mktemp("scored")
        sections = {"training": {"steps": 2}, "validation": {"every": 1, "examples": 3}, "decoding": {"beam": 2}}
        (folder / "tiny.yaml").write_text(to_yaml(tiny_config(subwords={"size": 320}, **sections)))
        arguments = ["--data", str(data), "--out", str(folder / "run"), "--device", "cpu"]
        assert main(["train", str(folder / "tiny.yaml"), *arguments]) == 0
        return folder / "run"

    @pytest.mark.parametrize("part", [".", "model", "checkpoints/last.ckpt"])
    def test_all_of_the_validation_split_is_scored_with_the_decoding_that_ships(self, run, part, data, tmp_path):
        assert export(run / part, tmp_path / "mine") == 0
        assert main(["evaluate", str(tmp_path / "mine"), f"{data}:val", "--json", str(tmp_path / "val.json")]) == 0
        measured = json.loads((tmp_path / "val.json").read_text())["scores"]
        scores = load(tmp_path / "mine").info["scores"]
        assert {name: scores[name]["value"] for name in measured} == {n: one["value"] for n, one in measured.items()}
        assert scores["bleu"]["decoded"] == "beam 2, all 6 examples"
        assert "| val, beam 2, all 6 examples |" in (tmp_path / "mine" / "README.md").read_text()

    def test_where_the_data_has_changed_or_nobody_wants_it_the_card_says_so(self, run, tmp_path, capsys):
        copy = shutil.copytree(run, tmp_path / "run")
        assert export(copy, tmp_path / "one", "--unscored") == 0
        facts = json.loads((copy / "data.json").read_text())
        for name, change in {"two": {"path": str(tmp_path / "gone")}, "three": {"fingerprint": "0" * 16}}.items():
            (copy / "data.json").write_text(json.dumps({**facts, **change}))
            assert export(copy, tmp_path / name) == 0
            assert "not scored: " in capsys.readouterr().err
        for name, why in {"one": "--unscored", "two": "no such dataset", "three": "has changed since"}.items():
            card = (tmp_path / name / "README.md").read_text()
            assert "those of validation while training; export did not score it (" in card
            assert why in card
            assert "| val, beam 1, 3 of 6 examples, drawn by seed 1 |" in card

    def test_a_reader_is_scored_too(self, pictures, tmp_path):
        config = bars_config(training={"steps": 2}, validation={"every": 2, "examples": 4})
        (tmp_path / "bars.yaml").write_text(to_yaml(config))
        arguments = ["--data", str(pictures), "--out", str(tmp_path / "run"), "--device", "cpu"]
        assert main(["train", str(tmp_path / "bars.yaml"), *arguments]) == 0
        assert export(tmp_path / "run", tmp_path / "mine", "--half") == 0
        assert load(tmp_path / "mine").info["scores"]["cer"]["decoded"] == "beam 1, all 10 examples"


def test_an_address_is_refused_before_a_folder_is_made(model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for address in ("hf://me/model", "s3://bucket/model"):
        assert main(["export", str(model), "--out", address]) == 2
        assert f"--out {address} is an address; export to a folder of this machine" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())
