"""Recipes of every kind; what a recipe makes follows from its reader."""

from collections.abc import Mapping
from pathlib import Path
from typing import get_args, get_type_hints

from s2s.config.document import read_document
from s2s.config.picture_recipe import PictureRecipe
from s2s.config.recipe import Recipe
from s2s.config.series_recipe import SeriesRecipe
from s2s.config.strict import read
from s2s.config.text_recipe import TextRecipe

AnyRecipe = Recipe | PictureRecipe | TextRecipe | SeriesRecipe


def _reader_kinds(recipe: type) -> list[str]:
    readers = get_type_hints(recipe)["read"]
    return [kind for one in get_args(readers) or [readers] for kind in get_args(get_type_hints(one)["kind"])]


RECIPES: Mapping[str, type[AnyRecipe]] = {kind: one for one in get_args(AnyRecipe) for kind in _reader_kinds(one)}
"""By the kind of reader."""


def read_recipe(path: Path) -> AnyRecipe:
    """Read a recipe of any kind; see `s2s.config.strict.read`."""
    values = read_document(path).values
    section = values.get("read") if isinstance(values, dict) else None
    kind = section.get("kind") if isinstance(section, dict) else None
    recipe: AnyRecipe = read(path, RECIPES.get(str(kind), Recipe))
    return recipe
