"""A run as it is about to begin: model, data, objective and validator, put together from an experiment."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s2s.bundle.bundle import Bundle
from s2s.bundle.load import load, need_weights
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment
from s2s.config.target import Named
from s2s.data.batches import Batch
from s2s.data.images.store import open_pictures
from s2s.data.sampler import Plan
from s2s.data.series.store import open_series
from s2s.data.store import open_dataset
from s2s.nn.model import build_model
from s2s.text.charset import Policy
from s2s.training.chosen import choose, is_drawn
from s2s.training.data import TrainingData
from s2s.training.image_material import choose_metric, gather_images
from s2s.training.language_material import gather_lines
from s2s.training.material import Material
from s2s.training.module import TrainingModule
from s2s.training.objectives import OBJECTIVES
from s2s.training.origin import Data, Origin, Place
from s2s.training.pictures import training_split
from s2s.training.series_material import choose_series_metric, gather_series
from s2s.training.start import adopt_vocabulary, doubt_start, start_from, take_vocabulary
from s2s.training.text_material import choose_score, gather_text
from s2s.training.validator import Validator


@dataclass(frozen=True)
class Reading:
    """What training does for a kind of source."""

    open: Callable[[str | Path, bool], Any]
    """Opens a data set, with or without what lies outside its folder."""
    check: Callable[[Any], object]
    """Raises RequestError unless it has a split to train on."""
    gather: Callable[[Origin[Any], Mapping[str, Any] | None, Bundle | None, Policy], Material]
    """Reads it."""
    adopt: Callable[[Experiment, Bundle, Collection[str] | None], Experiment] = lambda config, start, given: config
    """The config as the model to start from asks for it."""
    settle: Callable[[Experiment, Any], Experiment] = lambda config, data: config
    """The config with what it leaves to the data."""
    merges: bool = False
    """Whether characters can be added to those of the model to start from."""


READINGS: Mapping[str, Reading] = {
    "none": Reading(
        lambda path, _: open_dataset(path), lambda data: data.check_split("train"), gather_lines, adopt_vocabulary
    ),
    "text": Reading(
        lambda path, _: open_dataset(path),
        lambda data: data.check_split("train"),
        gather_text,
        adopt_vocabulary,
        choose_score,
    ),
    "image": Reading(open_pictures, training_split, gather_images, settle=choose_metric, merges=True),
    "series": Reading(
        lambda path, _: open_series(path),
        lambda data: data.check_split("train"),
        gather_series,
        settle=choose_series_metric,
        merges=True,
    ),
}
"""By kind of source."""


@dataclass(frozen=True)
class Setup:
    """What a run begins with."""

    config: Experiment
    """With what the model to start from decides."""
    data: Data
    start: Bundle | None
    """The model to start from."""
    policy: Policy
    """What becomes of its characters: `keep` them, add those of the data (`union`), or take the config's (`new`)."""
    vocabulary_of: Bundle | None = None
    """The model in whose vocabulary a language model is to write."""


@dataclass
class Ready:
    """A model, its data and its validator, ready to be trained."""

    module: TrainingModule
    data: TrainingData
    validator: Validator
    bundle: Bundle
    drawn: bool
    """Whether the examples that validation decodes are drawn; see `s2s.training.chosen`."""
    account: list[str]
    """Lines that say what it is: sizes, parameters, steps, padding, what was left out."""

    def examples(self, rows: Sequence[int]) -> list[dict[str, str]]:
        """What people know some examples by."""
        return [self.data.examples.known_by(row) for row in rows]

    def worst_batch(self) -> Batch:
        """The batch of the first epoch that takes the most memory."""
        source, target = self.data.examples.lengths(0)
        in_tokens = self.bundle.config.source.unit == "tokens"

        def size(plan: Plan) -> int:
            widest = int(source[plan.rows].max())
            return len(plan.rows) * (widest + int(target[plan.rows].max()) if in_tokens else widest)

        return self.data.examples[max(self.data.sampler.epoch(0), key=size)]


def set_up(
    config: Experiment,
    data: str | Path,
    start: str | Path | None = None,
    charset: Policy | None = None,
    given: Collection[str] | None = None,
    allow_outside: bool = False,
    vocabulary_of: str | Path | None = None,
) -> Setup:
    """Open the data and load the model to start from. RequestError where they are missing or do not suit the config.

    `charset` says what becomes of the characters of the model that a reader starts from; `given` are the keys that were
    set on purpose, and None those that have other values than the defaults; `allow_outside` takes in pictures from
    outside the folder; `vocabulary_of` is a model whose target vocabulary a new language model takes over.
    """
    if vocabulary_of is not None and start is not None:
        raise RequestError("a run --from a model has the vocabulary of that model; leave out --vocabulary-of or --from")
    reading = READINGS[config.source.kind]
    if charset is not None and (start is None or not reading.merges or isinstance(config.target, Named)):
        raise RequestError("--charset goes with a recogniser that starts --from a model")
    opened = reading.open(data, allow_outside)
    reading.check(opened)
    config = reading.settle(config, opened)
    if start is None:
        other = None if vocabulary_of is None else load(vocabulary_of)
        if other is not None:
            config = take_vocabulary(config, other, vocabulary_of)
        return Setup(config, opened, None, "keep", other)
    bundle = need_weights(load(start), start)
    ours, theirs = ((one.source.kind, one.target.kind) for one in (config, bundle.config))
    if ours != theirs:
        raise RequestError(
            f"{start} reads {theirs[0]} and writes {theirs[1]}, and the config {ours[0]} and {ours[1]}; start from a "
            "model of the same kinds"
        )
    return Setup(reading.adopt(config, bundle, given), opened, bundle, charset or "keep")


def build_experiment(setup: Setup, place: Place, checkpoint: Mapping[str, Any] | None = None) -> Ready:
    """Put together what `train` needs, going on from a checkpoint if there is one.

    RequestError where the data or the model to start from do not suit the config.
    """
    config, start = setup.config, setup.start
    origin = Origin(setup.data, config, place, setup.vocabulary_of)
    material = READINGS[config.source.kind].gather(origin, checkpoint, start, setup.policy)
    model = build_model(config, {side: len(one) for side, one in material.vocabularies.items()})
    if start is not None and checkpoint is None:
        start_from(model, start.model, material.taken(model))
        for doubt in doubt_start(start, config):
            place.say(doubt)
    for doubt in material.doubts:
        place.say(doubt)
    if config.training.precision == "64":
        model.double()  # before a checkpoint is read into it, or half of the digits would be lost
    epoch, step = (0, 0) if checkpoint is None else checkpoint["s2s"]["position"]
    data = TrainingData(material.examples, config.batches, config.training.seed, (epoch, step), material.planner)
    drawn = is_drawn(checkpoint)
    chosen = choose(len(material.validated.references), config.validation, config.training.seed, drawn)
    objective = OBJECTIVES[config.target.kind](config)
    bundle = Bundle(
        model,
        config,
        material.vocabularies,
        material.languages,
        material.max_source,
        info=origin.facts(material.validated.fingerprint, checkpoint, start),
    )
    account = material.account(data.sampler.epoch(0), data.sampler.steps(0))
    return Ready(
        TrainingModule(model, objective, config),
        data,
        Validator(bundle, objective, material.validated, chosen, material.outputs(bundle), place.model),
        bundle,
        drawn,
        [f"{bundle.parameters:,} parameters, {account[0]}", *account[1:]],
    )
