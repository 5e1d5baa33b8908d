"""An experiment: a source, a target, and everything between them that training needs to know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from s2s.config import format1
from s2s.config.decoding import Decoding
from s2s.config.describe import Key, describe
from s2s.config.document import Document, read_document
from s2s.config.errors import RequestError
from s2s.config.idle import without_idle
from s2s.config.model import EncoderDecoder, Model
from s2s.config.nearest import did_you_mean
from s2s.config.source import ImageSource, Source, TextSource
from s2s.config.strict import build, flat, override, to_dict
from s2s.config.target import CALIBRATED, LANGUAGE, READ_BY_DECODER, NextTarget, Target, TextTarget
from s2s.config.training import (
    LOSS,
    Batches,
    Loss,
    Optimizer,
    PixelBatches,
    Schedule,
    StreamBatches,
    Training,
    Validation,
)
from s2s.config.vocabulary import Characters, Pieces


@dataclass(frozen=True)
class Pair:
    """A permitted source and target."""

    task: str
    """What people call it."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Values by section that differ from those of the source and the target."""


PAIRS: Mapping[tuple[str, str], Pair] = {
    ("text", "text"): Pair("translation"),
    ("text", "label"): Pair("classification", CALIBRATED),
    ("text", "tags"): Pair("tagging", CALIBRATED),
    ("image", "ctc"): Pair("recognition"),
    ("image", "text"): Pair("recognition", READ_BY_DECODER),
    ("none", "next"): Pair("language"),
    ("series", "label"): Pair("series-classification", CALIBRATED),
    ("series", "ctc"): Pair("series-reading"),
}
"""What can be learned, by the kinds of source and target. Any other pair is refused."""
SOURCES: Mapping[str, Any] = {kind: one for one in get_args(Source) for kind in [one().kind]}
TARGETS: Mapping[str, Any] = {kind: one for one in get_args(Target) for kind in [one().kind]}


