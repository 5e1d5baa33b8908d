"""Configs of the first format, in which a key `task` distinguished two kinds of experiment, as those of today.

Works on plain values, so that YAML files, the configs of runs, checkpoints and model directories are upgraded alike.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from s2s.config.document import Document, Place
from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean

_KEYS: Mapping[str, Mapping[str, str]] = {
    "translation": {
        "subwords.model": "source.vocabulary.kind",
        "subwords": "source.vocabulary",
        "decoding.batch_tokens": "decoding.batch",
    },
    "recognition": {
        "charset.kind": "target.vocabulary.alphabet",
        "charset": "target.vocabulary",
        "picture": "source",
        "augmentation": "source.augmentation",
        "model.backbone": "source.backbone",
        "model.attention_decoder": "model.decoder",
        "model.decoder": "target.kind",
        "decoding.batch_pixels": "decoding.batch",
    },
}
"""By task, sections and keys that have another name today; of several that fit, the first counts."""
_TASKS = {"text": "translation", "image": "recognition"}
"""Task by the kind of source."""


def is_old(values: Mapping[str, Any]) -> bool:
    """Whether a config is of the first format: it names neither a source nor a target."""
    return not {"source", "target"} & values.keys()


def upgrade(document: Document) -> Document:
    """The same experiment in today's keys, and the lines that they came from. RequestError for an unknown task."""
    where = document.where
    values = {key: dict(value) if isinstance(value, Mapping) else value for key, value in document.values.items()}
    task = values.pop("task", "translation")
    if not isinstance(task, str) or task not in _KEYS:
        raise RequestError(f'{where}: there is no task "{task}"{did_you_mean(str(task), _KEYS)}')
    new = (_translation if task == "translation" else _recognition)(values, where)
    decoding = new.get("decoding")
    for old in ("batch_tokens", "batch_pixels"):
        if isinstance(decoding, dict) and f"decoding.{old}" in _KEYS[task] and old in decoding:
            decoding["batch"] = decoding.pop(old)
    lines = {_moved(_KEYS[task], place): line for place, line in document.lines.items()}
    return replace(document, values=new, lines=lines)


def renamed(kind: str, key: str, value: str) -> tuple[str, str]:
    """Today's name and value of `--key value`, for a source of a kind; what needs no other stays as it is."""
    keys = _KEYS[_TASKS[kind]] if kind in _TASKS else {}
    if key == "model.decoder":
        return ("target.kind", "text" if value == "attention" else value) if key in keys else (key, value)
    return ".".join(map(str, _moved(keys, tuple(key.split("."))))), value


def old_names(names: Collection[str]) -> set[str]:
    """The dotted keys of the first format that stand for today's `names`."""
    pairs = [(old, new) for keys in _KEYS.values() for old, new in keys.items()]
    return {old + name.removeprefix(new) for old, new in pairs for name in names if f"{name}.".startswith(f"{new}.")}


def _translation(values: dict[str, Any], where: str) -> dict[str, Any]:
    subwords = _section(values, "subwords", where)
    joint = subwords.pop("joint", True)
    if "model" in subwords:
        subwords["kind"] = subwords.pop("model")
    subwords.setdefault("kind", "unigram")
    target = {"kind": "text", "vocabulary": "source" if joint else dict(subwords)}
    return {"source": {"kind": "text", "vocabulary": subwords}, "target": target, **values}


def _recognition(values: dict[str, Any], where: str) -> dict[str, Any]:
    model, charset = _section(values, "model", where), _section(values, "charset", where)
    source = {"kind": "image", **_section(values, "picture", where)}
    for holder, key in ((values, "augmentation"), (model, "backbone")):
        if key in holder:
            source[key] = holder.pop(key)
    if isinstance(source.get("backbone"), Mapping):
        source["backbone"] = {"kind": "light", **source["backbone"]}
    if "kind" in charset:
        charset["alphabet"] = charset.pop("kind")
    by_decoder = model.pop("decoder", "ctc") == "attention"
    layers, attention = model.pop("attention_decoder", {}), model.pop("attention", {})
    if by_decoder:
        model |= {"attention": attention, "decoder": layers}
    target = {"kind": "text" if by_decoder else "ctc", "vocabulary": {"kind": "characters", **charset}}
    return {"source": source, "target": target, "model": model, **values}


def _section(values: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    """Take a section out; one that is not there is empty."""
    section = values.pop(key, None)
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise RequestError(f"{where}: {key} must be a section")
    return section


def _moved(keys: Mapping[str, str], place: Place) -> Place:
    """Where the value at a place stands today."""
    for old, new in keys.items():
        parts = tuple(old.split("."))
        if place[: len(parts)] == parts:
            return (*new.split("."), *place[len(parts) :])
    return place
