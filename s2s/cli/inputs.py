"""Lines of text that a command reads, from files or standard input."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from functools import partial

_WORDS = ("columns", "conllu")
"""Inputs of one word a line."""
_GROUP = 1024  # lines that are sorted by length and put out together


def add_inputs(parser: argparse.ArgumentParser, *, words: bool = False) -> None:
    """Declare the files and how they are read; also as `words`, one a line."""
    parser.add_argument(
        "files", metavar="FILE", nargs="*", default=[], help="text files, plain or .gz; default: standard input"
    )
    parser.add_argument(
        "--input",
        choices=("text", "jsonl", *(_WORDS if words else ())),
        help="what a line is; default: text, but what looks like JSON lines is refused",
    )
    parser.add_argument("--key", metavar="NAME", help="with --input jsonl: the field to read; default: source")


def open_inputs(args: argparse.Namespace) -> tuple[int | None, Iterator[tuple[str, int, list[str]]]]:
    """How many lines there are, if that is known; and where from, the number of the first line, and texts, by groups.

    Files are read, and so checked, at once. RequestError for options that contradict each other.
    """
    from pathlib import Path

    from s2s.cli.streams import standard_input
    from s2s.config.errors import RequestError
    from s2s.inference.arrivals import groups
    from s2s.text.lines import read_lines

    if args.key is not None and args.input != "jsonl":
        raise RequestError("--key needs --input jsonl")
    texts, files = _texts(args), args.files or ["-"]
    read = {name: list(texts(name, read_lines(Path(name)))) for name in files if name != "-"}

    def give() -> Iterator[tuple[str, int, list[str]]]:
        for name in files:
            if name == "-":
                first, name = 1, "standard input"
                for group in groups(standard_input(), name, _GROUP, partial(texts, name)):
                    yield name, first, group
                    first += len(group)
            else:
                for start in range(0, len(read[name]), _GROUP):
                    yield name, start + 1, read[name][start : start + _GROUP]

    return None if "-" in files else sum(len(read[name]) for name in files), give()


def _texts(args: argparse.Namespace) -> Callable[[str, Iterable[str]], Iterator[str]]:
    """What makes texts of the lines of an input, given its name."""
    from s2s.cli.fields import KEY, field, plain

    def read(name: str, lines: Iterable[str]) -> Iterator[str]:
        if args.input in _WORDS:
            return _sentences(name, lines, args.input)
        if args.input == "jsonl":
            return field(lines, name, args.key or KEY)
        return iter(lines) if args.input == "text" else plain(lines, name)

    return read


def _sentences(name: str, lines: Iterable[str], kind: str) -> Iterator[str]:
    """Sentences of one word a line, each as a line; what is left out or changed is reported at the end."""
    from collections import Counter

    from s2s.cli.printing import notice
    from s2s.data.readers.conll import column_row, conllu_row, sentences
    from s2s.text.tags import joined

    changed: Counter[str] = Counter()
    for sentence in sentences(lines, name, conllu_row() if kind == "conllu" else column_row(1), changed):
        yield joined(sentence.words)
    for what, count in changed.items():
        notice(f"{name}: {count:,} x {what}")
