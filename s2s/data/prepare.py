"""From a recipe to a dataset on disk: read, clean, write, report."""

from collections.abc import Sequence
from pathlib import Path

from s2s import __version__
from s2s.config.errors import RequestError
from s2s.config.picture_recipe import HubImages
from s2s.config.recipe import Columns, Conllu, Hub, Json, Lines, Phrases, Recipe, Table
from s2s.config.recipes import AnyRecipe
from s2s.config.strict import to_dict
from s2s.data.atomic import appearing, check_new
from s2s.data.cleaning import Findings, clean, notice
from s2s.data.download import is_address
from s2s.data.hub import local_copy
from s2s.data.pairs import Pairs, Reading
from s2s.data.place import Place
from s2s.data.readers.added import Added, add
from s2s.data.report import Report, describe, joint_fingerprint
from s2s.data.store import write_splits


def prepare(
    recipe: Recipe,
    out: str | Path,
    *,
    source: str | None = None,
    folder: Path | None = None,
    name: str = "the recipe",
    command: str = "",
    added: Sequence[Added] = (),
) -> Report:
    """Make the dataset of a recipe in `out`, which must not exist or be empty; it appears there whole or not at all.

    Args:
        recipe: what to read and to clean.
        out: the dataset's folder.
        source: folder or http(s) address that takes the place of the recipe's `base`.
        folder: where a relative `base` starts: the folder of the recipe's file, or else the current one.
        name: how errors name the recipe.
        command: the command line, for the report.
        added: more pairs to train on.

    Raises:
        RequestError: what was asked for cannot be read or written.
        WorkError: a download or the disk failed.
    """
    out = Path(out)
    check_new(out)
    reading = read_files(recipe, source, folder or Path(), name)
    if "train" not in reading.splits:
        raise RequestError(f"{name}: the train split's files are not there; --source names the folder that has them")
    reading.origin |= add(reading.splits["train"], added)
    splits, dropped, noticed = _clean(reading.splits, recipe)
    if not len(splits["train"]):
        reasons = ", ".join(f"{count} {reason}" for reason, count in dropped.counts.items()) or "it was empty"
        raise RequestError(f"{name}: nothing is left to train on ({reasons})")
    splits["train"] = splits["train"].tagged()
    described = {split: describe(pairs) for split, pairs in splits.items()}
    report = Report(
        languages=recipe.languages,
        splits=described,
        fingerprint=joint_fingerprint(described),
        dropped={"train": dict(dropped.counts)} if dropped.counts else {},
        changed={split: dict(pairs.changed) for split, pairs in splits.items() if pairs.changed},
        noticed={split: dict(findings.counts) for split, findings in noticed.items() if findings.counts},
        examples=_examples(dropped, noticed),
        missing=reading.missing,
        origin=reading.origin | ({"source": source} if source else {}),
        recipe=to_dict(recipe),
        command=command,
        s2s=__version__,
    )
    with appearing(out) as partial:
        write_splits(splits, partial)
        report.write(partial)
    return report


def is_local(recipe: AnyRecipe) -> bool:
    """Whether all that it reads are files of this machine."""
    return not isinstance(recipe.read, Phrases | Hub | HubImages) and not is_address(recipe.base or "")


def read_files(recipe: Recipe, source: str | None, folder: Path, name: str) -> Reading:
    """Read what a recipe names, as it is; arguments and errors are those of `prepare`."""
    from s2s.data.readers import aligned, conll, embedded, hub, json_lines, table

    read = recipe.read
    if isinstance(read, Phrases):
        if source is not None:
            raise RequestError(f"{name}: phrases are made, not read; leave --source out")
        return embedded.read_phrases(read, recipe.languages)
    if isinstance(read, Hub):
        return hub.read_hub(read, recipe.languages, source or local_copy(read.dataset, folder))
    base = recipe.base or "."
    place = Place(source or (base if is_address(base) else str(folder / Path(base).expanduser())), name, recipe.sha256)
    match read:
        case Lines():
            return aligned.read_aligned(read, place)
        case Table():
            return table.read_table(read, place, recipe.languages)
        case Json():
            return json_lines.read_json_lines(read, place)
        case Conllu() | Columns():
            return conll.read_conll(read, place)


def _clean(splits: dict[str, Pairs], recipe: Recipe) -> tuple[dict[str, Pairs], Findings, dict[str, Findings]]:
    """Return the splits with train cleaned, what was dropped from it, and what was noticed, by split."""
    others = {name: pairs for name, pairs in splits.items() if name != "train"}
    train, dropped, seen = clean(splits["train"], others, recipe.cleaning)
    names = list(others)
    noticed = {"train": seen}
    for place, name in enumerate(names):
        later = {other: others[other] for other in names[place + 1 :]}  # what two splits share is counted once
        noticed[name] = notice(others[name], train, later, recipe.labelled)
    return {"train": train} | others, dropped, noticed


def _examples(dropped: Findings, noticed: dict[str, Findings]) -> dict[str, dict[str, list[tuple[str, str]]]]:
    by_split = {name: findings.examples for name, findings in noticed.items()}
    by_split["train"] = dropped.examples | by_split["train"]  # no reason is both
    return {name: examples for name, examples in by_split.items() if examples}
