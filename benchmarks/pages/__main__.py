"""`python -m benchmarks.pages draw OUT --text FILE`, and `python -m benchmarks.pages measure FOLDER...`.

`draw` makes clean pages with known text (see draw.py). `measure` reads every page of folders that hold x.png or x.jpg
beside x.gt.txt, as a user does, with s2s and with Tesseract, one thread each, and prints CER by file: white space made
single, in reading order, straight and typographic quotation marks and dashes told apart; `--fold` compares without
case and with those marks made straight, for texts that were typed so.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from benchmarks.pages.draw import FAMILIES, draw
from s2s.image.render.fonts import find_faces

STRAIGHT = str.maketrans(
    {**dict.fromkeys("“”„‟″", '"'), **dict.fromkeys("‘’‚`´", "'"), **dict.fromkeys("–—−", "-"), "…": "..."}
)


@dataclass(frozen=True)
class Read:
    """What one reader made of a page."""

    errors: int
    """Characters to insert, delete or replace."""
    seconds: float
    """From the command to the text."""
    marks: tuple[int, int]
    """Commas and full stops that are right, and all."""
    text: str


@dataclass(frozen=True)
class Row:
    """One page."""

    page: str
    characters: int
    read: dict[str, Read]
    """By reader."""

    def __str__(self) -> str:
        cells = [f"{100 * one.errors / max(1, self.characters):.2f} | {one.seconds:.1f}" for one in self.read.values()]
        return f"| {self.page} | {' | '.join(cells)} |"


def normal(text: str, fold: bool) -> str:
    """NFC, white space single, hyphens at line ends kept; folded as described above."""
    text = unicodedata.normalize("NFC", text)
    if fold:
        text = re.sub(r"-+", "-", text.translate(STRAIGHT).lower())
    # Nobody counts the dots of leaders.
    return re.sub(r"(?: ?[.…·•]){4,} ?", " .... ", " ".join(text.split()))


def ours(path: Path, model: str | None) -> str:
    """What `s2s transcribe` reads."""
    command = [sys.executable, "-m", "s2s", "transcribe", str(path), "--lines", "--threads", "1"]
    return subprocess.run([*command, *(["--model", model] if model else [])], capture_output=True, text=True).stdout


def theirs(path: Path, language: str) -> str:
    """What Tesseract reads, on one thread."""
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    command = ["tesseract", str(path), "-", "-l", language]
    return subprocess.run(command, capture_output=True, text=True, env=environment).stdout


def marks(hypothesis: str, reference: str) -> tuple[int, int]:
    """How many commas and full stops of the reference the hypothesis has in their places, and all."""
    wanted = {place for place, c in enumerate(reference) if c in ",."}
    changed = {step.src_pos for step in Levenshtein.editops(reference, hypothesis) if step.tag != "insert"}
    return len(wanted - changed), len(wanted)


def measure(folders: list[Path], model: str | None, language: str, fold: bool) -> list[Row]:
    """A row for every page; printed as they come."""
    readers: dict[str, Callable[[Path], str]] = {"s2s": lambda path: ours(path, model)}
    if shutil.which("tesseract"):
        readers["tesseract"] = lambda path: theirs(path, language)
    rows = []
    for truth in [truth for folder in folders for truth in sorted(folder.glob("*.gt.txt"))]:
        stem = truth.name.removesuffix(".gt.txt")
        path = next(p for p in sorted(truth.parent.glob(f"{stem}.*")) if p.suffix in (".png", ".jpg", ".tif"))
        reference = normal(truth.read_text(encoding="utf-8"), fold)
        found = {}
        for name, read in readers.items():
            begun = time.perf_counter()
            text = normal(read(path), fold)
            seconds = time.perf_counter() - begun
            found[name] = Read(Levenshtein.distance(text, reference), seconds, marks(text, reference), text)
        rows.append(Row(f"{truth.parent.name}/{path.name}", len(reference), found))
        print(rows[-1], flush=True)
    return rows


def summary(rows: list[Row], name: str) -> str:
    """All pages together as one reader has them."""
    found = [row.read[name] for row in rows]
    characters = sum(row.characters for row in rows)
    right, every = (sum(one.marks[place] for one in found) for place in (0, 1))
    return (
        f"{name}: CER {100 * sum(one.errors for one in found) / max(1, characters):.2f} of {characters:,} characters, "
        f"{100 * right / max(1, every):.1f} % of {every:,} commas and full stops, "
        f"{sum(one.seconds for one in found):.0f} s"
    )


def main() -> None:
    """Draw or measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    drawing = commands.add_parser("draw")
    drawing.add_argument("out", type=Path)
    drawing.add_argument("--text", type=Path, required=True, help="paragraphs, one a line")
    drawing.add_argument("--seed", type=int, default=1)
    measuring = commands.add_parser("measure")
    measuring.add_argument("folders", type=Path, nargs="+")
    measuring.add_argument("--model", help="reader of s2s (default: the one that transcribe picks)")
    measuring.add_argument("--language", default="eng", help="of Tesseract")
    measuring.add_argument("--fold", action="store_true")
    measuring.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "draw":
        faces = {face.family: face for face in find_faces("abcABC123.,") if face.style in ("Regular", "Roman")}
        missing = [family for family in FAMILIES if family not in faces]
        if missing:
            sys.exit(f"these fonts are not installed: {', '.join(missing)}")
        texts = [t for t in arguments.text.read_text(encoding="utf-8").splitlines() if len(t) > 40]
        made = draw(arguments.out, [faces[family].path for family in FAMILIES], texts, arguments.seed)
        print(f"{made} pages in {arguments.out}")
        return
    rows = measure(arguments.folders, arguments.model, arguments.language, arguments.fold)
    for name in rows[0].read if rows else ():
        print(summary(rows, name))
    if arguments.json:
        arguments.json.write_text(
            json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
