"""Results: a table on the screen and everything in a JSON file."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.joeynmt.place import JOEYNMT, ROOT


def show(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    for row in (headings, ["---"] * len(headings), *rows):
        print(f"| {' | '.join(row)} |")


def spread(values: Sequence[float]) -> str:
    """Median and range."""
    return f"{median(values):,.1f} ({min(values):,.1f}-{max(values):,.1f})"


def write(work: Path, name: str, settings: dict[str, Any], results: Any) -> None:
    """Write results, and what they were measured with, to WORK/results/NAME.json."""
    path = work / "results" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    about: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "commit": _commit(),
    }
    about |= {"versions": _versions(), "settings": settings, "results": results}
    path.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    print(f"\n{path}")


def _machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} CPUs, {platform.system()}"


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _versions() -> dict[str, str]:
    """Torch's on both sides, and JoeyNMT's."""
    from importlib.metadata import version

    code = "from importlib.metadata import version as v; print(v('torch'), v('joeynmt'))"
    theirs = subprocess.run([str(JOEYNMT), "-I", "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return {"s2s's torch": version("torch"), "joeynmt's torch": theirs[0], "joeynmt": theirs[1]}
