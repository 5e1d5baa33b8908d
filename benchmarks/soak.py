"""`python -m benchmarks.soak transcribe|translate`: very many inputs through one process, lines and memory watched.

The same few thousand inputs are fed again and again, through a pipe, to one `s2s transcribe -` or `s2s translate`.
Every round of output must be the first one again, in the same order; in float32 one line in a thousand may differ, as
batches are cut at other places. Resident memory is looked at twice a second; its slope is that of a straight line
through the last three quarters of the run, the first being warm-up.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PAGE = 4096
MOST_GROWTH = 0.1
"""Share by which memory may grow from a quarter of the run to its end."""
LEAST_LOOKS = 10
"""Looks at the memory, after the first quarter, that a line can be drawn through."""
MOST_DIFFERENT = 0.001
"""Share of the lines of later rounds that may differ from the first."""


@dataclass(frozen=True)
class Soaked:
    """What was seen of a run."""

    lines: int
    """Lines that came out."""
    expected: int
    different: int
    """Lines of later rounds that differ from the first."""
    seconds: float
    memory: list[tuple[int, int]]
    """Lines so far and resident bytes, over time."""
    status: int

    def later(self) -> tuple[np.ndarray, np.ndarray]:
        """Lines and bytes of the last three quarters."""
        lines, resident = np.array(self.memory, dtype=np.float64).reshape(-1, 2).T
        kept = lines >= self.expected / 4
        return lines[kept], resident[kept]

    def slope(self) -> float:
        """Bytes a line."""
        lines, resident = self.later()
        return float(np.polyfit(lines, resident, 1)[0])

    def faults(self) -> list[str]:
        """What must not be."""
        faults = []
        if self.status:
            faults.append(f"exit status {self.status}")
        if self.lines != self.expected:
            faults.append(f"{self.lines:,} lines of {self.expected:,} came out")
        if self.different > MOST_DIFFERENT * self.expected:
            faults.append(f"{self.different:,} lines differ from the first round")
        if not faults and len(self.later()[0]) < LEAST_LOOKS:
            faults.append("the run was too short to judge its memory")
        elif not faults and self.growth() > MOST_GROWTH:
            faults.append(f"memory grew by {100 * self.growth():.0f} % after the first quarter")
        return faults

    def growth(self) -> float:
        """Share by which memory grew after the first quarter."""
        return self.slope() * 0.75 * self.expected / float(self.later()[1][0])

    def __str__(self) -> str:
        resident = self.later()[1]
        return (
            f"{self.lines:,} lines in {self.seconds:,.0f} s, {self.lines / self.seconds:,.0f} a second; "
            f"{self.different:,} unlike the first round; resident {resident[0] / 1e6:,.0f} MB at a quarter, "
            f"{resident[-1] / 1e6:,.0f} MB at the end, {resident.max() / 1e6:,.0f} MB at most, "
            f"slope {self.slope() * 1e4 / 1e6:+.2f} MB in 10,000 lines"
        )

    def record(self) -> dict[str, float | int | list[str]]:
        """What stands in a table of trust."""
        return {"lines": self.lines, "different": self.different, "seconds": self.seconds, "faults": self.faults()}


def soak(
    command: Sequence[str], inputs: Sequence[str], count: int, every: float = 0.5, minutes: float | None = None
) -> Soaked:
    """Feed `inputs`, over and over, until `count` lines went in or the minutes are over.

    The memory is looked at `every` so many seconds. Needs Linux's /proc.
    """
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    assert process.stdin is not None
    assert process.stdout is not None
    begun = last = time.perf_counter()
    deadline = None if minutes is None else begun + 60 * minutes
    fed: list[int] = []
    feeder = threading.Thread(target=_feed, args=(process.stdin, _cycle(inputs, count, deadline), fed), daemon=True)
    feeder.start()
    first: list[str] = []
    memory = []
    lines = different = 0
    for line in process.stdout:
        if len(first) < len(inputs):
            first.append(line)
        else:
            different += line != first[lines % len(inputs)]
        lines += 1
        if time.perf_counter() - last >= every:
            last = time.perf_counter()
            resident = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * PAGE
            if resident:  # an ended process, whose last lines are still being read, has none
                memory.append((lines, resident))
    expected = fed[0] if fed else count  # none where the command ended early
    return Soaked(lines, expected, different, time.perf_counter() - begun, memory, process.wait())


def _cycle(inputs: Sequence[str], count: int, deadline: float | None) -> Iterator[str]:
    for number in range(count):
        if deadline is not None and time.perf_counter() > deadline:
            return
        yield inputs[number % len(inputs)]


def _feed(pipe: object, lines: Iterable[str], fed: list[int]) -> None:
    """Write every line, and then down how many there were."""
    number = 0
    try:
        for line in lines:
            pipe.write(line + "\n")  # type: ignore[attr-defined]
            number += 1
        fed.append(number)
        pipe.close()  # type: ignore[attr-defined]
    except BrokenPipeError:
        pass  # the command ended early; its exit status tells


def main() -> int:
    """Run one of the two."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("command", choices=("transcribe", "translate"))
    parser.add_argument("--model", default="words", help="default: words")
    parser.add_argument("--text", type=Path, metavar="FILE", help="translate: lines to be translated")
    parser.add_argument("--count", type=int, help="default: 100,000 pictures, 200,000 lines")
    parser.add_argument("--minutes", type=float, help="stop feeding after so many, whatever the count")
    parser.add_argument("--json", type=Path, metavar="FILE", help="add what was seen to this file, a line a run")
    parser.add_argument("--threads", default="1")
    args = parser.parse_args()
    s2s = [sys.executable, "-m", "s2s"]
    with tempfile.TemporaryDirectory() as folder:
        if args.command == "transcribe":
            subprocess.run([*s2s, "render", "--out", f"{folder}/r", "--count", "4000", "--seed", "9"], check=True)
            inputs = [str(path) for path in sorted(Path(folder, "r", "images").rglob("*.*"))]
            command = [*s2s, "transcribe", "-", "--model", args.model, "--threads", args.threads]
        else:
            if args.text is None:
                parser.error("translate needs --text FILE")
            inputs = args.text.read_text(encoding="utf-8").split("\n")[:-1]
            command = [*s2s, "translate", args.model, "--threads", args.threads]
        count = args.count or {"transcribe": 100_000, "translate": 200_000}[args.command]
        done = soak(command, inputs, count, minutes=args.minutes)
    faults = done.faults()
    if args.json:
        with args.json.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"command": args.command, **done.record()}) + "\n")
    if len(done.later()[0]) >= LEAST_LOOKS:
        print(f"{args.command}: {done}")
    for fault in faults:
        print(f"{args.command}: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
