"""config.json of a model directory: what the model is, and how it came about."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from s2s import __version__
from s2s.bundle.bundle import Bundle
from s2s.bundle.vocabularies import vocabulary_classes
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment, experiment_from
from s2s.config.plain_json import parse_json
from s2s.config.stored import complete
from s2s.config.strict import to_dict
from s2s.text.vocabulary import Vocabulary

FORMAT = 2
_MAX_BYTES = 4 * 2**20
_MOST = {
    ".model.encoder.embedding": 32_768,
    ".model.decoder.embedding": 32_768,
    ".model.attention.size": 32_768,
    ".model.attention.heads": 1024,
    ".source.backbone.width": 64,
    ".source.front.width": 32_768,
    ".source.front.kernel": 4096,
    ".source.backbone.blocks": 64,
    ".hidden": 32_768,
    ".layers": 64,
    ".source.height": 4096,
    ".source.min_width": 65_536,
    ".source.max_width": 65_536,
    ".target.window": 2**20,
    ".decoding.batch": 2**30,
    ".training.seed": 2**63,
}
"""What a model may claim, by the end of the key; far beyond what is trained, far below what would hurt to build or to
run."""
_MOST_OTHERWISE = 2**40
_MOST_UNITS = 2**18
"""Hidden units of all layers of a stack."""
_MOST_PIECES = 2_000_000
_MOST_SOURCE = 2**31 - 1
_INFO = ("data", "scores", "training")


@dataclass(frozen=True)
class Description:
    """The content of config.json."""

    config: Experiment
    sizes: dict[str, int]
    """Ids of each vocabulary, by side."""
    languages: tuple[str, str] | None = None
    """See Bundle."""
    max_source: int | None = None
    """See Bundle."""
    info: dict[str, Any] = field(default_factory=dict)
    """See Bundle."""

    def of(self, model: Any, vocabularies: Mapping[str, Vocabulary]) -> Bundle:
        """The bundle of a model that has its weights."""
        return Bundle(model.eval(), self.config, vocabularies, self.languages, self.max_source, info=self.info)

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        document = {
            "format": FORMAT,
            "s2s": __version__,
            "task": self.config.task,
            "sizes": self.sizes,
            **({"languages": list(self.languages)} if self.languages else {}),
            **({"max_source": self.max_source} if self.max_source else {}),
            **{name: fact for name, fact in finite(self.info).items() if name in _INFO},
            "config": to_dict(self.config),
        }
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def describe(bundle: Bundle) -> Description:
    """The description of a model."""
    return Description(bundle.config, bundle.sizes, bundle.languages, bundle.max_source, bundle.info)


def read_description(path: Path) -> Description:
    """Read config.json. RequestError where it is not one of ours, of a newer s2s, or claims absurd sizes."""
    try:
        with path.open("rb") as file:
            document = parse_json(file.read(_MAX_BYTES + 1), _MAX_BYTES)
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise RequestError(f"{path} is damaged ({error}); copy the model again") from None
    if not isinstance(document, dict) or not isinstance(document.get("format"), int):
        raise RequestError(f"{path} is not the config.json of an s2s model: it has no format number")
    if not 1 <= document["format"] <= FORMAT:
        raise RequestError(
            f"{path} has format {document['format']}, written by s2s {document.get('s2s', '?')}; "
            f"this is s2s {__version__}, which reads formats up to {FORMAT}: "
            f"install s2s {document.get('s2s', '')} or later"
        )
    try:
        return parse_description(document, str(path))
    except UNSOUND as error:
        raise RequestError(f"{path} is damaged ({in_words(error)}); copy the model again") from None


UNSOUND = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What reading plain values raises that are not as they should be."""


def in_words(error: Exception) -> str:
    """What is wrong with plain values, by the error of `UNSOUND` that reading them raised."""
    return f"it has no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())


def parse_description(document: dict[str, Any], where: str) -> Description:
    """A description from plain values. RequestError for an unsound config or sizes, one of `UNSOUND` for the rest."""
    json.dumps(document, ensure_ascii=False).encode()  # ValueError for half a character, which nothing could print
    config = experiment_from(complete(document["config"]), f"{where}, config")
    if document.get("task", config.task) != config.task:
        raise ValueError(f"its task is {document['task']!r}, and the config's is {config.task!r}")
    found = {"target" if side == "charset" else side: size for side, size in document["sizes"].items()}
    sides = vocabulary_classes(config).keys()
    if found.keys() != sides:
        raise ValueError(f"sizes must be those of {' and '.join(sides)}, not of {', '.join(found)}")
    sizes = {side: _whole(f"the size of {side}", found[side], 4, _MOST_PIECES) for side in sides}
    info = {name: dict(document[name]) for name in _INFO if name in document}
    for name, score in info.get("scores", {}).items():
        _check_score(name, score)
    languages = None
    if config.task == "translation" or document.get("languages") is not None:
        languages = _languages(document["languages"])
    longest = document.get("max_source")
    max_source = None if longest is None else _whole("max_source", longest, 1, _MOST_SOURCE)
    _check_sizes(config, where)
    return Description(config, sizes, languages, max_source, info)


def _languages(values: Any) -> tuple[str, str]:
    if not isinstance(values, list) or len(values) != 2 or not all(isinstance(one, str) for one in values):
        raise ValueError("languages must be two codes")
    return values[0], values[1]


def finite(info: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a model, as JSON can hold it: without scores that are no number, such as a CER of no text."""
    scores = {name: score for name, score in info.get("scores", {}).items() if math.isfinite(score["value"])}
    return {**info, "scores": scores} if "scores" in info else dict(info)


def _check_score(name: str, score: Any) -> None:
    """ValueError unless it has a value, and numbers and text where cards print them."""
    if not isinstance(score, dict) or not _is_number(score.get("value")):
        raise ValueError(f"the score {name} has no value")
    for key in ("low", "high"):
        if score.get(key) is not None and not _is_number(score[key]):
            raise ValueError(f"{key} of the score {name} is no number")


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most:,}, not {repr(value)[:30]}")
    return value


def _check_sizes(config: Experiment, where: str) -> None:
    for key, value in _numbers(config, ""):
        limit = next((limit for end, limit in _MOST.items() if f".{key}".endswith(end)), _MOST_OTHERWISE)
        if value > limit:
            raise RequestError(f"{where}: {key} {value:,} is more than s2s loads ({limit:,})")
    for name, part in vars(config.model).items():
        if hasattr(part, "layers") and part.hidden * part.layers > _MOST_UNITS:
            raise RequestError(
                f"{where}: model.{name}.hidden {part.hidden:,} times layers {part.layers:,} is more than s2s loads "
                f"({_MOST_UNITS:,})"
            )


def _numbers(part: Any, prefix: str) -> Iterator[tuple[str, float]]:
    """Every number in a config, by its dotted key."""
    for one in fields(part):
        key, value = f"{prefix}{one.name}", getattr(part, one.name)
        if is_dataclass(value):
            yield from _numbers(value, f"{key}.")
        else:
            values = value if isinstance(value, tuple) else (value,)
            yield from ((key, each) for each in values if _is_number(each))
