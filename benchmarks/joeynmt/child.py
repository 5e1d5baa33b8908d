"""A program run in a process of its own, with a given number of threads; how long it took and how much memory."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.joeynmt.place import ROOT


class Child:
    """A process whose output goes to files; leaving its `with` block ends it.

    Args:
        command: program and arguments, each used as text.
        log: its output goes to LOG.out and LOG.err.
        threads: for its numerical libraries.
    """

    def __init__(self, command: Sequence[object], log: Path, threads: int) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.out, self.err = log.with_name(log.name + ".out"), log.with_name(log.name + ".err")
        environment = os.environ | {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
            # A shell has its background jobs ignore Ctrl-C, and what they start would never see `interrupt`.
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self.begun = time.time()
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self._process = subprocess.Popen(
                [str(part) for part in command], cwd=ROOT, env=environment, stdout=out, stderr=err
            )
        self.status: int | None = None
        self.peak = 0.0
        """Most resident memory in MiB, once it is over. At least that of this process, which is far smaller."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.running():
            self.interrupt()
            self._reap(0)

    @property
    def seconds(self) -> float:
        """Time since its start, by the clock that files are stamped with."""
        return time.time() - self.begun

    def running(self) -> bool:
        """Whether it still runs."""
        self._reap(os.WNOHANG)
        return self.status is None

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def wait(self, *accepted: int) -> None:
        """Until it is over; SystemExit, with the end of what it said, unless it ends with 0 or an accepted status."""
        self._reap(0)
        if self.status not in (0, *accepted):
            said = self.err.read_text(encoding="utf-8", errors="replace")[-2000:]
            sys.exit(f"{self._process.args!r} ended with status {self.status}:\n{said}")

    def answer(self) -> Any:
        """The JSON in the last line of its output."""
        return json.loads(self.out.read_text(encoding="utf-8").splitlines()[-1])

    def _reap(self, options: int) -> None:
        if self.status is not None:
            return
        pid, status, usage = os.wait4(self._process.pid, options)
        if pid:
            self.status = self._process.returncode = os.waitstatus_to_exitcode(status)
            # Linux counts in KiB, macOS in bytes.
            self.peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def ask(command: Sequence[object], log: Path, threads: int) -> tuple[Any, float]:
    """Run a program to its end; the JSON in its last line, and its peak memory in MiB."""
    with Child(command, log, threads) as child:
        child.wait()
        return child.answer(), child.peak
