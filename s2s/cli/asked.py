"""Options of `s2s translate` that ask for something in its outputs: how they begin, what they have and have not."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2s.inference.phrases import Phrases
    from s2s.inference.result import Result

NAMES = ("prefix", "prefix_column", "require", "forbid", "glossary")


def add_asked(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    prefixes = parser.add_mutually_exclusive_group()
    prefixes.add_argument(
        "--prefix", metavar="FILE", help="what each output begins with: a line for each line of input, or an empty one"
    )
    prefixes.add_argument(
        "--prefix-column", action="store_true", help="what follows the first tab of a line is its output's beginning"
    )
    for name, what in (("require", "a phrase that every output has"), ("forbid", "a phrase that no output has")):
        parser.add_argument(f"--{name}", metavar="PHRASE", action="append", help=f"{what}; once for each phrase")
    parser.add_argument(
        "--glossary",
        metavar="FILE",
        help="lines of a phrase of the source, a tab, and the phrase that an output has where the source has that one",
    )


def given_phrases(args: argparse.Namespace) -> "Phrases | None":
    """What outputs must and must not have. RequestError for what cannot be, a glossary's mistakes included."""
    from s2s.inference.phrases import Phrases

    if not (args.require or args.forbid or args.glossary):
        return None
    return Phrases(args.require or (), args.forbid or (), args.glossary)


class Prefixes:
    """The prefixes of the lines of input, which come by groups.

    RequestError, before any work, where a file has not as many lines as there are in `total`, if that is known.
    """

    def __init__(self, args: argparse.Namespace, total: int | None) -> None:
        from pathlib import Path

        from s2s.config.errors import RequestError
        from s2s.text.lines import read_lines

        self._column, self._file, self._used = args.prefix_column, args.prefix, 0
        self._prefixes = None if args.prefix is None else read_lines(Path(args.prefix))
        if self._column and args.input == "jsonl":
            raise RequestError("--prefix-column is for lines of text; with --input jsonl, use --prefix FILE")
        if self._prefixes is not None and total not in (None, len(self._prefixes)):
            raise RequestError(f"{args.prefix} has {len(self._prefixes):,} lines, but the input has {total:,}")

    def split(self, lines: list[str]) -> tuple[list[str], list[str]]:
        """The next lines without their prefixes, and these. RequestError where the file has no more."""
        from s2s.config.errors import RequestError

        if self._column:
            pairs = [line.partition("\t") for line in lines]
            return [line for line, _, _ in pairs], [prefix for _, _, prefix in pairs]
        if self._prefixes is None:
            return lines, [""] * len(lines)
        start, self._used = self._used, self._used + len(lines)
        if self._used > len(self._prefixes):
            raise RequestError(f"{self._file} has {len(self._prefixes):,} lines, but the input has more")
        return lines, self._prefixes[start : self._used]

    def end(self) -> None:
        """RequestError where some are left."""
        from s2s.config.errors import RequestError

        if self._prefixes is not None and self._used < len(self._prefixes):
            raise RequestError(f"{self._file} has {len(self._prefixes):,} lines, but the input has {self._used:,}")


def not_done(line: str, prefix: str, result: "Result") -> Iterator[str]:
    """What was asked for and is not there."""
    if prefix.strip() and not line.strip():
        yield "a blank line has a blank output; its prefix is left out"
    elif not result.text.startswith(prefix.lstrip()):
        yield "the output begins with the prefix in the Unicode form of the training data, not as it was typed"
    for phrase in result.missed:
        yield f'the output does not have "{phrase}", which was to be in it, or has it and was not to'
