"""What `s2s check` says of a data set of pictures."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from s2s.cli.outside import OPTION
from s2s.config.plural import counted

if TYPE_CHECKING:
    from s2s.data.images.pictures import LabelledSplit

HEIGHT, STRIDE = 32, 4
"""Of the default recogniser: pictures too narrow for their labels are found by it."""
LISTED = 10
"""Pictures that look alike are listed up to here; then they are counted."""


def is_picture_dataset(path: Path) -> bool:
    """Whether a folder is a dataset with pictures in it."""
    from s2s.config.errors import RequestError
    from s2s.data.images.store import DICT, open_pictures

    if not (path / DICT).is_file():
        return False
    try:
        open_pictures(path)
    except RequestError:
        return False
    return True


def holds_pictures(path: Path) -> bool:
    """Whether there are picture files in a folder, or databases of pictures."""
    from s2s.data.images.labelled import is_image
    from s2s.data.images.lmdb import holds_lmdb

    return holds_lmdb(path) or any(is_image(inner) for inner in path.rglob("*"))


def check_pictures(path: Path, allow_outside: bool) -> Iterator[str]:
    """Splits, layouts, the characters of the labels, and everything that is wrong, by file."""
    from s2s.config.errors import RequestError
    from s2s.data.images.inspect import inspect
    from s2s.data.images.store import open_pictures
    from s2s.text.charset import DEFAULT, Charset
    from s2s.text.survey import survey

    data = open_pictures(path, allow_outside)
    if data.take_fingerprint() != data.fingerprint:
        raise RequestError(
            f"{path}: its pictures or labels are not those that report.json lists; prepare the data again"
        )
    yield f"{path}: a data set of pictures, fingerprint {data.fingerprint}"
    ascii_only = True
    splits = {name: data.read(name) for name in data.splits}
    for name, split in splits.items():
        found = survey(((one.name, one.text) for one in split.examples), Charset(DEFAULT))
        ascii_only &= not found.unknown
        yield f"{name}: {counted(len(split.examples), 'labelled picture')}, {split.layout}"
        yield from (f"{name}: {line}" for line in found.lines())
        wrong = [*split.problems, *(bad for _, bad in inspect(split.examples, HEIGHT, STRIDE) if bad is not None)]
        for problem in wrong:
            yield f"{name}: {problem}"
        if wrong:
            yield f"{name}: {counted(len(wrong), 'problem')}"
    yield from _shared(splits)
    if not any(split.examples for split in splits.values()):
        raise RequestError(f"{path}: no picture of it can be used")
    charset = "" if ascii_only else " --charset.kind data"
    yield f"next: s2s train recognition/words --data {quote(str(path))} --out RUN{charset}{OPTION * allow_outside}"


def _shared(splits: "Mapping[str, LabelledSplit]") -> Iterator[str]:
    """Pictures of the other splits that look like one of the training split, so that a score on them says too much."""
    from s2s.data.images.duplicates import near_duplicates
    from s2s.training.pictures import TRAINING

    train = next((name for name in TRAINING if name in splits), None)
    for name in splits:
        if train is not None and name != train:
            found = near_duplicates(splits[name].examples, splits[train].examples)
            yield from (f"{name}: {duplicate}" for duplicate in found[:LISTED])
            if len(found) > LISTED:
                yield f"{name}: and {len(found) - LISTED:,} more like these"
            looks = "looks" if len(found) == 1 else "look"
            yield f"{name}: {counted(len(found), 'picture')} {looks} like one of {train} with the same label"
