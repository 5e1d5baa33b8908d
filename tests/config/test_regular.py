"""Pipes, sockets, devices and folders are refused before they are opened, wherever a file is expected."""

import os
import socket
from pathlib import Path

import pytest

from s2s.cli.main import main
from s2s.config.document import read_document
from s2s.config.errors import RequestError
from s2s.config.regular import check_regular, read_regular
from s2s.image.load import load
from s2s.text.charset import Charset
from s2s.text.subwords import Subwords


@pytest.fixture(params=["a named pipe", "a socket", "a device", "a folder"])
def special(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    if request.param == "a named pipe":
        os.mkfifo("special")
    elif request.param == "a socket":
        socket.socket(socket.AF_UNIX).bind("special")
    elif request.param == "a device":
        Path("special").symlink_to("/dev/zero")
    else:
        Path("special").mkdir()
    return request.param, Path("special")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("read", [check_regular, read_document, Charset.load, Subwords.load, load])
def test_what_is_no_file_is_refused_before_it_is_opened(special, read):
    kind, path = special
    with pytest.raises(RequestError, match=rf"special:? is {kind}, not a"):
        read(path)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "command",
    [
        "transcribe special",
        "translate special x",
        "check special",
        "check tiny.yaml --data special",
        "evaluate words special",
        "prepare special --out out",
        "render --config special --out out --count 1",
        "render --charset special/../charset.json --out out --count 1",
    ],
)
def test_no_command_waits_for_one(special, capfd, command):
    Path("tiny.yaml").write_text("task: recognition\n")
    Path("charset.json").symlink_to("special")
    Path("x").write_text("x\n")
    assert main(command.split()) in (1, 2)
    err = capfd.readouterr().err
    assert "Traceback" not in err
    assert err.count("\n") == 1


def test_a_file_that_is_too_large_is_refused(tmp_path):
    (tmp_path / "x").write_bytes(bytes(11))
    assert read_regular(tmp_path / "x", 11) == bytes(11)
    with pytest.raises(RequestError, match="has more than 10 bytes"):
        read_regular(tmp_path / "x", 10)
    with pytest.raises(RequestError, match="not a charset: it has more than 4,194,304 bytes"):
        Charset.parse(bytes(4 * 2**20 + 1), "charset.json")
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "missing", 10)
