"""`s2s prepare`: raw text, pictures or series to a dataset on disk."""

import argparse
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2s.cli.outside import add_outside
from s2s.cli.printing import show

if TYPE_CHECKING:
    from s2s.config.picture_recipe import PictureRecipe
    from s2s.config.recipe import Recipe
    from s2s.config.series_recipe import SeriesRecipe
    from s2s.config.text_recipe import TextRecipe
    from s2s.data.series.store import SeriesReport

_EPILOG = """\
A recipe of your own is a YAML file; its files lie beside it, or in `base`:

  languages: [en, de]
  read: {kind: lines, splits: {train: {source: train.en, target: train.de}, test: {source: test.en, target: test.de}}}

or instead of the last line one of these, where source and target say which column or key has the text:

  read: {kind: tsv, splits: {train: train.tsv, test: test.tsv}, source: 1, target: 2}
  read: {kind: csv, splits: {train: train.csv, test: test.csv}, source: English, target: German}
  read: {kind: jsonl, splits: {train: train.jsonl, test: test.jsonl}, source: en, target: de}
  read: {kind: hub, dataset: someone/corpus, splits: {train: train, val: validation, test: test}}

and for taggers, words and their tags, a word a line, which are treebanks or any columns:

  languages: [en, tags]
  read: {kind: conllu, splits: {train: train.conllu, val: dev.conllu}, column: upos}
  read: {kind: columns, splits: {train: train.txt, test: test.txt}, word: 1, tag: -1}

and for language models, plain text, of which the end is held out:

  language: en
  read: {kind: text, splits: {train: book.txt}, hold_out: {val: 0.05, test: 0.05}}

and for pictures, in folders with their labels:

  read: {kind: images, splits: {train: [scans, more-scans], test: [other-scans]}, hold_out: 10}

and for series of numbers, files of a series a line or folders of recordings with labels.tsv:

  read: {kind: series, splits: {train: X_TRAIN.ts, test: X_TEST.ts}, hold_out: 10}

Text of the target language alone is worth having too. Train a model of the other direction, have it translate that
text, and add what it says as sources, tagged as not being true text:

  s2s translate runs/de-en --sample --top-p 0.9 mono.de > mono.en
  s2s prepare multi30k_en_de --out data/more --add mono.en mono.de --tag "<made>"

Added pairs are cleaned and counted with the recipe's own.

Files at an http(s) address (base, --source) are downloaded once, of at most 50 GB and in at most six hours each. Where
the recipe has their SHA-256 (sha256: {train.en: 64 hexadecimal digits}), they are checked, and a download that broke
off is gone on with. A text has lines of at most 64 MiB and 200 million of them.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("recipe", metavar="RECIPE", help="path of a recipe, or the name of one that comes with s2s")
    parser.add_argument(
        "--out", metavar="DATA", required=True, help="folder of the dataset; it must not exist, or be empty"
    )
    parser.add_argument("--source", metavar="DIR_OR_URL", help="read the recipe's files here instead of where it says")
    parser.add_argument(
        "--add",
        metavar=("SOURCE", "TARGET"),
        nargs=2,
        type=Path,
        action="append",
        default=[],
        help="two line-aligned files of more pairs to train on; see below",
    )
    parser.add_argument("--tag", metavar="WORD", default="", help="with --add: put before each of its sources")
    add_outside(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Prepare and print what came of it."""
    from s2s.config.errors import RequestError
    from s2s.config.find import find
    from s2s.config.recipes import read_recipe

    path = find("recipes", args.recipe)
    recipe = read_recipe(path)
    if args.tag and not args.add:
        raise RequestError("--tag goes with --add")
    if args.add and recipe.content != PAIRS:
        raise RequestError(f"--add is for pairs; {args.recipe} is of {recipe.content}")
    for line in PREPARED[recipe.content](recipe, path, args, shlex.join(["s2s", *sys.argv[1:]])):
        show(line)
    return 0


