"""`--devices 2`: the same output, to the byte, by two processes."""

import os

import pytest

from s2s.cli.main import main
from s2s.inference.recognizer import Recognizer
from s2s.inference.translator import Translator
from tests.tiny import TEXT

LINES = [f"{TEXT[number % 6]} {number}" if number % 7 else "" for number in range(60)]
BEAM = ["--beam", "2"]
DRAWN = ["--sample", "--seed", "3", "--n-best", "2"]


@pytest.fixture
def idle(monkeypatch):
    """Makes this process one that deals out the work, and does none."""

    def refuse(self, job):
        raise AssertionError("this process was to deal out the work")

    def begin():
        for kind in (Translator, Recognizer):
            monkeypatch.setattr(kind, "search", refuse)

    return begin


@pytest.mark.parametrize("options", [pytest.param(BEAM, marks=pytest.mark.slow), DRAWN], ids=["beam", "drawn"])
def test_two_processes_translate_as_one_does(model, tmp_path, capfdbinary, idle, options):
    (tmp_path / "lines").write_text("".join(f"{line}\n" for line in LINES), encoding="utf-8")
    command = ["translate", str(model), str(tmp_path / "lines"), "--threads", "1", "--batch-tokens", "60", *options]
    command += ["--format", "jsonl", "--alignment"]
    assert main(command) == 0
    alone = capfdbinary.readouterr()
    idle()
    assert main([*command, "--devices", "2"]) == 0
    assert capfdbinary.readouterr() == alone
    assert alone.out.count(b"\n") == len(LINES)


def test_two_processes_transcribe_as_one_does(reader, pictures, capfdbinary, idle):
    (pictures / "broken.png").write_bytes(b"no picture")
    command = ["transcribe", str(pictures), "--model", str(reader), "--threads", "1", "--batch-pixels", "3000"]
    command += ["--format", "jsonl"]
    assert main(command) == 1
    alone = capfdbinary.readouterr()
    idle()
    assert main([*command, "--devices", "2"]) == 1
    assert capfdbinary.readouterr() == alone
    assert alone.out.count(b'"characters"') == 80
    assert alone.out.count(b'"error"') == 1


@pytest.mark.parametrize("number", ["0", "-1", "100000"])
def test_a_number_of_processes_that_cannot_be_is_refused(model, capsys, number):
    assert main(["translate", str(model), "--device", "cpu", "--devices", number]) == 2
    most = max(2, os.cpu_count())
    told = f"s2s: error: --devices must be between 1 and {most}, the cores of this machine, not {number}\n"
    assert capsys.readouterr().err == told
