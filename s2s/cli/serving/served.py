"""Models that are served, and what each can be asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s2s.cli.predict import class_values, tag_values
from s2s.cli.transcribe import transcript_values
from s2s.cli.translate import result_values
from s2s.config.errors import RequestError
from s2s.image.load import BadImage, Pixels, load
from s2s.inference.classifier import Classifier
from s2s.inference.language_model import LanguageModel
from s2s.inference.load import AnyPredictor
from s2s.inference.recognizer import Recognizer
from s2s.inference.stream import read_each
from s2s.inference.tagger import SequenceTagger
from s2s.inference.translator import Translator


@dataclass(frozen=True)
class Sent:
    """A picture as it came; decoded only when its turn has come, so that few are in memory at once."""

    data: bytes
    most: int
    """Pixels."""

    def load(self, colour: bool = True) -> Pixels:
        """Its pixels. Raises BadImage."""
        return load(self.data, colour, "the picture", most=self.most)


@dataclass(frozen=True)
class Served:
    """A model by its name."""

    name: str
    predictor: AnyPredictor

    @property
    def task(self) -> str:
        """Of its config."""
        return self.predictor.config.task

    @property
    def path(self) -> str:
        """Where it is asked."""
        return TASKS[self.task].path

    def work(self, inputs: Sequence[Any], options: Mapping[str, Any]) -> Sequence[Any]:
        """The answers to inputs as plain values; what is wrong with a picture in its place."""
        work = TASKS[self.task].work
        assert work is not None
        return work(self.predictor, inputs, options)

    def facts(self) -> dict[str, Any]:
        """What a page needs to know."""
        bundle = self.predictor.bundle
        values = {"name": self.name, "task": self.task, "path": self.path, "parameters": bundle.parameters}
        return {**values, **TASKS[self.task].facts(self.predictor)}


def _translate(translator: Translator, texts: Sequence[str], options: Mapping[str, Any]) -> list[dict[str, object]]:
    found = translator(texts, **options)
    return [result_values(one, options["n_best"], options["alignment"]) for one in found]


def _read(reader: Recognizer, pictures: Sequence[Sent], options: Mapping[str, Any]) -> list[object]:
    found = read_each(reader, pictures, not options["whole"], options["n_best"], options["beam"])
    return [
        one
        if isinstance(one, BadImage)
        else {**transcript_values(one, options["n_best"] > 1), "width": one.width, "height": one.height}
        for one in found
    ]


def _classify(classifier: Classifier, texts: Sequence[str], options: Mapping[str, Any]) -> list[dict[str, object]]:
    return [class_values(one) for one in classifier(texts)]


def _tag(tagger: SequenceTagger, texts: Sequence[str], options: Mapping[str, Any]) -> list[dict[str, object]]:
    return [tag_values(one) for one in tagger(texts)]


def _translator_facts(translator: Translator) -> dict[str, Any]:
    config: Any = translator.config
    attends = config.model.attention.kind != "none"
    return {"languages": translator.bundle.languages, "beam": config.decoding.beam, "attention": attends}


def _reader_facts(reader: Recognizer) -> dict[str, Any]:
    return {"beam": reader.decoding.beam, "characters": reader.charset.characters}


def _language_facts(model: LanguageModel) -> dict[str, Any]:
    return {"unit": model.unit}


@dataclass(frozen=True)
class Task:
    """What models of a task do here."""

    path: str
    work: Callable[[Any, Sequence[Any], Mapping[str, Any]], Sequence[Any]] | None
    """None: not in batches."""
    facts: Callable[[Any], dict[str, Any]]


TASKS: Mapping[str, Task] = {
    "translation": Task("/v1/translate", _translate, _translator_facts),
    "recognition": Task("/v1/transcribe", _read, _reader_facts),
    "language": Task("/v1/generate", None, _language_facts),
    "classification": Task("/v1/predict", _classify, lambda classifier: {"labels": list(classifier.labels)}),
    "tagging": Task("/v1/predict", _tag, lambda tagger: {"labels": list(tagger.tags)}),
}
"""Tasks whose models can be served."""


def named(models: Sequence[str]) -> dict[str, str]:
    """Models by the names under which they are served: NAME=MODEL, or the last part of a path.

    RequestError where two would have the same.
    """
    found: dict[str, str] = {}
    for model in models:
        name, equals, path = model.partition("=")
        if not equals or not name or Path(model).exists():
            parts = [part for part in Path(model).resolve().parts if part not in ("model", "checkpoints", "last.ckpt")]
            name, path = parts[-1], model
        if name in found:
            raise RequestError(f"{found[name]} and {path} would both be called {name}; write NAME={path}")
        found[name] = path
    return found


def check_served(name: str, predictor: AnyPredictor) -> Served:
    """A model that can be served. RequestError for one of a task that cannot."""
    if predictor.config.task not in TASKS:
        raise RequestError(f"{name} is a model of task {predictor.config.task}, which cannot be served")
    return Served(name, predictor)
