"""`python -m benchmarks.pages draw OUT --text FILE`, and `python -m benchmarks.pages measure FOLDER...`.

`draw` makes clean pages with known text (see draw.py). `measure` reads every page of folders that hold x.png or x.jpg
beside x.gt.txt, with `s2s transcribe` and with Tesseract, in one process and thread each, and prints CER by file: white
space made single, in reading order, straight and typographic quotation marks and dashes told apart; `--fold` compares
without case and with those marks made straight, for texts that were typed so.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
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
        cells = [f"{100 * one.errors / max(1, self.characters):.2f}" for one in self.read.values()]
        return f"| {self.page} | {' | '.join(cells)} |"


def normal(text: str, fold: bool) -> str:
    """NFC, white space single, hyphens at line ends kept; folded as described above."""
    text = unicodedata.normalize("NFC", text)
    if fold:
        text = re.sub(r"-+", "-", text.translate(STRAIGHT).lower())
    # Nobody counts the dots of leaders.
    return re.sub(r"(?: ?[.…·•]){4,} ?", " .... ", " ".join(text.split()))


def ours(paths: list[Path], model: str | None) -> list[str]:
    """What `s2s transcribe` reads, on one thread."""
    command = [sys.executable, "-m", "s2s", "transcribe", "-", "--format", "jsonl", "--threads", "1"]
    command += ["--model", model] if model else []
    done = subprocess.run(command, input="".join(f"{path}\n" for path in paths), capture_output=True, text=True)
    return [json.loads(line).get("text", "") for line in done.stdout.splitlines()]


def theirs(paths: list[Path], language: str) -> list[str]:
    """What Tesseract reads, on one thread; it writes a form feed between pages."""
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("".join(f"{path}\n" for path in paths))
        listed.flush()
        command = ["tesseract", listed.name, "-", "-l", language]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout.removesuffix("\f").split("\f")


def marks(hypothesis: str, reference: str) -> tuple[int, int]:
    """How many commas and full stops of the reference the hypothesis has in their places, and all."""
    wanted = {place for place, c in enumerate(reference) if c in ",."}
    changed = {step.src_pos for step in Levenshtein.editops(reference, hypothesis) if step.tag != "insert"}
    return len(wanted - changed), len(wanted)


def _picture(truth: Path) -> Path:
    """The page beside x.gt.txt."""
    stem = truth.name.removesuffix(".gt.txt")
    return next(path for end in (".png", ".jpg", ".tif") if (path := truth.with_name(stem + end)).exists())


def measure(folders: list[Path], model: str | None, language: str, fold: bool) -> tuple[list[Row], dict[str, float]]:
    """A row for every page, and the seconds of each reader for all of them."""
    truths = [truth for folder in folders for truth in sorted(folder.glob("*.gt.txt"))]
    stems = [truth.with_name(truth.name.removesuffix(".gt.txt")) for truth in truths]
    paths = [
        next(p for end in (".png", ".jpg", ".tif") if (p := stem.with_name(stem.name + end)).exists()) for stem in stems
    ]
    references = [normal(truth.read_text(encoding="utf-8"), fold) for truth in truths]
    readers: dict[str, Callable[[list[Path]], list[str]]] = {"s2s": lambda some: ours(some, model)}
    if shutil.which("tesseract"):
        readers["tesseract"] = lambda some: theirs(some, language)
    rows = [Row(f"{path.parent.name}/{path.name}", len(text), {}) for path, text in zip(paths, references, strict=True)]
    seconds = {}
    for name, read in readers.items():
        begun = time.perf_counter()
        texts = read(paths)
        seconds[name] = time.perf_counter() - begun
        for row, text, reference in zip(rows, texts, references, strict=True):
            said = normal(text, fold)
            row.read[name] = Read(Levenshtein.distance(said, reference), marks(said, reference), said)
    return rows, seconds


def summary(rows: list[Row], name: str, seconds: float) -> str:
    """All pages together as one reader has them."""
    found = [row.read[name] for row in rows]
    characters = sum(row.characters for row in rows)
    right, every = (sum(one.marks[place] for one in found) for place in (0, 1))
    return (
        f"{name}: CER {100 * sum(one.errors for one in found) / max(1, characters):.2f} of {characters:,} characters, "
        f"{100 * right / max(1, every):.1f} % of {every:,} commas and full stops, {seconds / len(rows):.1f} s a page"
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
    rows, seconds = measure(arguments.folders, arguments.model, arguments.language, arguments.fold)
    print(*rows, sep="\n")
    for name, taken in seconds.items():
        print(summary(rows, name, taken))
    if arguments.json:
        arguments.json.write_text(
            json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
