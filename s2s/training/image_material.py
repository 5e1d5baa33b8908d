"""What a run that reads pictures is made of."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from s2s.bundle.bundle import Bundle
from s2s.bundle.unfilled import build_unfilled
from s2s.bundle.vocabularies import unpack_vocabularies
from s2s.config.decoding import Decoding, Search
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment
from s2s.config.source import ImageSource
from s2s.config.training import SearchValidation
from s2s.data.batches import Examples
from s2s.data.images.dataset import ImageDataset
from s2s.data.images.inputs import ImageInputs
from s2s.data.images.labelled import Problem
from s2s.data.images.pictures import Pictures
from s2s.data.report import fingerprint
from s2s.data.sampler import Plan, plan_buckets
from s2s.data.text_sides import CharacterTargets
from s2s.inference.recognizer import Recognizer
from s2s.nn.model import EncoderDecoder, EncoderHead
from s2s.search.rules import most_tokens
from s2s.text.charset import Charset, Policy
from s2s.text.survey import survey
from s2s.training.characters import choose_charset, taken_rows, unwritable, with_metric
from s2s.training.doubts import WARN, doubt_capitals, doubt_lost, doubt_validation
from s2s.training.holding_out import validation_split
from s2s.training.material import Answers, Material, Outputs, Validated
from s2s.training.origin import Origin
from s2s.training.pictures import Labelled, read_pictures, training_split
from s2s.training.processes import spread

LINES = "recognition/fraktur"
"""The shipped config that reads whole lines."""
LISTED = 20
"""Problems that are named on the screen; the counts are complete, and `s2s check` names all."""


def gather_images(
    origin: Origin[Pictures], checkpoint: Mapping[str, Any] | None, start: Bundle | None, policy: Policy
) -> Material:
    """Read the pictures and choose the characters; see `s2s.training.experiment.build_experiment`."""
    config, say = origin.config, origin.place.say
    assert isinstance(config.source, ImageSource)
    assert isinstance(config.validation, SearchValidation)
    beam = config.validation.beam
    train, validation = read_pictures(origin.data, config.training.seed, say)
    if checkpoint is None:
        charset, merged = choose_charset(origin, [one.text for one in train.examples], start, policy)
    else:
        found = unpack_vocabularies(checkpoint["s2s"], config, "the checkpoint")["target"]
        assert isinstance(found, Charset)
        charset, merged = found, None
    for line in survey(((one.name, one.text) for one in train.examples), charset).lines():
        say(line)
    bad = unwritable(config, [(one.name, one.text) for one in train.examples], charset, "pictures")
    train = Labelled(
        train.split,
        [one for row, one in enumerate(train.examples) if row not in bad],
        [*train.problems, *(Problem(train.examples[row].name, reason) for row, reason in bad.items())],
    )
    model = build_unfilled(config, {"target": len(charset)})
    stride = model.encoder.stride if isinstance(model, EncoderHead) else None
    say(f"reading {len(train.examples) + len(validation.examples):,} pictures ...")
    dataset, held = (
        ImageDataset(train.examples, config.source, stride),
        ImageDataset(validation.examples, config.source),
    )
    for split, one in ((train, dataset), (validation, held)):
        _report(origin, split, one, _too_long(model, one, config.decoding))

    def outputs(bundle: Bundle) -> Outputs:
        reader = Recognizer(bundle, origin.place.device)
        reader.spread = spread

        def answers(rows: Sequence[int]) -> Answers:
            found = reader.read([held[row] for row in rows], beam)
            return Answers([charset.decode(one.tokens) for one in found])

        return answers

    named = [one.name for one in validation.examples], [one.text for one in validation.examples]
    doubts = (
        _doubt_fit(train, dataset, origin, checkpoint is not None),
        doubt_validation(len(held), "pictures"),
        doubt_capitals(dataset.texts),
    )
    examples = _examples(dataset, charset, ImageInputs(dataset, config.source.augmentation, config.training.seed))
    return Material(
        {"target": charset},
        examples,
        plan_buckets,
        validated(validation.split, held, charset, config.batches.budget, fingerprint(*named, [])),
        outputs,
        lambda plans, steps: _account(dataset, charset, steps),
        doubts=[doubt for doubt in doubts if doubt],
        taken=lambda fresh: None if merged is None else taken_rows(fresh, merged),
    )


def choose_metric(config: Experiment, data: Pictures) -> Experiment:
    """The config with the metric that sees all that the labels have, if it leaves it to them: case and marks."""
    split = validation_split(data.splits) or training_split(data)
    return with_metric(config, lambda: [example.text for example in data.read(split).examples])


def _examples(dataset: ImageDataset, charset: Charset, inputs: ImageInputs) -> Examples:
    targets = CharacterTargets(dataset.texts, charset)
    return Examples(inputs, targets, lambda row: {"image": dataset.names[row], "text": dataset.texts[row]})


def validated(split: str, held: ImageDataset, charset: Charset, pixels: int, fingerprint: str = "") -> Validated:
    """A split to validate on, in batches of so many pixels."""
    examples = _examples(held, charset, ImageInputs(held))
    plans = [Plan(0, 0, rows, 0) for rows in plan_buckets(*examples.lengths(None), pixels, 1, 0, 0)]
    return Validated(split, examples, plans, held.names, held.texts, fingerprint)


def _account(dataset: ImageDataset, charset: Charset, steps: int) -> list[str]:
    characters = sum(map(len, dataset.texts))
    padding = 1 - dataset.widths.sum() / dataset.buckets().sum()
    return [
        f"{len(charset.characters):,} characters",
        f"{len(dataset):,} pictures, {dataset.widths.mean():.0f} pixels wide at a height of {dataset.form.height} and "
        f"{characters / len(dataset):.1f} characters on average",
        f"{steps:,} step{'s' * (steps > 1)} an epoch of {len(dataset) / steps:,.0f} pictures, "
        f"{100 * padding:.1f} % padding",
    ]


def _too_long(model: nn.Module, dataset: ImageDataset, decoding: Decoding) -> list[Problem]:
    """The pictures with labels that a decoder cannot finish: decoding.max_ratio and max_extra stop it before."""
    if not isinstance(model, EncoderDecoder) or not isinstance(decoding, Search) or not len(dataset):
        return []
    steps = model.encoder.out_lengths(torch.from_numpy(dataset.widths))
    longest = (most_tokens(steps, decoding) - 1).tolist()
    return [
        Problem(name, f"its label has {len(text):,} characters, and at most {most:,} are written for its width")
        for name, text, most in zip(dataset.names, dataset.texts, longest, strict=True)
        if len(text) > most
    ]


def _report(origin: Origin[Pictures], split: Labelled, dataset: ImageDataset, too_long: Sequence[Problem]) -> None:
    """Say what is wrong with a split, by file; RequestError where nothing is left."""
    groups: list[tuple[str, Sequence[Problem]]] = [
        ("left out", [*split.problems, *dataset.broken, *dataset.hopeless]),
        ("widened", dataset.widened),
        ("squeezed", dataset.squeezed),
        ("with labels that the model cannot write in full", too_long),
    ]
    for what, problems in groups:
        if problems:
            origin.place.say(f"{split.split}: {len(problems):,} {what}")
        for problem in problems[:LISTED]:
            origin.place.say(f"  {problem}")
        if len(problems) > LISTED:
            origin.place.say(f"  and {len(problems) - LISTED:,} more; s2s check {origin.data.path} names all")
    if not len(dataset):
        raise RequestError(f"{origin.data.path}: split {split.split} has no picture that can be used")


def _doubt_fit(train: Labelled, dataset: ImageDataset, origin: Origin[Pictures], begun: bool) -> str | None:
    """A warning of many pictures that are too wide, or too narrow for their labels; RequestError for most of them."""
    most, total = dataset.form.max_width, len(train.examples)
    remedy = f"raise source.max_width, as {LINES}, a config for lines, does"
    why = f"their labels need more than source.max_width {most:,}"
    if line := doubt_lost(len(dataset.hopeless), total, origin.data.path, why, remedy, begun):
        return line if line.startswith("warning") else None
    squeezed = len(dataset.squeezed)
    if squeezed <= WARN * total:
        return None
    return (
        f"warning: {squeezed:,} of {total:,} training pictures ({100 * squeezed / total:.1f} %) are wider than "
        f"source.max_width {most:,} and are squeezed, which makes them harder to read; {remedy}"
    )
