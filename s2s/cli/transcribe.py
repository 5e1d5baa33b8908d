"""`s2s transcribe`: pictures in, text out."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from s2s.cli.decoding import add_decoding, add_devices, add_guidance, shared_recognizer, shipped_readers
from s2s.cli.documents import DOCUMENTS, OVERLAY, Documents
from s2s.cli.forced import score_pictures
from s2s.cli.printing import notice
from s2s.cli.reading_notices import Notices

if TYPE_CHECKING:
    from s2s.cli.picture_paths import File
    from s2s.image.load import BadImage, Pixels
    from s2s.inference.transcript import Line, Transcript

LINES = ("text", "tsv", "jsonl")
"""Formats of standard output."""
_EPILOG = """\
A PATH is a picture, a folder (all pictures below it, by name), a pattern with * ? or [], or - for a list of paths on
standard input, one a line; a blank one gives a blank one. Output keeps the order. What cannot be read is named on
standard error, the rest is done, and the exit status is 1; so is a picture of more than 120 million pixels, 16,000
pixels on a side, or 400 MB as a file or as its pixels are stored, before it is decoded; and so it is where a folder
holds PDF, HEIC, DjVu or other files with text in a form that is not read. Files of a folder that are nothing of the
kind, such as labels.tsv, are skipped and named.

Two readers come with s2s: `print` reads pages and lines of print, `words` single words, in photographs too. Without
--model each picture goes to the one that it is for; a long one, which may be a word or a line, to both, and the surer
one is believed. --score is done by words.

A picture that looks like a page is turned upright, made level and cut into lines, column by column, and how many were
is printed on standard error; parts of it that are unlike text, such as stains, are left out with a warning;
--whole reads every picture as one word or line. Its lines are joined by spaces, so that a picture has one line of
output; --lines writes a line of output for each line of a page.

--n-best N, with --whole, also gives the next best texts: --format text and tsv write a line for each of path, score and
text, tab-separated, the best first. A score is the log-probability of the whole text, and what --lm and --lexicon add.

--lm MODEL and --lexicon FILE guide a reader with CTC, which then keeps a beam of 16 texts unless --beam says otherwise.
A text's score is its log-probability, --lm-weight times that of its characters as a line of the language model, and
--lm-bonus for each of them. --lexicon allows only words of the file, one a line, with single spaces between; case is
not compared, so that "stop" allows Stop and STOP; with --lexicon-weight W nothing is forbidden, and each of its words
adds W. Confidences stay those of the reader.

--score DATA[:SPLIT] reads nothing: for each labelled picture of a folder or a data set it writes the log-probability of
its label, its name and the label, tab-separated.

--format text writes the text, one line a picture; empty where it cannot be read.

--format tsv writes path, confidence and text, tab-separated; confidence and text empty where it cannot be read. Tabs
and line ends in a path are written \\t, \\n and \\r.

--format jsonl writes one object a picture:
  path        of the picture
  text        what it says
  confidence  how sure the model is of a character on average: the probability of the whole text to the power of
              1 / its characters; of a page, the mean of its lines by their characters; 0 where nothing was read in a
              picture that is not empty
  characters  for each character: text, probability, left and right in pixels of the upright picture
  lines       of a page, instead of characters, for each line: text, confidence, characters, left, top, right, bottom
  turned      of a page that stands on its side or its head, the degrees clockwise by which it was turned to be read;
              all places, in files that other formats write too, are in the turned picture
  n_best      with --n-best above 1: objects of text and score, the best first
  warnings    what makes the text doubtful, if anything does; of the first ten pictures, on standard error too
  error       instead of all but the path, where it cannot be read

--format hocr, alto, page and pdf write a file for each picture into --out DIR, named after it: hOCR for browsers and
PDF tools, ALTO 4 or PAGE 2019 with words and their places, or a PDF of the picture with the text under it to be found
and copied. --overlay DIR draws each word over its place, red where the model is not sure, whatever the format.

