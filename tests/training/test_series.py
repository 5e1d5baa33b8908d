"""Models of series, from their training to their answers."""

import io
import json

import numpy as np
import pytest
from rich.console import Console

import s2s
from s2s.bundle.load import load as load_bundle
from s2s.cli.main import main
from s2s.config.errors import RequestError
from s2s.data.series.store import open_series
from s2s.training.run import train
from tests.series import tiny, write_curves, write_ink
from tests.training.tiny import silent

WRITE = {"label": write_curves, "ctc": write_ink}


@pytest.fixture(scope="module", params=["label", "ctc"])
def target(request):
    return request.param


@pytest.fixture(scope="module")
def data(target, tmp_path_factory):
    return WRITE[target](tmp_path_factory.mktemp(target))


@pytest.fixture(scope="module")
def model(target, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    train(tiny(target), data, folder, console=silent())
    return folder


def test_a_model_of_series_learns(target, model, data, capsys, tmp_path):
    assert main(["evaluate", str(model), str(data), "--json", str(tmp_path / "scores.json")]) == 0
    report = json.loads((tmp_path / "scores.json").read_text())
    name, least = {"label": ("accuracy", 90), "ctc": ("word_accuracy", 80)}[target]
    assert report["scores"][name]["value"] > least
    assert report["examples"] == 30


def test_the_commands_for_a_model_of_series(target, model, data, tmp_path, capsys):
    split = open_series(data).read("test")
    lines = [json.dumps(rows.tolist()) for rows in split.series[:3]]
    flat = [",".join(map(str, rows.reshape(-1).tolist())) for rows in split.series[:3]]
    by_column = [":".join(",".join(map(str, column)) for column in rows.T.tolist()) for rows in split.series[:3]]
    expected = [one.text for one in s2s.load(model)(list(split.series[:3]))]
    for rows in (flat, by_column, *([lines] if target == "label" else [])):
        (tmp_path / "in.txt").write_text("\n".join([rows[0], "", *rows[1:]]) + "\n")
        assert main(["predict", str(model), str(tmp_path / "in.txt")]) == 0
        printed = capsys.readouterr()
        assert printed.out == "\n".join([expected[0], "", *expected[1:]]) + "\n"
        assert "1 of 4 lines are blank" in printed.err
    names = []
    for number, rows in enumerate(split.series[:3]):
        names.append(str(tmp_path / f"{number}.npy"))
        np.save(names[-1], rows)
    for way in ("text", "tsv", "jsonl"):
        assert main(["predict", str(model), *names, "--format", way]) == 0
        assert len(capsys.readouterr().out.splitlines()) == 3
    assert main(["check", str(model)]) == 0
    assert "reads the columns" in capsys.readouterr().out
    assert main(["check", str(data)]) == 0
    assert "sound" in capsys.readouterr().out
    assert main(["export", str(model), "--out", str(tmp_path / "model")]) == 0
    assert "columns as" in (tmp_path / "model" / "README.md").read_text()
    assert load_bundle(tmp_path / "model").fingerprint == load_bundle(model).fingerprint
    (tmp_path / "other.txt").write_text("no\n" * 30)
    capsys.readouterr()
    assert main(["compare", str(tmp_path / "other.txt"), str(model), "--data", str(data)]) == 0
    assert "better" in capsys.readouterr().out


def test_columns_of_a_recording_are_found_by_their_names(tmp_path):
    data = write_curves(tmp_path)
    train(tiny("label", training={"steps": 1}), data, tmp_path / "run", console=silent())
    model = s2s.load(tmp_path / "run")
    rows = open_series(data).read("test").series[0]
    (tmp_path / "a.csv").write_text("level,noise\n" + "".join(f"{a!r},{b!r}\n" for a, b in rows.tolist()))
    (tmp_path / "b.csv").write_text("noise,level\n" + "".join(f"{b!r},{a!r}\n" for a, b in rows.tolist()))
    first, second, third = model([tmp_path / "a.csv", str(tmp_path / "b.csv"), rows])
    assert first.probabilities == second.probabilities == third.probabilities
    with pytest.raises(RequestError, match=r"it has 1 column, and the model reads 2 \(level, noise\)"):
        model(rows[:, 0])
    with pytest.raises(TypeError, match="rows of numbers"):
        model([["a", "b"], ["c", "d"]])


def test_a_resumed_run_keeps_its_measure_and_one_from_a_model_takes_that_of_the_model(target, data, model, tmp_path):
    begun = load_bundle(model).vocabularies["source"]
    train(tiny(target, training={"steps": 2}), data, tmp_path / "run", start_from=model, console=silent())
    assert load_bundle(tmp_path / "run").vocabularies["source"].fingerprint == begun.fingerprint


def test_a_series_too_short_for_its_text_is_left_out_and_counted(tmp_path):
    data = write_ink(tmp_path)
    shown = io.StringIO()
    config = tiny("ctc", source={"front": {"width": 12, "kernel": 5, "stride": 4}}, training={"steps": 1})
    train(config, data, tmp_path / "run", console=Console(file=shown, width=500))
    assert "training examples" in shown.getvalue()
    assert "are 3 steps, and its text of" in shown.getvalue()


def test_a_data_set_that_was_changed_is_refused(tmp_path):
    data = write_curves(tmp_path)
    report = json.loads((data / "report.json").read_text())
    for key, value in (("splits", {"train": {"series": 9, "rows": 9}}), ("columns", []), ("columns", ["a"] * 7)):
        (data / "report.json").write_text(json.dumps({**report, key: value}))
        with pytest.raises(RequestError, match=r"prepare the data again"):
            open_series(data).read("train")
    (data / "report.json").write_text(json.dumps({**report, "kind": "pictures"}))
    with pytest.raises(RequestError, match="does not hold series"):
        open_series(data)


def test_damaged_columns_are_refused(model, tmp_path):
    from shutil import copytree

    folder = copytree(model / "model", tmp_path / "model")
    sound = json.loads((folder / "columns.json").read_text())
    for key, value in (("mean", []), ("deviation", [0.0] * 6), ("names", ["a", "a"]), ("mean", ["x"] * 6)):
        (folder / "columns.json").write_text(json.dumps({**sound, "columns": {**sound["columns"], key: value}}))
        with pytest.raises(RequestError, match=r"columns\.json"):
            s2s.load(folder)


def test_a_lexicon_guides_a_reader_of_strokes(tmp_path):
    data = write_ink(tmp_path)
    train(tiny("ctc", training={"steps": 3}), data, tmp_path / "run", console=silent())
    (tmp_path / "words.txt").write_text("abc\nca\n")
    reader = s2s.load(tmp_path / "run", lexicon=tmp_path / "words.txt")
    split = open_series(data).read("test")
    assert {one.text for one in reader(list(split.series))} <= {"abc", "ca", ""}
