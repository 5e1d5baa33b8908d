"""What `s2s check` reports of a recipe."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from s2s.cli.outside import OPTION
from s2s.config.picture_recipe import PictureRecipe
from s2s.config.plural import counted
from s2s.config.recipe import Phrases, Recipe
from s2s.config.recipes import AnyRecipe
from s2s.config.series_recipe import SeriesRecipe
from s2s.config.text_recipe import TextRecipe
from s2s.data.images.prepare import open_folders
from s2s.data.plain_text import read_text
from s2s.data.prepare import is_local, read_files
from s2s.data.series.prepare import read_recipe_files


def check_recipe(path: Path, recipe: AnyRecipe, own: bool, allow_outside: bool) -> Iterator[str]:
    """What a recipe is for; the files of one's `own` are read, those of one that comes with s2s may lie anywhere."""
    found = FOUND[recipe.content](recipe, path, allow_outside) if own and is_local(recipe) else []
    later = "" if found or isinstance(recipe.read, Phrases) else "; prepare looks for its files"
    yield f"{path}: a sound recipe, {recipe.title}, read from {recipe.read.kind}{later}"
    yield from found
    yield f"next: s2s prepare {quote(str(path))} --out DATA{OPTION * allow_outside}"


def _pairs(recipe: Recipe, path: Path, allow_outside: bool) -> list[str]:
    reading = read_files(recipe, None, path.parent, str(path))
    return [
        *(f"{name}: {len(pairs):,} pairs" for name, pairs in reading.splits.items()),
        *(f"{name}: not there, left out" for name in reading.missing),
        *(f"{files}: {how}" for files, how in reading.origin.items()),
    ]


def _lines(recipe: TextRecipe, path: Path, allow_outside: bool) -> list[str]:
    splits = read_text(recipe, None, path.parent, str(path)).splits
    return [f"{name}: {len(lines):,} lines" for name, lines in splits.items()]


def _pictures(recipe: PictureRecipe, path: Path, allow_outside: bool) -> list[str]:
    return [
        f"{split}: {counted(len(part.examples), 'picture')} of {inner}, {counted(len(part.problems), 'problem')}"
        for split, inner, part in open_folders(recipe, None, path.parent, allow_outside)
    ]


def _series(recipe: SeriesRecipe, path: Path, allow_outside: bool) -> list[str]:
    found = read_recipe_files(recipe, None, path.parent, str(path))
    return [
        f"{split}: {len(some):,} series, {counted(len(found.dropped[split]), 'problem')}"
        for split, some in found.splits.items()
    ]


FOUND: Mapping[str, Callable[[Any, Path, bool], list[str]]] = {
    "pairs": _pairs,
    "lines without a source": _lines,
    "pictures": _pictures,
    "series": _series,
}
"""By what a recipe makes: lines about its files, and whether pictures may lie outside of their folder."""