A PDF or a TIFF of several pages is read page by page, and its pages are named scan.pdf[1], scan.pdf[2], by which one
can be asked for. Text that a PDF has already is not looked at; its pages are drawn at 300 dpi and read.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("paths", metavar="PATH", nargs="*", help="pictures, folders, patterns, or -; see below")
    parser.add_argument(
        "--model",
        metavar="MODEL",
        help="a run, a model directory, a checkpoint or a shipped model; default: words and print, see below",
    )
    parser.add_argument("--format", choices=(*LINES, *DOCUMENTS), default="text", help="what is written; see below")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the files that some formats write")
    parser.add_argument("--overlay", type=Path, metavar="DIR", help="also draw what was read where, a PNG a picture")
    parser.add_argument(
        "--charset", action="store_true", help="print the characters that the model can write, and exit"
    )
    parser.add_argument("--n-best", type=int, default=1, metavar="N", help="texts of each picture, best first")
    parser.add_argument(
        "--score", metavar="DATA[:SPLIT]", help="score the labels of pictures instead of reading them; see below"
    )
    cutting = parser.add_mutually_exclusive_group()
    cutting.add_argument("--whole", action="store_true", help="never take a picture for a page")
    cutting.add_argument("--lines", action="store_true", help="write each line of a page on a line of its own")
    add_decoding(parser, translating=False, reading=True)
    add_guidance(parser, translating=False)
    add_devices(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Read every picture."""
    from s2s.cli.picture_paths import Found
    from s2s.config.errors import RequestError
    from s2s.inference.options import check_n_best
    from s2s.inference.readers import Readers
    from s2s.inference.stream import read_each
    from s2s.inference.transcript import Transcript

    if args.charset:
        return _print_charset(args.model)
    if args.score is not None:
        args.model = args.model or "words"
        return score_pictures(args)
    if not args.paths:
        raise RequestError("which pictures? Name files, folders, patterns, or - for a list on standard input")
    if args.n_best != 1 and not args.whole:
        raise RequestError("--n-best is of single words or lines; add --whole, which takes no picture for a page")
    if args.n_best != 1 and args.out:
        raise RequestError(f"--format {args.format} writes one text of each picture; leave out --n-best")
    if args.lines and args.format == "jsonl":
        raise RequestError("--lines is for --format text or tsv; jsonl has the lines of a page anyway")
    if (args.out is None) != (args.format in LINES):
        what = "to standard output; leave out --out" if args.out else "files; name their folder with --out DIR"
        raise RequestError(f"--format {args.format} writes {what}")
    folders = [Documents(args.format, args.out)] if args.out else []
    if args.overlay:
        folders.append(Documents(OVERLAY, args.overlay, "--overlay"))
    found, notices = Found(args.paths), Notices()
    nothing = Transcript("", 0.0, [])  # the answer to a blank line in a list of paths
    begun = time.perf_counter()
    with shared_recognizer(args.model, args) if args.model else shipped_readers(args) as reader:
        check_n_best(args.n_best, reader.decoding.beam)
        for files in found:
            results = read_each(reader, (file for file in files if file.path), pages=not args.whole, n_best=args.n_best)
            for file in files:
                result = next(results) if file.path else nothing
                if file.path:
                    notices.add(file.path, result)
                if isinstance(result, Transcript) and file.path:
                    load = cache(partial(_upright, file, result))  # at most once for all that is written of a picture
                    for folder in folders:
                        folder.write(file.path, result, load)
                lines = [] if args.out else _written(file.path, result, args.format, args.lines, args.n_best > 1)
                for line in lines:
                    sys.stdout.buffer.write(f"{line}\n".encode(errors="surrogateescape"))
                sys.stdout.buffer.flush()
    notice(*notices.summary(time.perf_counter() - begun), *found.skipped())
    if isinstance(reader, Readers) and reader.by_lines:
        notice("lines and pages were read by print, single words by words; --model NAME has one of them read all")
    return 1 if notices.broken or found.unread else 0


def _upright(file: "File", result: "Transcript") -> "Pixels":
    """The picture as it was read, in which places are."""
    from s2s.image.geometry import turned

    return turned(file.load(), result.turned)


def _print_charset(name: str | None) -> int:
    """What the model can write, or the shipped ones together, in one line."""
    from s2s.bundle.load import load, need_task
    from s2s.inference.readers import PRINT, WORDS

    names = [name] if name else [WORDS, PRINT]
    found = dict.fromkeys(c for one in names for c in need_task(load(one), one, "recognition").charset.characters)
    sys.stdout.buffer.write(f"{''.join(found)}\n".encode())
    return 0


def _written(
    path: str, result: "Transcript | BadImage", form: str, by_line: bool = False, n_best: bool = False
) -> Sequence[str]:
    """What is written of a picture: one line, one for each line of a page, or one for each of the best texts."""
    from s2s.image.load import BadImage

    if isinstance(result, BadImage):
        error = {"path": path, "error": str(result).removeprefix(f"{path}: ")}
        return [{"text": "", "tsv": f"{_cell(path)}\t\t", "jsonl": json.dumps(error, ensure_ascii=False)}[form]]
    if form == "jsonl":
        return [json.dumps({"path": path, **transcript_values(result, n_best)}, ensure_ascii=False)]
    if n_best:
        return [f"{_cell(path)}\t{one.score:.4f}\t{one.text}" for one in result.n_best]
    parts = result.lines if by_line and result.lines else [result]
    if form == "text":
        return [_in_one_line(part) for part in parts]
    return [f"{_cell(path)}\t{part.confidence:.4f}\t{_in_one_line(part)}" for part in parts]


def _cell(path: str) -> str:
    """A name without what would end a column or a row."""
    return path.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _in_one_line(part: "Transcript | Line") -> str:
    return part.text.replace("\n", " ")


def transcript_values(result: "Transcript", n_best: bool) -> dict[str, object]:
    """What was read in a picture as JSON has it; see the epilog."""
    values: dict[str, object] = {"text": result.text, "confidence": round(result.confidence, 6)}
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
    if n_best:
        values["n_best"] = [{"text": one.text, "score": round(one.score, 6)} for one in result.n_best]
    if result.turned:
        values["turned"] = result.turned
    if result.warnings:
        values["warnings"] = list(result.warnings)
    return values


def _characters(part: "Transcript | Line") -> list[dict[str, object]]:
    return [
        {
            "text": one.text,
            "probability": round(one.probability, 6),
            "left": round(one.left, 1),
            "right": round(one.right, 1),
        }
        for one in part.characters
    ]
