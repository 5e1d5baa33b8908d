"""config.json of a model directory: what the model is, and how it came about."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from s2s import __version__
from s2s.bundle.bundle import Bundle
from s2s.bundle.vocabularies import vocabulary_classes
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment, experiment_from
from s2s.config.stored import complete
from s2s.config.strict import to_dict
from s2s.text.vocabulary import Vocabulary

FORMAT = 2
_MAX_BYTES = 4 * 2**20
_MOST = {"layers": 64, "hidden": 32_768, "embedding": 32_768, "size": 32_768, "heads": 1024, "width": 64, "blocks": 64}
"""What a model may claim of each of its parts; far beyond what is trained, far below what would hurt to build."""
_MOST_PIECES = 2_000_000
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
            **{name: self.info[name] for name in _INFO if name in self.info},
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
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise ValueError("it is too large")
        document = json.loads(content)
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
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
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RequestError(f"{path} is damaged ({in_words(error)}); copy the model again") from None


def in_words(error: Exception) -> str:
    """What is wrong with plain values, told by the error that reading them raised."""
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def parse_description(document: dict[str, Any], where: str) -> Description:
    """A description from plain values. RequestError for an unsound config or sizes, KeyError and such for the rest."""
    config = experiment_from(complete(document["config"]), f"{where}, config")
    info = {name: dict(document[name]) for name in _INFO if name in document}
    for name, score in info.get("scores", {}).items():
        if not isinstance(score, dict) or not isinstance(score.get("value"), int | float):
            raise ValueError(f"the score {name} has no value")
    sizes = {"target" if side == "charset" else side: int(size) for side, size in document["sizes"].items()}
    expected = vocabulary_classes(config).keys()
    if sizes.keys() != expected:
        raise ValueError(f"its vocabularies are {', '.join(sizes)}, and a model of its kind has {', '.join(expected)}")
    languages = document.get("languages")
    if languages is not None:
        if not isinstance(languages, list) or len(languages) != 2 or not all(isinstance(one, str) for one in languages):
            raise ValueError("languages must be two codes")
        languages = (languages[0], languages[1])
    elif config.task == "translation":
        raise KeyError("languages")
    max_source = None if document.get("max_source") is None else int(document["max_source"])
    if max_source is not None and max_source < 1:
        raise ValueError("max_source is below 1")
    description = Description(config, sizes, languages, max_source, info)
    _check_sizes(description, where)
    return description


def _check_sizes(description: Description, where: str) -> None:
    for key, value in _widths(description.config, ""):
        most = _MOST[key.rpartition(".")[2]]
        if value > most:
            raise RequestError(f"{where}: {key} {value:,} is more than s2s loads ({most:,})")
    for role, size in description.sizes.items():
        if not 4 <= size <= _MOST_PIECES:
            raise RequestError(f"{where}: a {role} vocabulary of {size:,} is not between 4 and {_MOST_PIECES:,}")


def _widths(part: Any, prefix: str) -> Iterator[tuple[str, float]]:
    """Every size in a config that has a limit, by its dotted key."""
    for one in fields(part):
        key, value = f"{prefix}.{one.name}".removeprefix("."), getattr(part, one.name)
        if is_dataclass(value):
            yield from _widths(value, key)
        elif one.name in _MOST:
            yield key, max(value) if isinstance(value, tuple) else value
