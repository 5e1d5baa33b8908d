"""How a run of any task begins: its data opened, the model it starts from loaded, an experiment built of them."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from s2s.bundle.load import load, need_recognition, need_translation, need_weights
from s2s.config.errors import RequestError
from s2s.config.experiment import Config
from s2s.config.recognition import Recognition
from s2s.config.training import AUTO
from s2s.config.translation import Translation
from s2s.data.images.pictures import Pictures
from s2s.data.images.store import open_pictures
from s2s.data.store import Prepared, open_dataset
from s2s.text.charset import Policy
from s2s.training.experiment import Experiment
from s2s.training.holding_out import validation_split
from s2s.training.origin import Data, Origin, Place
from s2s.training.pictures import training_split
from s2s.training.recognition_experiment import build_recognition
from s2s.training.start import adopt_vocabulary
from s2s.training.translation_experiment import build_translation

_PLAIN = re.compile("[0-9a-z]*")


@dataclass(frozen=True)
class Setup:
    """What a run begins with."""

    config: Config
    """The experiment, with what the model to start from decides."""
    data: Data
    build: Callable[[Place, dict[str, Any] | None], Experiment]
    """The experiment at a place, going on from a checkpoint if there is one."""


def set_up(
    config: Config,
    data: str | Path,
    start_from: str | Path | None = None,
    charset: Policy | None = None,
    given: Collection[str] | None = None,
) -> Setup:
    """Open the data and load the model to start from. RequestError where they are missing or do not suit the config.

    `charset` says what becomes of the characters of the model that a recogniser starts from; `given` are the keys that
    were set on purpose, and None those that have other values than the defaults.
    """
    if charset is not None and (start_from is None or not isinstance(config, Recognition)):
        raise RequestError("--charset goes with a recogniser that starts --from a model")
    if isinstance(config, Recognition):
        return _recognition(config, open_pictures(data), start_from, charset or "keep")
    return _translation(config, open_dataset(data), start_from, given)


def _translation(
    config: Translation, data: Prepared, start_from: str | Path | None, given: Collection[str] | None
) -> Setup:
    data.check_split("train")
    start = None if start_from is None else need_translation(load(start_from), start_from)
    if start is not None:
        config = adopt_vocabulary(config, start, given)

    def build(place: Place, checkpoint: dict[str, Any] | None) -> Experiment:
        return build_translation(Origin(data, config, place), checkpoint, start)

    return Setup(config, data, build)


def _recognition(config: Recognition, data: Pictures, start_from: str | Path | None, policy: Policy) -> Setup:
    training_split(data)
    if config.validation.metric == AUTO:
        config = replace(config, validation=replace(config.validation, metric=_metric(data)))
    start = None if start_from is None else need_recognition(need_weights(load(start_from), start_from), start_from)

    def build(place: Place, checkpoint: dict[str, Any] | None) -> Experiment:
        return build_recognition(Origin(data, config, place), checkpoint, start, policy)

    return Setup(config, data, build)


def _metric(data: Pictures) -> str:
    """The metric that sees all that the labels have: case and punctuation where there are any."""
    texts = (example.text for example in data.read(validation_split(data.splits) or training_split(data)).examples)
    plain = all(_PLAIN.fullmatch(text) for text in texts)
    return "word_accuracy" if plain else "word_accuracy_exact"
