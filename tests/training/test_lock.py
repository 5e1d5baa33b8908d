"""A run's folder is its own, for as long as it lives and not a moment longer."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from s2s.config.errors import RequestError
from s2s.training.lock import NAME, locked
from s2s.training.run import train
from tests.training.tiny import silent, tiny

HOLD = """
import os, sys, time
from pathlib import Path
from s2s.training.lock import locked
with locked(Path(sys.argv[1])):
    child = os.fork()  # as a loader's worker, which outlives its parent
    if child == 0:
        time.sleep(60)
    print(child, flush=True)
    time.sleep(60)
"""


@contextmanager
def held(folder):
    """Another process that has the folder; gives its number."""
    with subprocess.Popen([sys.executable, "-c", HOLD, folder], stdout=subprocess.PIPE, text=True) as process:
        child = int(process.stdout.readline())
        try:
            yield process
        finally:
            os.kill(child, signal.SIGKILL)
            process.kill()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_in_use_is_refused_with_the_other_process_named(data, tmp_path):
    folder = tmp_path / "run"
    train(tiny(training={"steps": 1}), data, folder, console=silent())
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with held(folder) as other, pytest.raises(RequestError, match=rf"run is in use by process {other.pid} on .*; wait"):
        train(tiny(training={"steps": 2}), data, folder, console=silent(), resume=True)
    (folder / NAME).unlink()  # the other process was killed
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_new_run_that_has_no_file_yet_is_in_use_too(data, tmp_path):
    with held(tmp_path / "run"), pytest.raises(RequestError, match="in use by process"):
        train(tiny(), data, tmp_path / "run", console=silent())


def test_a_killed_process_holds_nothing_even_while_its_children_live(data, tmp_path):
    with held(tmp_path / "run") as other:
        other.kill()
        other.wait()
        assert names(tmp_path / "run") == [NAME]
        assert train(tiny(training={"steps": 1}), data, tmp_path / "run", console=silent()).step == 1
    assert NAME not in names(tmp_path / "run")


def test_a_request_that_is_refused_leaves_no_folder(tmp_path):
    with pytest.raises(RequestError):
        train(tiny(), tmp_path / "no data", tmp_path / "deep" / "run", console=silent())
    assert names(tmp_path) == []
    (tmp_path / "mine").mkdir()
    with locked(tmp_path / "mine"):
        assert names(tmp_path / "mine") == [NAME]
    assert names(tmp_path) == ["mine"]


def test_a_lock_file_taken_away_by_its_last_owner_is_made_anew(tmp_path, monkeypatch):
    opened = os.open

    def slow(path, *rest):
        descriptor = opened(path, *rest)
        if not calls:
            calls.append(1)
            (tmp_path / NAME).unlink()
        return descriptor

    calls = []
    monkeypatch.setattr(os, "open", slow)
    with locked(tmp_path):
        assert f"process {os.getpid()} on " in (tmp_path / NAME).read_text()


def test_a_place_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(RequestError, match=r"cannot write into .*run: Read-only file system"), locked(tmp_path / "run"):
        pass
    assert names(tmp_path) == []


def test_a_place_where_no_lock_can_be_is_told():
    with pytest.raises(RequestError, match="cannot write into /proc/nowhere"), locked(Path("/proc/nowhere")):
        pass


def test_the_lock_file_goes_with_the_run(tmp_path):
    with locked(tmp_path / "run"):
        (tmp_path / "run" / "kept").touch()
        assert (tmp_path / "run" / NAME).exists()
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["kept"]