@dataclass(frozen=True)
class Experiment:
    """What is learned, by what model, and how. Which keys a section has depends on the source and the target."""

    source: Source
    """What is read."""
    target: Target
    """What is written."""
    model: Model
    """Architecture."""
    loss: Loss
    """Training objective."""
    batches: Batches
    """Batching."""
    optimizer: Optimizer = field(default_factory=Optimizer)
    """AdamW."""
    schedule: Schedule = field(default_factory=Schedule)
    """Learning rate over time."""
    training: Training = field(default_factory=Training)
    """Length and habits of the run."""
    validation: Validation = field(default_factory=Validation)
    """When and how the model is scored while it trains."""
    decoding: Decoding = field(default_factory=Decoding)
    """How the trained model answers."""

    @property
    def task(self) -> str:
        """What people call it."""
        return PAIRS[self.source.kind, self.target.kind].task

    def __post_init__(self) -> None:
        if isinstance(self.target, TextTarget) and isinstance(self.model, EncoderDecoder):
            self._check_decoder(self.target, self.model)
        if isinstance(self.source, ImageSource) and isinstance(self.batches, PixelBatches):
            widest = self.source.height * -(-self.source.max_width // 32) * 32
            if self.batches.pixels < widest:
                raise ValueError(
                    f"batches.pixels {self.batches.pixels} has no room for one picture of source.max_width "
                    f"{self.source.max_width} ({widest} pixels); raise it or lower source.max_width"
                )

        if isinstance(self.target, NextTarget) and isinstance(self.batches, StreamBatches):
            self._check_language(self.target, self.batches)
        elif self.validation.metric in LANGUAGE:
            raise ValueError(f"validation.metric {self.validation.metric} is of language models")

    def _check_language(self, target: NextTarget, batches: StreamBatches) -> None:
        if batches.tokens < target.window:
            raise ValueError(
                f"batches.tokens {batches.tokens} has no room for one window of target.window {target.window}; "
                "raise it or lower target.window"
            )
        if self.validation.metric not in (LOSS, *LANGUAGE):
            raise ValueError(f"validation.metric of a language model is {', '.join(LANGUAGE)} or {LOSS}")

    def _check_decoder(self, target: TextTarget, model: EncoderDecoder) -> None:
        joint, wanted = target.vocabulary == "source", Pieces if isinstance(self.source, TextSource) else Characters
        if not joint and not isinstance(target.vocabulary, wanted):
            of = "subwords" if wanted is Pieces else "characters"
            raise ValueError(f"target.vocabulary of a source of kind {self.source.kind} is made of {of}")
        if joint and not isinstance(self.source, TextSource):
            raise ValueError(f"target.vocabulary cannot be the source's: a source of kind {self.source.kind} has none")
        if model.share_embeddings and not joint:
            raise ValueError("model.share_embeddings needs target.vocabulary: source")
        if getattr(self.decoding, "coverage_penalty", 0) and model.attention.kind == "none":
            raise ValueError("decoding.coverage_penalty needs attention, and model.attention.kind is none")


def read_experiment(path: Path | str, overrides: Sequence[tuple[str, str]] = ()) -> Experiment:
    """Read a config; keys that it does not have take the defaults of its source and target.

    `overrides` are dotted keys and their values as text, from the command line; they win over the file. RequestError
    says file, line and key.
    """
    document, given = _opened(path, overrides)
    for key, text in given:
        override(document.values, key, text)
    return _build(document, frozenset(tuple(key.split(".")) for key, _ in given))


def given_keys(path: Path | str, overrides: Sequence[tuple[str, str]] = ()) -> frozenset[str]:
    """The dotted keys that a config and `overrides` set; the others have their defaults."""
    document, given = _opened(path, overrides)
    return frozenset(flat(document.values)) | {key for key, _ in given}


def _opened(path: Path | str, overrides: Sequence[tuple[str, str]]) -> tuple[Document, list[tuple[str, str]]]:
    """A config in today's keys, and so the overrides."""
    document = read_document(path)
    if not isinstance(document.values, dict):
        raise RequestError(f"{path}: must be a mapping of keys to values")
    if format1.is_old(document.values):
        document = format1.upgrade(document)
    source = document.values.get("source")
    kind = str(source.get("kind")) if isinstance(source, Mapping) else ""
    return document, [format1.renamed(kind, key, text) for key, text in overrides]


def experiment_from(values: Mapping[str, Any], where: str) -> Experiment:
    """A config from plain values of this format or the first; `where` names their origin in messages."""
    document = Document(where, dict(values))
    return _build(format1.upgrade(document) if format1.is_old(values) else document, frozenset())


def section_types(source: Any, target: Any) -> dict[tuple[str | int, ...], type]:
    """The classes of the sections that depend on the kinds, by where they stand."""
    sections = {
        ("source",): source,
        ("target",): target,
        ("model",): target.model,
        ("model", "encoder"): source.encoder,
        ("loss",): target.loss,
        ("batches",): source.batches,
        ("validation",): target.validation,
        ("decoding",): target.decoding,
    }
    return {place: one for place, one in sections.items() if one is not None}


def keys(source: str, target: str) -> list[Key]:
    """Every dotted key of an experiment of these kinds, with its type, its default and what it is for."""
    values = {"source": {"kind": source}, "target": {"kind": target}}
    plain: Any = to_dict(experiment_from(values, "here"))
    found = []
    sections = section_types(SOURCES[source], TARGETS[target])
    if TARGETS[target] is TextTarget:
        sections["target", "vocabulary"] = Pieces if SOURCES[source] is TextSource else Characters
    for key in describe(Experiment, sections):
        default = plain
        for part in key.name.split("."):
            default = default.get(part, key.default) if isinstance(default, Mapping) else key.default
        found.append(replace(key, default=default))
    return found


def _build(document: Document, overridden: frozenset[tuple[str | int, ...]]) -> Experiment:
    values, where = without_idle(document.values), document.where
    source, target = (_kind(values, side, known, where) for side, known in (("source", SOURCES), ("target", TARGETS)))
    pair = PAIRS.get((source().kind, target().kind))
    if pair is None:
        fitting = [other for one, other in PAIRS if one == source().kind]
        raise RequestError(
            f"{where}: a target of kind {target().kind} cannot be learned from a source of kind {source().kind}, "
            f"only {' or '.join(fitting)}"
        )
    for defaults in (source.defaults, pair.defaults):
        values = _merged(defaults, values)
    built: Experiment = build(values, Experiment, where, document.lines, overridden, section_types(source, target))
    if "metric" not in (values.get("validation") or {}):
        metric = {"metric": built.target.default_metric}
        values = _merged({"validation": metric}, values)
        built = build(values, Experiment, where, document.lines, overridden, section_types(source, target))
    return built


def _kind(values: Mapping[str, Any], side: str, known: Mapping[str, Any], where: str) -> Any:
    """The class of a source or a target."""
    section = values.get(side)
    kind = section.get("kind") if isinstance(section, Mapping) else None
    if kind is None:
        raise RequestError(f'{where}: {side} needs the key "kind", one of {", ".join(known)}')
    if kind not in known:
        raise RequestError(f'{where}: there is no {side} of kind "{kind}"{did_you_mean(str(kind), known)}')
    return known[kind]


def _merged(defaults: Mapping[str, Any], values: Any) -> dict[str, Any]:
    """`values` with what they lack of the defaults, section by section."""
    found: dict[str, Any] = dict(values or {})
    for key, default in defaults.items():
        if isinstance(default, Mapping):
            if found.get(key) is None or isinstance(found[key], Mapping):
                found[key] = _merged(default, found.get(key))
        else:
            found.setdefault(key, default)
    return found