def _pairs(recipe: "Recipe", path: Path, args: argparse.Namespace, command: str) -> Iterator[str]:
    from s2s.data.prepare import prepare
    from s2s.data.readers.added import Added

    added = [Added(source, target, args.tag) for source, target in args.add]
    report = prepare(
        recipe, args.out, source=args.source, folder=path.parent, name=args.recipe, command=command, added=added
    )
    for name, split in report.splits.items():
        yield f"{name:20} {split.examples:>9,} pairs {split.source_words:>11,} + {split.target_words:,} words"
    for files, what in report.origin.items():
        if files.startswith(("added ", "read ")):
            yield f"{files}: {what}"
    for name in report.missing:
        yield f"{name:20}  not there, left out"
    for verb, counts in (("dropped", report.dropped), ("changed", report.changed), ("noticed", report.noticed)):
        for name, reasons in counts.items():
            for reason, count in reasons.items():
                yield f"{name:20} {count:>9,} {verb}: {reason}"
    source, target = report.languages
    yield f"{args.out}: {source}-{target}, fingerprint {report.fingerprint}, account in report.json"


def _text(recipe: "TextRecipe", path: Path, args: argparse.Namespace, command: str) -> Iterator[str]:
    from s2s.data.plain_text import prepare_text

    report = prepare_text(recipe, args.out, source=args.source, folder=path.parent, name=args.recipe, command=command)
    for name, split in report.splits.items():
        yield f"{name:20} {split.examples:>9,} lines {split.target_words:>11,} words"
    for name, reasons in report.changed.items():
        for reason, count in reasons.items():
            yield f"{name:20} {count:>9,} changed: {reason}"
    yield f"{args.out}: {recipe.language}, fingerprint {report.fingerprint}, account in report.json"


def _pictures(recipe: "PictureRecipe", path: Path, args: argparse.Namespace, command: str) -> Iterator[str]:
    from s2s.data.images.prepare import prepare_pictures

    report = prepare_pictures(
        recipe,
        args.out,
        source=args.source,
        folder=path.parent,
        name=args.recipe,
        command=command,
        allow_outside=args.allow_outside,
    )
    for name, split in report.splits.items():
        yield f"{name:20} {split['pictures']:>9,} pictures {split['characters']:>9,} characters"
    for name, problems in report.dropped.items():
        yield f"{name:20} {len(problems):>9,} dropped, listed in report.json"
    for name, count in report.changed.items():
        if count:
            yield f"{name:20} {count:>9,} labels are not in NFC; they are learned and compared in NFC"
    yield f"{args.out}: fingerprint {report.fingerprint}, account in report.json"


def _series(recipe: "SeriesRecipe", path: Path, args: argparse.Namespace, command: str) -> Iterator[str]:
    from s2s.data.series.prepare import prepare_series

    report = prepare_series(recipe, args.out, source=args.source, folder=path.parent, name=args.recipe, command=command)
    for name, split in report.splits.items():
        yield f"{name:20} {split['series']:>9,} series {split['rows']:>11,} rows"
    yield from series_counts(report)
    for name, problems in report.dropped.items():
        for problem in problems[:_SHOWN]:
            yield f"{name}: {problem}"
        if len(problems) > _SHOWN:
            yield f"{name}: and {len(problems) - _SHOWN:,} more, listed in report.json"
    columns = ", ".join(report.columns)
    yield f"{args.out}: columns {columns}, fingerprint {report.fingerprint}, account in report.json"


def series_counts(report: "SeriesReport") -> Iterator[str]:
    """What was left out, changed and noticed, by split."""
    for name, problems in report.dropped.items():
        yield f"{name:20} {len(problems):>9,} dropped, listed in report.json"
    for verb, counts in (("changed", report.changed), ("noticed", report.noticed)):
        for name, reasons in counts.items():
            for reason, count in reasons.items():
                yield f"{name:20} {count:>9,} {verb}: {reason}"


PAIRS = "pairs"
_SHOWN = 10
"""Series left out that are named on the screen."""
PREPARED: Mapping[str, Callable[[Any, Path, argparse.Namespace, str], Iterator[str]]] = {
    PAIRS: _pairs,
    "lines without a source": _text,
    "pictures": _pictures,
    "series": _series,
}
"""By what a recipe makes: makes it and gives the lines that are shown."""
