"""`s2s compare`: paired tests between models and files."""

import json

import pytest

from s2s.cli.main import main
from s2s.data.store import open_dataset


@pytest.fixture
def files(data, tmp_path):
    references = open_dataset(data).pairs("test")[1]
    (tmp_path / "good.txt").write_text("".join(f"{line}\n" for line in references))
    (tmp_path / "bad.txt").write_text("".join(f"nothing of {number}\n" for number in range(len(references))))
    (tmp_path / "short.txt").write_text("one\n")
    return tmp_path


def compare(data, *arguments):
    return main(["compare", *map(str, arguments), "--data", str(data)])


def test_files_and_models_are_tested_against_the_first(files, model, data, capsys):
    report = files / "report.json"
    systems = files / "bad.txt", files / "good.txt", model
    assert compare(data, *systems, "--metrics", "chrf", "exact", "--json", report) == 0
    values = json.loads(report.read_text())
    rows = values["scores"]["chrf"]
    assert [row["system"] for row in rows] == [str(system) for system in systems]
    assert (rows[0]["delta"], rows[0]["p_value"]) == (None, None)
    assert rows[1]["value"] == pytest.approx(100)
    assert rows[1]["delta"] == pytest.approx(100 - rows[0]["value"])
    assert rows[1]["p_value"] < 0.05
    out = capsys.readouterr().out
    assert "worse" in out
    assert rows[0]["signature"] in out


def test_a_system_does_not_differ_from_its_twin(files, data, capsys):
    (files / "twin.txt").write_text((files / "bad.txt").read_text())
    assert compare(data, files / "bad.txt", files / "twin.txt", "--metrics", "bleu") == 0
    assert "no significant difference" in capsys.readouterr().out


def test_unequal_line_counts_are_refused_with_both_counts(files, data, capsys):
    assert compare(data, files / "good.txt", files / "short.txt") == 2
    assert "short.txt has 1 lines" in (err := capsys.readouterr().err)
    assert "6 examples" in err


def test_one_system_or_the_same_twice_is_refused(files, data, capsys):
    assert compare(data, files / "good.txt") == 2
    assert compare(data, files / "good.txt", files / "good.txt") == 2
    assert "twice" in capsys.readouterr().err


def test_a_system_that_is_not_there_is_refused(files, data, capsys):
    assert compare(data, files / "good.txt", files / "none.txt") == 2
    assert "there is no model" in capsys.readouterr().err
