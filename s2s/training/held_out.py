"""What a run validated on, found again by its record of it, to be scored once more and in full."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s2s.bundle.bundle import Bundle
from s2s.config.errors import RequestError
from s2s.config.target import Named
from s2s.data.images.store import open_pictures
from s2s.data.report import fingerprint
from s2s.data.series.store import open_series
from s2s.data.store import open_dataset
from s2s.image.load import BadImage
from s2s.inference.device import choose_device
from s2s.inference.load import PREDICTORS
from s2s.inference.recognizer import Recognizer
from s2s.inference.stream import read_each
from s2s.text.charset import nfc
from s2s.training.folder import RunFolder
from s2s.training.origin import Data
from s2s.training.pictures import read_pictures
from s2s.training.series_material import read_splits
from s2s.training.texts import read_texts


@dataclass(frozen=True)
class HeldOut:
    """A validation split, and a model that is to do it."""

    split: str
    references: list[list[str]]
    """Streams of right answers."""
    language: str | None
    """Of the answers, where it is known."""
    outputs: Callable[[], list[str]]
    """The model's answers."""


def held_out(bundle: Bundle, run: Path) -> HeldOut:
    """What a model's run validated on. RequestError where that is not there any more, or not known to be the same."""
    folder = RunFolder(run)
    found: HeldOut = HELD_OUT[bundle.config.source.kind](bundle, folder.dataset(), folder.facts().get("fingerprint"))
    return found


def _check_data(data: Data, fingerprint: object) -> None:
    if data.fingerprint != fingerprint:
        raise RequestError(f"{data.path} has changed since the run")


def _texts(bundle: Bundle, path: str, known: object) -> HeldOut:
    data = open_dataset(path)
    _check_data(data, known)
    _, held = read_texts(data, bundle.config.training.seed, _ignore, labelled=isinstance(bundle.config.target, Named))
    _check_same(bundle, held.split in data.splits, fingerprint(held.source, held.target, []))
    predictor: Any = PREDICTORS[bundle.config.task].from_bundle(bundle, choose_device("auto"))
    return HeldOut(
        held.split,
        data.references(held.split) if held.split in data.splits else [held.target],
        data.languages[1],
        lambda: [result.text for result in predictor(held.source)],
    )


def _pictures(bundle: Bundle, path: str, known: object) -> HeldOut:
    data = open_pictures(path)
    _check_data(data, known)
    _, held = read_pictures(data, bundle.config.training.seed, _ignore)
    names, texts = [one.name for one in held.examples], [one.text for one in held.examples]
    _check_same(bundle, held.split in data.splits, fingerprint(names, texts, []))
    reader = Recognizer.from_bundle(bundle, choose_device("auto"))
    return HeldOut(
        held.split,
        [[nfc(text) for text in texts]],
        None,
        lambda: [
            "" if isinstance(one, BadImage) else one.text for one in read_each(reader, held.examples, pages=False)
        ],
    )


def _series(bundle: Bundle, path: str, known: object) -> HeldOut:
    data = open_series(path)
    _check_data(data, known)
    _, held = read_splits(data, bundle.config.training.seed, _ignore)
    targets = list(held.targets)
    _check_same(bundle, held.split in data.splits, fingerprint(list(held.names), targets, []))
    predictor: Any = PREDICTORS[bundle.config.task].from_bundle(bundle, choose_device("auto"))
    references = targets if isinstance(bundle.config.target, Named) else list(map(nfc, targets))
    return HeldOut(held.split, [references], None, lambda: [result.text for result in predictor(held.series)])


def _nothing(bundle: Bundle, path: str, known: object) -> HeldOut:
    raise RequestError("a language model is scored by s2s evaluate")


HELD_OUT: Mapping[str, Callable[[Bundle, str, object], HeldOut]] = {
    "text": _texts,
    "image": _pictures,
    "none": _nothing,
    "series": _series,
}
"""By kind of source: a model, its data, and the fingerprint that the data had."""


def _check_same(bundle: Bundle, named: bool, found: str) -> None:
    """RequestError unless the examples are those that the model was not trained on."""
    before = bundle.info.get("data", {}).get("validation")
    if before != found and not (before is None and named):
        raise RequestError("it is not known which examples this run held out")


def _ignore(line: str) -> None:
    """What was reported when the run began is not reported again."""
