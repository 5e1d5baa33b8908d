"""What a run that reads series is made of."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2s.bundle.bundle import Bundle
from s2s.bundle.vocabularies import unpack_vocabularies
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment
from s2s.config.series import SeriesSource
from s2s.config.training import RowBatches, SearchValidation
from s2s.data.batches import Examples, Targets
from s2s.data.corpus import Ints
from s2s.data.report import fingerprint
from s2s.data.sampler import Plan, plan_batches
from s2s.data.series.columns import Columns
from s2s.data.series.inputs import SeriesInputs
from s2s.data.series.store import SeriesData, SeriesSplit
from s2s.data.text_sides import CharacterTargets, NameTargets
from s2s.image.geometry import needed_steps
from s2s.inference.series import SeriesClassifier, SeriesReader
from s2s.text.charset import Charset, Merge, Policy, nfc
from s2s.text.survey import survey
from s2s.text.vocabulary import Vocabulary
from s2s.training.characters import choose_charset, taken_rows, unwritable, with_metric
from s2s.training.doubts import doubt_labels, doubt_lost, doubt_validation
from s2s.training.holding_out import hold_out, validation_split
from s2s.training.material import Answers, Material, Outputs, Validated
from s2s.training.origin import Origin
from s2s.training.processes import spread
from s2s.training.texts import frequencies, label_names

LISTED = 20
"""Series left out that are named on the screen."""


def gather_series(
    origin: Origin[SeriesData], checkpoint: Mapping[str, Any] | None, start: Bundle | None, policy: Policy
) -> Material:
    """Read the series and take their measure; see `s2s.training.experiment.build_experiment`."""
    config, say = origin.config, origin.place.say
    source, batches = config.source, config.batches
    assert isinstance(source, SeriesSource)
    assert isinstance(batches, RowBatches)
    written = SPELLED[config.target.kind]
    train, held = read_splits(origin.data, config.training.seed, say)
    merged: Merge | None = None
    if checkpoint is not None:
        vocabularies: Mapping[str, Any] = unpack_vocabularies(checkpoint["s2s"], config, "the checkpoint")
    else:
        columns = _columns(origin, train, start, source)
        target, merged = written.vocabulary(origin, train, start, policy)
        vocabularies = {"source": columns, "target": target}
    bad = written.unsuitable(config, train, vocabularies["target"])
    longest = {
        row: f"it has {len(one):,} rows" for row, one in enumerate(train.series) if len(one) > batches.max_length
    }
    why = {**bad, **longest}
    for row in list(why)[:LISTED]:
        say(f"{train.split}: left out: {train.names[row]}: {why[row]}")
    remedy = f"raise batches.max_length ({batches.max_length:,})" if longest else "lower source.front.stride"
    what = "longer than batches.max_length or too short for their text"
    lost = doubt_lost(len(why), len(train.series), origin.data.path, what, remedy, checkpoint is not None)
    kept = train.take([row for row in range(len(train.series)) if row not in why], train.split)
    if not kept.series:
        raise RequestError(f"{origin.data.path}: no training series can be used")
    doubts = [*written.doubts(vocabularies["target"], kept, held), doubt_validation(len(held.series), "series"), lost]

    def examples(split: SeriesSplit, seed: int) -> Examples:
        return Examples(
            SeriesInputs(split.series, source, vocabularies["source"], seed),
            written.targets(split.targets, vocabularies["target"]),
            lambda row: {"series": split.names[row], "target": split.targets[row]},
        )

    def outputs(bundle: Bundle) -> Outputs:
        answer = written.answers(bundle, origin)
        return lambda rows: Answers(answer([held.series[row] for row in rows]))

    seen = examples(held, 0)
    sizes = seen.lengths(None)
    plans = plan_rows(*sizes, max(batches.rows, int(sizes[0].max())), 1, 0, 0)
    known = fingerprint(list(held.names), list(held.targets), [])
    references = [nfc(text) for text in held.targets] if config.target.kind == "ctc" else held.targets
    return Material(
        vocabularies,
        examples(kept, config.training.seed),
        plan_rows,
        Validated(held.split, seen, [Plan(0, 0, rows, 0) for rows in plans], held.names, references, known),
        outputs,
        lambda plans, steps: _account(kept, vocabularies, written, plans, steps),
        max_source=max(map(len, kept.series)),
        doubts=[doubt for doubt in doubts if doubt],
        taken=lambda fresh: None if merged is None else taken_rows(fresh, merged),
    )


def plan_rows(source: Ints, target: Ints, rows: int, groups: int, seed: int, epoch: int) -> list[Ints]:
    """See `Planner`: series of similar lengths, however long their targets are."""
    return plan_batches(source, np.zeros_like(source), rows, groups, seed, epoch)


def choose_series_metric(config: Experiment, data: SeriesData) -> Experiment:
    """The config with the metric that sees all that the texts have, if it leaves it to them."""
    split = validation_split(data.splits) or "train"
    return with_metric(config, lambda: data.read(split).targets)


def read_splits(data: SeriesData, seed: int, say: Callable[[str], None]) -> tuple[SeriesSplit, SeriesSplit]:
    """Training and validation series; without a validation split, a seeded 5 % of the training split are held out."""
    train = data.read("train")
    name = validation_split(data.splits)
    if name is not None:
        return train, data.read(name)
    kept, held = hold_out(len(train.series), "series", data.path, seed, say)
    return train.take(kept.tolist(), "train"), train.take(held.tolist(), f"{len(held)} series held out")


def _columns(origin: Origin[SeriesData], train: SeriesSplit, start: Bundle | None, source: SeriesSource) -> Columns:
    """What the series are standardised by: of the training split, or of the model to start from."""
    names = origin.data.report.columns
    if start is None:
        return Columns.of(names, train.series, source)
    found = start.vocabularies["source"]
    assert isinstance(found, Columns)
    if found.names != names:
        raise RequestError(
            f"{origin.data.path} has the columns {', '.join(names)}, and the model to start from reads "
            f"{', '.join(found.names)}; name them alike (read.columns), or train without --from"
        )
    return found


def _account(
    split: SeriesSplit, vocabularies: Mapping[str, Any], written: "Spelled", plans: Sequence[Plan], steps: int
) -> list[str]:
    lengths = np.array([len(one) for one in split.series])
    padded = sum(len(plan.rows) * int(lengths[plan.rows].max()) for plan in plans)
    real = sum(int(lengths[plan.rows].sum()) for plan in plans)
    columns = vocabularies["source"]
    return [
        f"{len(columns.names):,} columns, {len(columns.mean):,} features",
        f"{len(lengths):,} series of {lengths.mean():.1f} rows on average, {lengths.min():,} to {lengths.max():,}",
        written.account(split, vocabularies["target"]),
        f"{steps:,} step{'s' * (steps > 1)} an epoch of {len(lengths) / steps:,.0f} series, "
        f"{100 * (1 - real / padded):.1f} % padding",
    ]


def _labels(
    origin: Origin[SeriesData], train: SeriesSplit, start: Bundle | None, policy: Policy
) -> tuple[Vocabulary, Merge | None]:
    return (label_names(list(train.targets)) if start is None else start.vocabularies["target"]), None


def _charset(
    origin: Origin[SeriesData], train: SeriesSplit, start: Bundle | None, policy: Policy
) -> tuple[Vocabulary, Merge | None]:
    charset, merged = choose_charset(origin, train.targets, start, policy)
    for line in survey(zip(train.names, train.targets, strict=True), charset).lines():
        origin.place.say(line)
    return charset, merged


def _unreadable(config: Experiment, train: SeriesSplit, charset: Charset) -> dict[int, str]:
    """The series whose texts cannot be written, or need more steps than they have, by row."""
    assert isinstance(config.source, SeriesSource)
    stride = config.source.front.stride
    found = unwritable(config, list(zip(train.names, train.targets, strict=True)), charset, "series")
    for row, (one, text) in enumerate(zip(train.series, train.targets, strict=True)):
        steps, needed = -(-len(one) // stride), needed_steps(nfc(text))
        if steps < needed:
            found[row] = (
                f"{len(one):,} rows are {steps:,} steps, and its text of {len(text):,} characters needs {needed:,}"
            )
    return found


def _classes(bundle: Bundle, origin: Origin[SeriesData]) -> Callable[[Sequence[Any]], list[str]]:
    """Classifies with a model's weights of the moment."""
    classifier = SeriesClassifier(bundle, origin.place.device)
    classifier.spread = spread
    return lambda series: [one.label for one in classifier(series)]


