"""What was seen so far, a JSON object a line, in one folder for each commit."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any


class Records:
    """Where the records of this commit are.

    Args:
        folder: of the records of all commits.
    """

    def __init__(self, folder: Path) -> None:
        self.commit = commit()
        self.folder = folder / self.commit
        self.folder.mkdir(parents=True, exist_ok=True)
        self.fuzz = self.folder / "fuzz.jsonl"
        """The file that fuzz tests add to: {"surface": str, "cases": int, "outcomes": {str: int}} a line."""
        self.soak = self.folder / "soak.jsonl"

    def kills(self, seed: int) -> Path:
        """Of the scenarios of a seed."""
        return self.folder / f"kills-{seed}.jsonl"


def read(path: Path) -> list[dict[str, Any]]:
    """Every line that is whole; none if there is no such file."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines[:-1] if line]


def commit() -> str:
    """The commit of the sources; `unknown` outside a checkout."""
    command = ["git", "describe", "--always", "--dirty=-changed", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "unknown"
