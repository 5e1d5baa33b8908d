"""config.json of a model directory: what the model is, and how it came about."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from s2s import __version__
from s2s.config.errors import RequestError
from s2s.config.strict import from_dict, to_dict
from s2s.config.translation import Translation

FORMAT = 1
_MAX_BYTES = 4 * 2**20
_MOST = {"layers": 64, "hidden": 32_768, "embedding": 32_768, "size": 32_768, "heads": 1024}
"""What a model may claim of each of its parts; far beyond what is trained, far below what would hurt to build."""
_MOST_PIECES = 2_000_000
_INFO = ("data", "scores", "training")


@dataclass(frozen=True)
class Description:
    """The content of config.json."""

    config: Translation
    languages: tuple[str, str]
    sizes: tuple[int, int]
    """Ids of the source and the target vocabulary."""
    max_source: int | None = None
    """See Bundle."""
    info: dict[str, Any] = field(default_factory=dict)
    """See Bundle."""

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        document = {
            "format": FORMAT,
            "s2s": __version__,
            "task": self.config.task,
            "languages": list(self.languages),
            "sizes": {"source": self.sizes[0], "target": self.sizes[1]},
            "max_source": self.max_source,
            **{name: self.info[name] for name in _INFO if name in self.info},
            "config": to_dict(self.config),
        }
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


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
    if document["format"] != FORMAT:
        raise RequestError(
            f"{path} has format {document['format']}, written by s2s {document.get('s2s', '?')}; "
            f"this is s2s {__version__}, which reads format {FORMAT}: install s2s {document.get('s2s', '')} or later"
        )
    try:
        return parse_description(document, str(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RequestError(f"{path} is damaged ({error!r}); copy the model again") from None


def parse_description(document: dict[str, Any], where: str) -> Description:
    """A description from plain values. RequestError for an unsound config or sizes, KeyError and such for the rest."""
    source, target = document["languages"]
    if not (isinstance(source, str) and isinstance(target, str) and isinstance(document["languages"], list)):
        raise ValueError("languages must be two codes")
    sizes = int(document["sizes"]["source"]), int(document["sizes"]["target"])
    max_source = None if document.get("max_source") is None else int(document["max_source"])
    if max_source is not None and max_source < 1:
        raise ValueError("max_source is below 1")
    config = from_dict(document["config"], Translation, f"{where}, config")
    _check_sizes(config, sizes, where)
    info = {name: dict(document[name]) for name in _INFO if name in document}
    return Description(config, (source, target), sizes, max_source, info)


def _check_sizes(config: Translation, sizes: tuple[int, int], where: str) -> None:
    for part in ("encoder", "attention", "decoder"):
        for name, value in vars(getattr(config.model, part)).items():
            if name in _MOST and value > _MOST[name]:
                raise RequestError(f"{where}: model.{part}.{name} {value:,} is more than s2s loads ({_MOST[name]:,})")
    for side, size in zip(("source", "target"), sizes, strict=True):
        if not 4 <= size <= _MOST_PIECES:
            raise RequestError(f"{where}: a {side} vocabulary of {size:,} is not between 4 and {_MOST_PIECES:,}")
