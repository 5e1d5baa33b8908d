"""Runs that are killed, resumed and killed again until they end, each compared with one that nobody killed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.trust.scenarios import TOGETHER, Kill, Scenario
from s2s.config.strict import to_yaml
from tests.bars import write_splits
from tests.training.killing import PATIENCE, RECOGNITION, TRANSLATION, attempt
from tests.training.runs import assert_same, contents
from tests.training.tiny import EVERYTHING, tiny, write_numbers

IDENTICAL = "identical"
ORPHANS = 60
"""Seconds in which processes whose launcher was killed have to end."""


@dataclass(frozen=True)
class End:
    """How what was started ended: well, killed as was meant, or failed."""

    killed: bool
    failed: bool
    notes: str = ""


class Kills:
    """The three runs without a kill, made when first asked for, and scenarios compared with them.

    Args:
        folder: an empty one, for data and runs; those that came out otherwise stay there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        numbers, bars = write_numbers(folder / "numbers"), write_splits(folder / "bars")
        self._runs = {"translation": (TRANSLATION, numbers), "recognition": (RECOGNITION, bars)}
        self._settings = folder / "together.yaml"
        self._settings.write_text(to_yaml(tiny(**EVERYTHING)), encoding="utf-8")
        self._ends: dict[str, Any] = {}

    def play(self, scenario: Scenario) -> dict[str, Any]:
        """What became of a scenario."""
        expected = self._end(scenario.what)
        run = self.folder / f"run-{scenario.number}"
        begun = time.monotonic()
        died: list[dict[str, Any]] = []
        outcome = ""
        for kill in [*scenario.kills, None]:
            resume = (run / "config.yaml").is_file()
            end = self._start(scenario, run, resume, kill)
            if end.failed:
                outcome = f"does not go on: {end.notes}"
                break
            if end.killed:
                died.append({**asdict(kill), "resumed": resume, "notes": end.notes})
        outcome = outcome or _compare(run, expected, scenario.what == TOGETHER)
        if outcome == IDENTICAL:
            shutil.rmtree(run)
        seconds = round(time.monotonic() - begun, 1)
        return {
            "number": scenario.number,
            "what": scenario.what,
            "workers": scenario.workers,
            "kills": died,
            "outcome": outcome,
            "seconds": seconds,
        }

    def _end(self, what: str) -> Any:
        """What a run ends with that nobody kills."""
        if what not in self._ends:
            run = self.folder / f"whole {what}"
            end = self._start(Scenario(-1, what, (), 0), run, False, None)
            if end.failed:
                raise SystemExit(f"a run that nobody kills fails: {end.notes}")
            self._ends[what] = contents(run)
        return self._ends[what]

    def _start(self, scenario: Scenario, run: Path, resume: bool, kill: Kill | None) -> End:
        """Have a process or two train, and be killed perhaps."""
        log = self.folder / f"{run.name}.log"
        log.unlink(missing_ok=True)
        if scenario.what == TOGETHER:
            status, notes = self._together(run, resume, kill, log)
        else:
            config, data = self._runs[scenario.what]
            config = replace(config, batches=replace(config.batches, workers=scenario.workers))
            by = signal.Signals[kill.by] if kill else signal.SIGKILL
            status, notes = attempt(config, data, run, resume, kill and kill.moment, by, log), ""
        if status == 0:
            return End(False, False)
        printed = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        killed = status in (-signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGTERM)
        if scenario.what == TOGETHER and kill is not None and kill.whom == "self":
            killed = re.search(r"exitcode +: -9\b", printed) is not None
        if kill is not None and killed:
            return End(True, False, notes)
        return End(False, True, " ".join([f"status {status}", *printed.strip().splitlines()[-1:], notes]).strip())

    def _together(self, run: Path, resume: bool, kill: Kill | None, log: Path) -> tuple[int, str]:
        """Torchrun with two processes; its status, and what became of those that outlived it."""
        module, words = "s2s", []
        if kill is not None:
            module, words = "tests.training.killing", [str(kill.rank), kill.whom, json.dumps(kill.moment)]
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", module]
        command += [*words, "train", str(self._settings), "--data", str(self.folder / "numbers"), "--device", "cpu"]
        command += ["--threads", "1", "--out", str(run), *(["--resume"] if resume else [])]
        numbers = [run.with_name(f"{run.name}.rank-{rank}") for rank in (0, 1)]
        for path in numbers:
            path.unlink(missing_ok=True)
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with log.open("w") as file, subprocess.Popen(command, stdout=file, stderr=file, env=environment) as process:
            try:
                status = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.terminate()
                status = process.wait()
        orphans = [int(path.read_text()) for path in numbers if path.exists()]
        if _all_gone(orphans, ORPHANS if kill and kill.whom == "launcher" else 0):
            return status, ("the processes ended by themselves" if kill and kill.whom == "launcher" else "")
        for orphan in orphans:
            with suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
        _all_gone(orphans, 10)
        return status, f"the processes still ran after {ORPHANS} s and were killed"


def _all_gone(processes: list[int], seconds: float) -> bool:
    """Whether no process of these is there, at the latest after some seconds."""
    deadline = time.monotonic() + seconds
    while any(_lives(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _compare(run: Path, expected: Any, together: bool) -> str:
    """`identical`, or what is not as it should be."""
    try:
        found = contents(run)
        if together:  # the command and the place of each are its own
            found, expected = (({**one[0], "s2s": _without_info(one[0]["s2s"])}, *one[1:]) for one in (found, expected))
        assert_same(found, expected)
        left = sorted(path.name for path in (run / "checkpoints").iterdir())
        assert left == ["last.ckpt", "previous.ckpt"], f"checkpoints/ holds {left}"
        hidden = [path.name for path in run.iterdir() if path.name.startswith(".") or path.name == "lock"]
        assert not hidden, f"left behind: {hidden}"
    except Exception as error:
        return f"different: {type(error).__name__} {error}".strip()
    return IDENTICAL


def _without_info(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != "info"}


def go_through(
    kills: Kills, scenario: Callable[[int], Scenario], done: set[int], records: Path, minutes: float
) -> bool:
    """Play scenarios not yet done until the minutes are over, and write each down as it ends; whether all held."""
    deadline = time.monotonic() + 60 * minutes
    number, held = 0, True
    while time.monotonic() < deadline:
        if number not in done:
            record = kills.play(scenario(number))
            held = held and record["outcome"] == IDENTICAL
            with records.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
            phases = ", ".join(kill["phase"] for kill in record["kills"]) or "no kill came in time"
            print(f"{number} {record['what']}: {phases}: {record['outcome']}", flush=True)
        number += 1
    return held
