"""A folder of pictures and labels in any of the common layouts, and its splits."""

from dataclasses import dataclass
from pathlib import Path

from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean
from s2s.data.images.boundary import Boundary
from s2s.data.images.icdar import has_quads, read_quads
from s2s.data.images.labelled import ImageFolder, is_image
from s2s.data.images.page_files import has_page_files, read_page_files
from s2s.data.images.pairs import PLAIN, has_pairs, read_pairs
from s2s.data.images.table import NAMES, SUFFIXES, read_table

SPLITS = ("train", "training", "val", "valid", "validation", "dev", "test")
"""Names of sub-folders that are splits."""
WHOLE = "all"
"""Name of the only split of a folder that has none."""


@dataclass(frozen=True)
class Split:
    """Where a split lies: in a folder, and in one of its label files if that is what distinguishes splits."""

    folder: Path
    table: Path | None = None


def find_splits(folder: Path) -> dict[str, Split]:
    """The splits by name: labels.NAME.tsv (.csv, .jsonl, .txt), or sub-folders called train, val, test and the like.

    A folder with neither is one split, `all`. Raises RequestError where it is no folder, or has labels both with and
    without the name of a split.
    """
    if not folder.is_dir():
        raise RequestError(f"{folder}: there is no such folder of pictures")
    tables = {
        path.name.split(".")[1]: path
        for path in sorted(folder.glob("labels.*.*"))
        if path.suffix in SUFFIXES and path.name.count(".") == 2
    }
    whole = _table(folder)
    if tables and whole is not None:
        split = next(iter(tables.values())).name
        raise RequestError(f"{folder}: has {whole.name} as well as {split}; rename it to labels.NAME{whole.suffix}")
    if tables:
        return {name: Split(folder, path) for name, path in tables.items()}
    if whole is None:
        inner = {path.name: Split(path) for path in sorted(folder.iterdir()) if path.is_dir() and path.name in SPLITS}
        if inner:
            return inner
    return {WHOLE: Split(folder)}


def read_folder(folder: Path, split: str | None = None, allow_outside: bool = False) -> ImageFolder:
    """The labelled pictures of a split, or of a folder that has only one, and what is wrong with the others.

    What a table or a symlink takes from outside the folder is left out as a problem unless `allow_outside`. Raises
    RequestError for an unknown split, for several if none is named, and for a folder without labels.
    """
    splits = find_splits(folder)
    if split is None:
        if len(splits) > 1:
            raise RequestError(
                f"{folder}: has the splits {', '.join(splits)}; name one as {folder}:{next(iter(splits))}"
            )
        split = next(iter(splits))
    if split not in splits:
        raise RequestError(f'{folder}: has no split "{split}"{did_you_mean(split, splits)}')
    return _read(splits[split], Boundary(folder, allow_outside))


def _read(split: Split, boundary: Boundary) -> ImageFolder:
    folder = split.folder
    boundary.check(folder)
    table = split.table or _table(folder)
    if table is not None:
        boundary.check(table)
        return boundary.keep(read_table(table, folder))
    if has_pairs(folder):
        return boundary.keep(read_pairs(folder))
    if has_quads(folder):
        return boundary.keep(read_quads(folder))
    if has_page_files(folder):
        return boundary.keep(read_page_files(folder))
    if has_pairs(folder, PLAIN):
        return boundary.keep(read_pairs(folder, PLAIN))
    pictures = sum(1 for path in folder.rglob("*") if is_image(path))
    raise RequestError(
        f"{folder}: holds {pictures} pictures and no labels; add labels.tsv (name, tab, text), x.txt beside x.png, or "
        "PAGE or ALTO files"
    )


def _table(folder: Path) -> Path | None:
    """The label file of a folder: one of the usual names, or the only one that it could be."""
    for name in NAMES:
        if (folder / name).is_file():
            return folder / name
    others = [path for path in sorted(folder.iterdir()) if path.suffix in (".tsv", ".csv", ".jsonl") and path.is_file()]
    return others[0] if len(others) == 1 and others[0].name.count(".") == 1 else None
