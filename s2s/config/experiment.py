"""Every kind of experiment, told apart by the key `task`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from s2s.config.document import read_document
from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean
from s2s.config.recognition import Recognition
from s2s.config.strict import read
from s2s.config.translation import Translation

Config = Translation | Recognition

KINDS: dict[str, type[Config]] = {"translation": Translation, "recognition": Recognition}
"""The config of each task."""


def kind_of(values: object, where: str) -> type[Config]:
    """The class of a config in plain values; without a task it is a translation. RequestError for an unknown task."""
    task = values.get("task", "translation") if isinstance(values, Mapping) else "translation"
    if not isinstance(task, str) or task not in KINDS:
        raise RequestError(f'{where}: there is no task "{task}"{did_you_mean(str(task), KINDS)}')
    return KINDS[task]


def read_experiment(path: Path, overrides: Sequence[tuple[str, str]] = ()) -> Config:
    """Read a config of any task; see `s2s.config.strict.read`."""
    return read(path, kind_of(read_document(path).values, str(path)), overrides)
