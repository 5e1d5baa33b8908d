"""`python -m benchmarks.tesseract PICTURES[:SPLIT]`: s2s transcribe beside Tesseract 5, on the same pictures of words.

Both are started as a user starts them, with a list of files, and take turns; the median over the turns counts, and
starting up is part of it. Tesseract takes every picture for a single word (--psm 8), with the English model that it is
installed with; once more with OMP_THREAD_LIMIT=1, as its threads wait for each other on pictures so small. Then each
reads one picture by itself: from the command to the text.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from s2s.config.errors import RequestError
from s2s.data.images.store import FolderPictures
from s2s.data.store import parse_split
from s2s.metrics.score import score
from s2s.text.charset import nfc

SCORES = ("word_accuracy", "word_accuracy_exact", "cer")


@dataclass
class Row:
    """What was measured of one reader."""

    name: str
    scores: dict[str, tuple[float, float | None, float | None]]
    """Value, low and high by name."""
    milliseconds: float
    """A picture, of all of them in one process."""
    alone: float
    """Seconds for one picture in a process of its own."""


def ours(paths: list[Path], model: str) -> list[str]:
    """What `s2s transcribe` reads."""
    command = [sys.executable, "-m", "s2s", "transcribe", "-", "--model", model]
    done = subprocess.run(command, input="".join(f"{path}\n" for path in paths), capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise RequestError(f"s2s transcribe failed: {done.stderr.strip()}")
    return done.stdout.split("\n")[:-1]


def theirs(paths: list[Path], threads: int | None = None) -> list[str]:
    """What Tesseract reads; it writes a form feed between pictures, and several lines where it sees several."""
    environment = {**os.environ, **({} if threads is None else {"OMP_THREAD_LIMIT": str(threads)})}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("".join(f"{path}\n" for path in paths))
        listed.flush()
        command = ["tesseract", listed.name, "-", "--psm", "8"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    pages = done.stdout.removesuffix("\f").split("\f")
    if len(pages) != len(paths):
        raise RequestError(f"tesseract wrote {len(pages):,} pages of {len(paths):,}: {done.stderr.strip()[-200:]}")
    return [" ".join(page.split()) for page in pages]


def measure(paths: list[Path], labels: list[str], model: str, turns: int) -> list[Row]:
    """Both readers, taking turns."""
    version = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    readers: dict[str, Callable[[list[Path]], list[str]]] = {
        f"s2s transcribe, {model}": lambda some: ours(some, model),
        f"Tesseract {version} --psm 8": theirs,
        f"Tesseract {version} --psm 8, one thread": lambda some: theirs(some, 1),
    }
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    alone: dict[str, list[float]] = {name: [] for name in readers}
    texts: dict[str, list[str]] = {}
    for turn in range(turns):
        for name, read in readers.items():
            begun = time.perf_counter()
            texts[name] = read(paths)
            seconds[name].append(time.perf_counter() - begun)
            begun = time.perf_counter()
            read([paths[turn]])
            alone[name].append(time.perf_counter() - begun)
    rows = []
    for name in readers:
        found = {metric: score(metric, texts[name], labels) for metric in SCORES}
        rows.append(
            Row(
                name,
                {metric: (one.value, one.low, one.high) for metric, one in found.items()},
                1000 * median(seconds[name]) / len(paths),
                median(alone[name]),
            )
        )
    return rows


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = [
        "| reader | word accuracy | exact | CER | ms a picture | one picture, s |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        accuracy, low, high = row.scores["word_accuracy"]
        exact, cer = row.scores["word_accuracy_exact"][0], row.scores["cer"][0]
        interval = "" if low is None or high is None else f" [{low:.1f}, {high:.1f}]"
        lines.append(
            f"| {row.name} | {accuracy:.1f}{interval} | {exact:.1f} | {cer:.1f} "
            f"| {row.milliseconds:.1f} | {row.alone:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tesseract", description=__doc__)
    parser.add_argument("pictures", metavar="PICTURES[:SPLIT]", help="a folder of pictures of words, with labels")
    parser.add_argument("--model", default="words", help="reader of s2s (default: words)")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything as JSON")
    args = parser.parse_args()
    if shutil.which("tesseract") is None:
        sys.exit("tesseract is not installed; on Debian: apt install tesseract-ocr")
    try:
        data, split = parse_split(args.pictures, lambda path: FolderPictures(Path(path)))
        examples = data.read(split).examples
        rows = measure(
            [data.path / one.name for one in examples], [nfc(one.text) for one in examples], args.model, args.turns
        )
    except RequestError as error:
        sys.exit(str(error))
    print(table(rows))
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
