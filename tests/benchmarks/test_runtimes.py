"""The benchmark of runtimes measures the same pictures in every form of a reader."""

import json
import sys

from benchmarks import runtimes
from s2s.bundle.save import save
from tests.bars import TEXTS, random_bundle, write_folder


def test_every_form_has_a_row(tmp_path, monkeypatch, capsys):
    save(tmp_path / "model", random_bundle())
    data, report = str(write_folder(tmp_path / "data", TEXTS[:12])), tmp_path / "report.json"
    options = ["--like", data, "--model", str(tmp_path / "model"), "--threads", "1", "--turns", "1"]
    monkeypatch.setattr(sys, "argv", ["runtimes", data, *options, "--json", str(report)])
    runtimes.main()
    assert len(capsys.readouterr().out.splitlines()) == 5
    torch, onnx, small = json.loads(report.read_text())
    assert torch["changed"] == onnx["changed"] == 0
    assert torch["accuracy"] == onnx["accuracy"]
    assert small["megabytes"] < onnx["megabytes"]
    assert all(row["speeds"]["1"] > 0 for row in (torch, onnx, small))
