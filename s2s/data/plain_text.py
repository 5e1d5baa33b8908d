"""From a recipe of plain text to a dataset on disk: every line of it, in order."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from s2s import __version__
from s2s.config.errors import RequestError
from s2s.config.strict import to_dict
from s2s.config.text_recipe import TextRecipe
from s2s.data.atomic import appearing, check_new
from s2s.data.download import is_address
from s2s.data.place import Place
from s2s.data.report import Report, describe_lines, joint_fingerprint
from s2s.data.store import write_lines
from s2s.text.lines import read_lines


@dataclass
class PlainText:
    """What was read: the lines of each split, and by split and reason what reading had to change."""

    splits: dict[str, list[str]]
    changed: dict[str, dict[str, int]] = field(default_factory=dict)


def prepare_text(
    recipe: TextRecipe,
    out: str | Path,
    *,
    source: str | None = None,
    folder: Path | None = None,
    name: str = "the recipe",
    command: str = "",
) -> Report:
    """Make the dataset of a recipe in `out`; arguments and errors are those of `s2s.data.prepare.prepare`."""
    out = Path(out)
    check_new(out)
    found = read_text(recipe, source, folder or Path(), name)
    described = {split: describe_lines(lines) for split, lines in found.splits.items()}
    report = Report(
        languages=(recipe.language,),
        splits=described,
        fingerprint=joint_fingerprint(described),
        changed=found.changed,
        origin={"source": source} if source else {},
        recipe=to_dict(recipe),
        command=command,
        s2s=__version__,
    )
    with appearing(out) as partial:
        write_lines(found.splits, partial)
        report.write(partial)
    return report


def read_text(recipe: TextRecipe, source: str | None, folder: Path, name: str) -> PlainText:
    """Read what a recipe names, and cut off what it holds out. RequestError where a split would be empty."""
    base = recipe.base or "."
    place = Place(source or (base if is_address(base) else str(folder / Path(base).expanduser())), name, recipe.sha256)
    found = PlainText({})
    for split, file in recipe.read.splits.items():
        changed: Counter[str] = Counter()
        found.splits[split] = read_lines(place.need(file), changed)
        if changed:
            found.changed[split] = dict(changed)
    found.splits |= cut_off(found.splits["train"], recipe.read.hold_out)
    for split, lines in found.splits.items():
        if not any(lines):
            raise RequestError(f"{name}: the split {split} has no text")
    return found


def cut_off(lines: list[str], shares: dict[str, float]) -> dict[str, list[str]]:
    """`train`, and what is cut off its end: shares of its characters, each beginning with a line."""
    ends = list(accumulate(len(line) + 1 for line in lines))
    total, cuts, left = ends[-1] if ends else 0, [0], 1 - sum(shares.values())
    for share in (left, *shares.values()):
        cuts.append(round(share * total) + cuts[-1])
    starts = [sum(end <= cut for end in ends) for cut in cuts[:-1]]
    return {
        name: lines[start:stop]
        for name, start, stop in zip(("train", *shares), starts, [*starts[1:], len(lines)], strict=True)
    }
