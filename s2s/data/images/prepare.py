"""From a recipe to a data set of pictures on disk: every picture opened once, what is wrong left out and listed."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from s2s import __version__
from s2s.config.errors import RequestError
from s2s.config.picture_recipe import HubImages, Images, PictureRecipe
from s2s.config.strict import to_dict
from s2s.data.atomic import appearing, check_new
from s2s.data.hub import local_copy
from s2s.data.images.hub import read_hub_images
from s2s.data.images.intake import Intake
from s2s.data.images.labelled import Problem
from s2s.data.images.pictures import Example, LabelledSplit
from s2s.data.images.store import open_folder, open_pictures
from s2s.data.report import FILE
from s2s.data.store import parse_split
from s2s.data.tables import Tables
from s2s.image.load import BadImage

VALIDATION = "val"


@dataclass(frozen=True)
class PictureReport:
    """report.json of a data set of pictures."""

    splits: dict[str, dict[str, int]]
    """Of each split the number of pictures and of characters."""
    dropped: dict[str, list[str]]
    """By split, everything that is left out: file and reason."""
    changed: dict[str, int]
    """By split, labels that are not in NFC; they are stored as found, and learned and compared in NFC."""
    recipe: dict[str, Any]
    command: str
    fingerprint: str = ""
    kind: str = "pictures"
    s2s: str = __version__


def prepare_pictures(
    recipe: PictureRecipe,
    out: str | Path,
    *,
    source: str | None = None,
    folder: Path | None = None,
    name: str = "the recipe",
    command: str = "",
    allow_outside: bool = False,
) -> PictureReport:
    """Make the data set of a recipe in `out`; arguments and errors are those of `s2s.data.prepare.prepare`.

    `allow_outside` takes in what label tables and symlinks name outside their folders.
    """
    out = Path(out)
    check_new(out)
    with appearing(out) as partial:
        with Tables(partial) as tables:
            intake = Intake(tables)
            if isinstance(recipe.read, HubImages):
                read_hub_images(
                    recipe.read, source or local_copy(recipe.read.dataset, folder or Path()), intake, allow_outside
                )
            else:
                for split, inner, found in open_folders(recipe, source, folder, allow_outside):
                    _take_in(found, inner, split, recipe.read, intake)
            if not intake.counts["train"].pictures:
                raise RequestError(f"{name}: no picture of the train split can be used")
        counts = intake.counts
        report = PictureReport(
            splits={key: {"pictures": found.pictures, "characters": found.characters} for key, found in counts.items()},
            dropped=intake.dropped,
            changed={key: found.changed for key, found in counts.items()},
            recipe=to_dict(recipe),
            command=command,
            fingerprint=open_pictures(partial).fingerprint,
        )
        (partial / FILE).write_text(json.dumps(asdict(report), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return report


def open_folders(
    recipe: PictureRecipe, source: str | None = None, folder: Path | None = None, allow_outside: bool = False
) -> Iterator[tuple[str, str, LabelledSplit]]:
    """The splits of a recipe of folders: the name, the FOLDER or FOLDER:SPLIT, and what is in it.

    Of a divided folder without :SPLIT it is the split of the same name. Arguments and errors are those of
    `prepare_pictures`.
    """
    assert isinstance(recipe.read, Images)
    base = Path(source) if source is not None else (folder or Path()) / Path(recipe.base or ".").expanduser()
    for split, folders in recipe.read.splits.items():
        for inner in folders:
            data, part = parse_split(str(base / inner), lambda path: open_folder(Path(path), allow_outside), split)
            yield split, inner, data.read(part)


def _take_in(found: LabelledSplit, inner: str, split: str, images: Images, intake: Intake) -> None:
    intake.open(split)
    may_hold_out = split == "train" and images.hold_out and (not images.hold_out_of or inner in images.hold_out_of)
    times = images.repeat.get(inner, 1) if split == "train" else 1
    problems = list(found.problems)
    for example in found.examples:
        try:
            example.load()  # what cannot be decoded is not taken in
            file = example.content()
        except BadImage as error:
            problems.append(Problem(example.name, str(error).removeprefix(f"{example.name}: ")))
            continue
        held_out = may_hold_out and _hash(example) % images.hold_out == 0
        into, copies = (VALIDATION, 1) if held_out else (split, times)
        intake.add(into, f"{inner}/{example.name}", file, example.text, copies)
    intake.drop(split, (Problem(f"{inner}/{problem.name}", problem.reason) for problem in problems))


def _hash(example: Example) -> int:
    """A number that depends on nothing but the name of the file, wherever it lies."""
    name = PurePosixPath(example.name).name
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
