"""The run directory: what stands in it, and who may write there."""

import json
import platform
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from s2s import __version__
from s2s.config.document import read_document
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment, experiment_from
from s2s.config.plain_json import parse_json
from s2s.config.stored import complete, is_unnormalised, without_normalisation
from s2s.config.strict import flat, to_dict, to_yaml
from s2s.config.training import AUTO
from s2s.data.atomic import check_place, write_atomically
from s2s.data.store import Prepared
from s2s.training.lock import NAME
from s2s.training.origin import Data

MAY_CHANGE = {
    "training.steps",
    "training.patience",
    "batches.workers",
    "validation.every",
    "validation.examples",
    "validation.samples",
    "validation.beam",
}
"""Keys that a resumed run may change. Not the metric: the best so far could not be compared."""
LIBRARIES = ("torch", "lightning", "numpy", "sentencepiece", "sacrebleu", "datasets")


class RunFolder:
    """Paths of a run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.checkpoints = path / "checkpoints"
        self.model = path / "model"
        self.data = path / "data.json"
        self.versions = path / "versions.txt"

    def check_new(self) -> None:
        """Raise RequestError unless nothing is there yet, and a folder can be made."""
        if self.path.exists() and (not self.path.is_dir() or any(map(_counts, self.path.iterdir()))):
            raise RequestError(f"{self.path} exists already; continue that run with --resume, or choose another --out")
        check_place(self.path)

    def check_run(self) -> None:
        """Raise RequestError unless there is a run to resume."""
        if not self.config.is_file():
            raise RequestError(f"{self.path} is not a run, it has no config.yaml; start one without --resume")

    def facts(self) -> dict[str, Any]:
        """What is written down of how the run was begun: path and fingerprint of the data, command, `from`, `charset`.

        Empty where nothing is, or nothing that can be read.
        """
        try:
            found = parse_json(self.data.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def check_known(self) -> None:
        """Raise RequestError unless the run can be gone on with by its folder alone."""
        self.check_run()
        if "from" not in self.facts() and not any(self.checkpoints.glob("*.ckpt")):
            raise RequestError(
                f"{self.path} has no checkpoint yet and does not say how it was begun; repeat the command that began "
                "it, with --resume at its end"
            )

    def dataset(self) -> str:
        """The data that the run was begun with. RequestError where that is not written down."""
        self.check_run()
        path = self.facts().get("path")
        if not isinstance(path, str):
            raise RequestError(f"{self.data} is missing or damaged; name the data of this run with --data")
        return path

    def check_same(self, config: Experiment, fingerprint: str) -> list[str]:
        """Raise RequestError if the run is to go on with another config, or other data, than it was begun with.

        Returns what is changed of the keys that may change.
        """
        before, now = (flat(to_dict(one)) for one in (self._begun_with(), config))
        changed = [key for key in now if now[key] != before.get(key)]
        for key in [key for key in changed if key not in MAY_CHANGE][:1]:
            raise RequestError(
                f"{self.path} was begun with {key} {before.get(key)}, not {now[key]}; --resume goes on "
                "with the same config, --from starts a new run from the model"
            )
        changes = [f"{key} {before.get(key)}, now {now[key]}" for key in changed]
        if not self.data.exists() and not self.checkpoints.exists():
            return changes  # it died while this folder was made
        found = self.facts().get("fingerprint")
        if found is None:
            raise RequestError(f"{self.data} is missing or damaged; this run cannot be resumed")
        if found != fingerprint:
            raise RequestError(
                f"{self.path} was trained on other data (fingerprint {found}, not {fingerprint}); "
                "--from starts a new run from its model"
            )
        return changes

    def as_begun(self, config: Experiment) -> Experiment:
        """The config to go on with.

        A metric that is left to the labels is the one that the run has chosen, and a run that was begun before there
        was a normalisation goes on without one.
        """
        if config.validation.metric == AUTO:
            metric = self._begun_with().validation.metric
            config = replace(config, validation=replace(config.validation, metric=metric))
        return without_normalisation(config) if is_unnormalised(read_document(self.config).values) else config

    def _begun_with(self) -> Experiment:
        return experiment_from(complete(read_document(self.config).values), str(self.config))

    def drift(self) -> list[str]:
        """What is not as it was when the run was last begun, and may change its numbers in their last bits."""
        try:
            lines = self.versions.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        before = dict(line.split(" ", 1) for line in lines if " " in line)
        now = _circumstances()
        return [f"{name} {before[name]}, now {now[name]}" for name in now if before.get(name, now[name]) != now[name]]

    def create(
        self,
        config: Experiment,
        data: Data,
        start_from: str | Path | None = None,
        charset: str | None = None,
        command: str = "",
        vocabulary_of: str | Path | None = None,
    ) -> None:
        """Make the directory and write down what the run is made of, and how it was begun unless that stands there."""
        before = self.facts()
        self.path.mkdir(parents=True, exist_ok=True)
        write_atomically(self.config, to_yaml(config))
        about: dict[str, Any] = {"path": str(data.path.resolve()), "fingerprint": data.fingerprint}
        if isinstance(data, Prepared):
            about["languages"] = list(data.report.languages)
        models = {"from": start_from, "vocabulary_of": vocabulary_of}
        beginning: dict[str, str | None] = {
            key: None if name is None else str(Path(name).resolve() if Path(name).exists() else name)
            for key, name in models.items()
        }
        beginning |= {"charset": charset, "command": command}
        about |= {key: before.get(key, value) for key, value in beginning.items()}
        write_atomically(self.data, json.dumps(about, ensure_ascii=False, indent=2) + "\n")
        write_atomically(self.versions, "".join(f"{name} {value}\n" for name, value in _circumstances().items()))
        self.checkpoints.mkdir(exist_ok=True)


def _circumstances() -> dict[str, str]:
    """What a run's numbers depend on besides config, data and seed."""
    versions = {"s2s": __version__, "python": platform.python_version()} | {name: version(name) for name in LIBRARIES}
    return versions | {"threads": str(torch.get_num_threads()), "machine": platform.platform()}


def _counts(path: Path) -> bool:
    """Whether a file is more than what a run leaves that died before it was one."""
    return path.name not in (NAME, ".config.yaml.partial")
