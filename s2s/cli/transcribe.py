"""`s2s transcribe`: pictures in, text out."""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from s2s.cli.decoding import add_decoding, add_devices, load_recognizer, shared_out
from s2s.cli.printing import notice

if TYPE_CHECKING:
    from s2s.image.load import BadImage, Pixels
    from s2s.inference.transcript import Line, Transcript

MANY = 100
"""From so many pictures on, the command tells how fast it was."""
HELP = "read the text in pictures of words, lines or pages"
_EPILOG = """\
A PATH is a picture, a folder (all pictures below it, by name), a pattern with * ? or [], or - for a list of paths on
standard input, one a line. Output keeps the order. What cannot be read is told on standard error, the rest is done,
and the exit status is 1; so is a picture of more than 120 million pixels, 16,000 pixels on a side, or 400 MB as a file
or as its pixels are stored, before it is decoded.

A picture that looks like a page is cut into lines, column by column, and that is told on standard error; --whole reads
every picture as one word or line. Its lines are joined by spaces, so that a picture has one line of output; --lines
writes a line of output for each line of a page.

--format text writes the text, one line a picture; empty where it cannot be read.

--format tsv writes path, confidence and text, tab-separated; confidence and text empty where it cannot be read. Tabs
and line ends in a path are written \\t, \\n and \\r.

--format jsonl writes one object a picture:
  path        of the picture
  text        what it says
  confidence  probability of the whole text
  characters  for each character: text, probability, left and right in pixels of the upright picture
  lines       of a page, instead of characters, for each line: text, confidence, characters, left, top, right, bottom
  warnings    what makes the text doubtful, if anything does
  error       instead of all but the path, where it cannot be read
"""


@dataclass(frozen=True)
class File:
    """A picture by its path."""

    path: str
    wrong: str = ""
    """Why there is no picture."""

    def load(self, colour: bool = True) -> "Pixels":
        """Its pixels. Raises BadImage."""
        from s2s.image.load import BadImage, load

        if self.wrong:
            raise BadImage(f"{self.path}: {self.wrong}")
        return load(self.path, colour)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("paths", metavar="PATH", nargs="+", help="pictures, folders, patterns, or -; see below")
    parser.add_argument(
        "--model",
        metavar="MODEL",
        default="words",
        help="a run, a model directory, a checkpoint or a shipped model; default: words",
    )
    parser.add_argument("--format", choices=("text", "tsv", "jsonl"), default="text", help="what is written; see below")
    cutting = parser.add_mutually_exclusive_group()
    cutting.add_argument("--whole", action="store_true", help="never take a picture for a page")
    cutting.add_argument("--lines", action="store_true", help="write each line of a page on a line of its own")
    add_decoding(parser, translating=False, reading=True)
    add_devices(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Read every picture."""
    from s2s.config.errors import RequestError
    from s2s.image.load import BadImage
    from s2s.inference.stream import read_each

    if args.lines and args.format == "jsonl":
        raise RequestError("--lines is for --format text or tsv; jsonl tells the lines of a page anyway")
    reader = load_recognizer(args.model, args)
    done = broken = 0
    begun = time.perf_counter()
    with shared_out(reader, args.model, args):
        for files in _groups(args.paths):
            for file, result in zip(files, read_each(reader, files, pages=not args.whole), strict=True):
                done += 1
                if isinstance(result, BadImage):
                    broken += 1
                    notice(result)
                else:
                    for warning in result.warnings:
                        notice(f"{file.path}: {warning}")
                for line in _written(file.path, result, args.format, args.lines):
                    sys.stdout.buffer.write(f"{line}\n".encode(errors="surrogateescape"))
                sys.stdout.buffer.flush()
    if done >= MANY:
        seconds = time.perf_counter() - begun
        notice(f"{done:,} pictures in {seconds:.1f} s, {done / seconds:.0f} a second")
    if broken and done > 1:
        notice(f"{broken:,} of {done:,} pictures could not be read")
    return 1 if broken else 0


def _groups(paths: list[str]) -> Iterator[list[File]]:
    """The pictures that the paths mean: all that are named together, and those of standard input as they come."""
    from s2s.cli.streams import standard_input
    from s2s.inference.arrivals import groups
    from s2s.inference.stream import GROUP

    named: list[File] = []
    for path in paths:
        if path != "-":
            named += _expand(path)
            continue
        yield named
        named = []
        for lines in groups(standard_input(), "standard input", GROUP):
            yield [File(line) for line in lines if line.strip()]
    yield named


def _expand(path: str) -> list[File]:
    """The pictures of a path, by name; a folder or a pattern that has none counts as one that cannot be read."""
    from glob import glob, has_magic

    from s2s.data.images.labelled import is_image

    if Path(path).is_dir():
        found = [str(inner) for inner in sorted(Path(path).rglob("*")) if is_image(inner)]
        return [File(inner) for inner in found] or [File(path, "this folder holds no pictures")]
    if has_magic(path) and not Path(path).exists():
        matched = sorted(glob(path, recursive=True))
        return [File(inner) for inner in matched] or [File(path, "no file matches this pattern")]
    return [File(path)]


def _written(path: str, result: "Transcript | BadImage", form: str, by_line: bool) -> Sequence[str]:
    """What is written of a picture: one line, or one for each line of a page."""
    from s2s.image.load import BadImage

    if isinstance(result, BadImage):
        error = {"path": path, "error": str(result).removeprefix(f"{path}: ")}
        return [{"text": "", "tsv": f"{_cell(path)}\t\t", "jsonl": json.dumps(error, ensure_ascii=False)}[form]]
    if form == "jsonl":
        return [json.dumps(_values(path, result), ensure_ascii=False)]
    parts = result.lines if by_line and result.lines else [result]
    if form == "text":
        return [_in_one_line(part) for part in parts]
    return [f"{_cell(path)}\t{part.confidence:.4f}\t{_in_one_line(part)}" for part in parts]


def _cell(path: str) -> str:
    """A name without what would end a column or a row."""
    return path.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _in_one_line(said: "Transcript | Line") -> str:
    return said.text.replace("\n", " ")


def _values(path: str, result: "Transcript") -> dict[str, object]:
    values: dict[str, object] = {"path": path, "text": result.text, "confidence": round(result.confidence, 6)}
    if result.lines:
        values["lines"] = [
            {
                "text": line.text,
                "confidence": round(line.confidence, 6),
                "characters": _characters(line),
                "left": line.left,
                "top": line.top,
                "right": line.right,
                "bottom": line.bottom,
            }
            for line in result.lines
        ]
    else:
        values["characters"] = _characters(result)
    if result.warnings:
        values["warnings"] = list(result.warnings)
    return values


def _characters(said: "Transcript | Line") -> list[dict[str, object]]:
    return [
        {
            "text": one.text,
            "probability": round(one.probability, 6),
            "left": round(one.left, 1),
            "right": round(one.right, 1),
        }
        for one in said.characters
    ]
