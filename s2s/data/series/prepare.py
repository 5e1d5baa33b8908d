"""From a recipe to a data set of series on disk: what cannot be used is left out, listed and counted."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from s2s.config.errors import RequestError
from s2s.config.series_recipe import SeriesRecipe
from s2s.config.strict import to_dict
from s2s.data.atomic import appearing, check_new
from s2s.data.download import is_address
from s2s.data.place import Place
from s2s.data.series.files import read_series
from s2s.data.series.recordings import Recording
from s2s.data.series.store import SeriesReport, fingerprint, write_report, write_series

VALIDATION = "val"
SHARED = "series that train has too, number for number"


@dataclass
class Found:
    """What a recipe's files hold."""

    splits: dict[str, list[Recording]] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)
    changed: dict[str, dict[str, int]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


def prepare_series(
    recipe: SeriesRecipe,
    out: str | Path,
    *,
    source: str | None = None,
    folder: Path | None = None,
    name: str = "the recipe",
    command: str = "",
) -> SeriesReport:
    """Make the data set of a recipe in `out`; arguments and errors are those of `s2s.data.prepare.prepare`."""
    out = Path(out)
    check_new(out)
    found = read_recipe_files(recipe, source, folder or Path(), name)
    splits = _held_out(found.splits, recipe.read.hold_out)
    counts = {
        split: {"series": len(some), "rows": sum(len(one.rows) for one in some)} for split, some in splits.items()
    }
    report = SeriesReport(
        columns=found.columns,
        target=recipe.target,
        splits=counts,
        fingerprint=fingerprint(
            {key: [(one.name, one.rows, one.target) for one in some] for key, some in splits.items()}
        ),
        dropped={split: some for split, some in found.dropped.items() if some},
        changed={split: some for split, some in found.changed.items() if some},
        noticed=_shared(splits),
        recipe=to_dict(recipe),
        command=command,
    )
    with appearing(out) as partial:
        write_series(splits, partial)
        write_report(report, partial)
    return report


def read_recipe_files(recipe: SeriesRecipe, source: str | None, folder: Path, name: str) -> Found:
    """Read what a recipe names. RequestError where nothing of a split can be used."""
    base = recipe.base or "."
    place = Place(source or (base if is_address(base) else str(folder / Path(base).expanduser())), name, recipe.sha256)
    found = Found()
    for split, file in recipe.read.splits.items():
        inner = Path(place.base, file)
        if not place.remote and inner.is_dir() and ".." not in Path(file).parts:
            if file in recipe.sha256:
                raise RequestError(f"{name}: {file} is a folder, which has no SHA-256; leave it out of sha256")
            path = inner
        else:
            path = place.need(file)
        good, bad, changed = [], [], Counter[str]()
        for one in read_series(path, recipe.read, changed):
            bad.append(one) if isinstance(one, str) else good.append(one)
        found.splits[split], found.dropped[split] = good, bad
        found.changed[split] = {what: count for what, count in changed.items() if count}
    _keep_columns(found, recipe.read.columns)
    for split, some in found.splits.items():
        if not some:
            why = f": {found.dropped[split][0]}" if found.dropped[split] else ""
            raise RequestError(f"{name}: no series of split {split} can be used{why}")
    return found


def _keep_columns(found: Found, names: tuple[str, ...]) -> None:
    """Leave out the series that have other columns than most of train."""
    kinds = Counter((one.rows.shape[1], one.names) for one in found.splits["train"])
    if not kinds:
        return
    (width, own), _ = kinds.most_common(1)[0]
    if own and names and own != names:
        raise RequestError(
            f"read.columns names {', '.join(names)}, and the files {', '.join(own)}; leave read.columns out"
        )
    found.columns = own or names or tuple(f"c{number}" for number in range(1, width + 1))
    if len(found.columns) != width:
        raise RequestError(f"read.columns names {len(found.columns):,} columns, and the series have {width:,}")
    for split, some in found.splits.items():
        kept = []
        for one in some:
            if one.rows.shape[1] != width:
                found.dropped[split].append(
                    f"{one.name}: it has {one.rows.shape[1]:,} columns, and most have {width:,}"
                )
            elif own and one.names and one.names != own:
                found.dropped[split].append(
                    f"{one.name}: its columns are {', '.join(one.names)}, and those of most {', '.join(own)}"
                )
            else:
                kept.append(one)
        found.splits[split] = kept


def _held_out(splits: dict[str, list[Recording]], one_in: int) -> dict[str, list[Recording]]:
    """The splits with one series in so many of train in a split val."""
    if not one_in:
        return splits
    held = [_hash(one.name) % one_in == 0 for one in splits["train"]]
    pairs = list(zip(splits["train"], held, strict=True))
    parted = {"train": [one for one, out in pairs if not out], VALIDATION: [one for one, out in pairs if out]}
    if not all(parted.values()):
        raise RequestError(
            f"read.hold_out {one_in} leaves nothing in train or in val; {len(pairs):,} series are too few"
        )
    return parted | {split: some for split, some in splits.items() if split != "train"}


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def _shared(splits: dict[str, list[Recording]]) -> dict[str, dict[str, int]]:
    """How many series of the other splits are in train too."""
    seen = {one.rows.tobytes() for one in splits["train"]}
    counts = {
        split: sum(one.rows.tobytes() in seen for one in some) for split, some in splits.items() if split != "train"
    }
    return {split: {SHARED: count} for split, count in counts.items() if count}