def _texts(bundle: Bundle, origin: Origin[SeriesData]) -> Callable[[Sequence[Any]], list[str]]:
    """Reads, likewise."""
    assert isinstance(bundle.config.validation, SearchValidation)
    reader, beam = SeriesReader(bundle, origin.place.device), bundle.config.validation.beam
    reader.spread = spread
    return lambda series: [one.text for one in reader(series, beam=beam)]


def _account_texts(split: SeriesSplit, charset: Charset) -> str:
    mean = sum(map(len, split.targets)) / len(split.targets)
    return f"{len(charset.characters):,} characters, {mean:.1f} of them in a text on average"


@dataclass(frozen=True)
class Spelled:
    """What a run that reads series does for a kind of target."""

    vocabulary: Callable[[Origin[SeriesData], SeriesSplit, Bundle | None, Policy], tuple[Vocabulary, Merge | None]]
    """The target's, and how it comes from that of the model to start from."""
    targets: Callable[[Sequence[str], Any], Targets]
    """What is written, by the vocabulary."""
    answers: Callable[[Bundle, Origin[SeriesData]], Callable[[Sequence[Any]], list[str]]]
    """How a model answers to series."""
    account: Callable[[SeriesSplit, Any], str]
    """A line about the targets."""
    unsuitable: Callable[[Experiment, SeriesSplit, Any], dict[int, str]] = lambda config, train, vocabulary: {}
    """Training series that must be left out, and why."""
    doubts: Callable[[Any, SeriesSplit, SeriesSplit], list[str]] = lambda vocabulary, train, held: []
    """Warnings."""


SPELLED: Mapping[str, Spelled] = {
    "label": Spelled(
        _labels,
        NameTargets,
        _classes,
        lambda split, labels: frequencies(Counter(split.targets), "classes"),
        doubts=lambda labels, train, held: doubt_labels(labels, train.targets, held.targets, held.split),
    ),
    "ctc": Spelled(
        _charset,
        lambda texts, charset: CharacterTargets([nfc(text) for text in texts], charset),
        _texts,
        _account_texts,
        _unreadable,
    ),
}
"""By kind of target."""
