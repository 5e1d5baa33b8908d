"""Keys that the configs of some targets had although they did nothing there, in files that still have them."""

from collections.abc import Mapping
from typing import Any

IDLE: Mapping[str, Mapping[str, Any]] = {
    "next": {
        "target.vocabulary.sample": 0.0,
        "target.vocabulary.alpha": 0.3,
        "model.decoder.input_feeding": False,
        "model.decoder.bridge": "project",
        "validation.beam": 1,
        "validation.examples": 0,
    },
    "label": {"validation.beam": 1},
}
"""By kind of target, with the defaults that they had."""


def without_idle(values: Mapping[str, Any], stored: bool = False) -> dict[str, Any]:
    """The plain values of a config without the idle keys that have their defaults; of a stored one, without any."""
    target = values.get("target")
    idle = IDLE.get(str(target.get("kind")), {}) if isinstance(target, Mapping) else {}
    found = dict(values)
    for key, default in idle.items():
        *sections, last = key.split(".")
        section: Any = found
        for name in sections:
            if not isinstance(section.get(name), Mapping):
                break
            section[name] = dict(section[name])
            section = section[name]
        else:
            if last in section and (stored or section[last] == default):
                del section[last]
    return found
