"""What was seen so far, a JSON object a line, in one folder for each commit that changed s2s/."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any


class Records:
    """Where the records of this state of s2s/ are.

    Args:
        folder: of the records of all of them.
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
    """The last commit that changed the package, and whether it is changed since; `unknown` outside a checkout."""
    said = [
        subprocess.run(["git", *words, "--", "s2s"], capture_output=True, text=True, check=False)
        for words in (["log", "-1", "--format=%h"], ["status", "--porcelain"])
    ]
    if any(done.returncode for done in said) or not said[0].stdout:
        return "unknown"
    return said[0].stdout.strip() + ("-changed" if said[1].stdout else "")
