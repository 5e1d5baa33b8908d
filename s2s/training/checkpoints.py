"""Checkpoints to resume from: written whole or not at all, read without running code, random states included."""

import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO

from s2s import __version__
from s2s.bundle.bundle import Bundle
from s2s.bundle.checkpoint import check_format
from s2s.bundle.description import FORMAT
from s2s.config.errors import RequestError, WorkError
from s2s.data.batches import Batch
from s2s.training.averaging import Averaging
from s2s.training.damage import Damage
from s2s.training.data import TrainingData
from s2s.training.module import TrainingModule
from s2s.training.packing import pack
from s2s.training.processes import gather, rank, ranks
from s2s.training.stepping import StepCallback, is_last

LAST, PREVIOUS = "last.ckpt", "previous.ckpt"


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes beside the checkpoint and then renames; the one before is kept."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | os.PathLike[str], storage_options: Any = None
    ) -> None:
        """Write a checkpoint; whenever the process dies, a whole one is there. WorkError where the disk fails."""
        path = Path(path)
        partial = path.with_suffix(".partial")
        try:
            with partial.open("wb") as file:
                torch.save(checkpoint, file)
                file.flush()
                os.fsync(file.fileno())
        except (OSError, RuntimeError) as error:  # RuntimeError is how torch says that the disk is full
            partial.unlink(missing_ok=True)
            reason = getattr(error, "strerror", None) or f"is the disk full? torch says: {error}"
            raise WorkError(f"cannot write {path}: {reason}; the checkpoint before it, if any, is intact") from None
        if path.exists():
            path.replace(path.with_name(PREVIOUS))
        partial.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


UNREADABLE = (
    *(OSError, EOFError, RuntimeError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError),
    *(zipfile.BadZipFile, zlib.error, struct.error, pickle.UnpicklingError),
)
"""What reading a damaged checkpoint raises, in the unpickler or wherever what it has read is not what it should be."""


def read_checkpoints(folder: Path, say: Callable[[str], None]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The checkpoints of a folder that can be read, the newest first, and where they are; says which cannot be."""
    for path in standing(folder):
        try:
            checkpoint = _read(path)
        except UNREADABLE as error:
            _say_damaged(path, error, say)
        else:
            yield path, checkpoint


def standing(folder: Path) -> list[Path]:
    """The checkpoints that a folder has, the newest first, in whatever state."""
    return [path for path in (folder / LAST, folder / PREVIOUS) if path.exists()]


def passes(path: Path, say: Callable[[str], None], check: Callable[..., None], *arguments: Any) -> bool:
    """Whether a check of a checkpoint that was read raises nothing; says that it cannot be used where it does."""
    try:
        check(*arguments)
    except UNREADABLE as error:
        _say_damaged(path, error, say)
        return False
    return True


def _say_damaged(path: Path, error: Exception, say: Callable[[str], None]) -> None:
    reason = f" ({error})" if isinstance(error, Damage) else ""
    say(f"{path} is damaged{reason}; the one before it is used if there is one")


def set_aside(path: Path) -> None:
    """Keep a damaged last checkpoint under another name: the next one takes its place, and the good one stays."""
    last = path.with_name(LAST)
    if path != last and last.exists():
        last.rename(last.with_suffix(".damaged"))


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise Damage("it is not a file")
    with zipfile.ZipFile(path) as archive:
        if archive.testzip() is not None:
            raise zipfile.BadZipFile
    checkpoint: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    check_format(checkpoint["s2s"], str(path))
    return checkpoint


def check_processes(path: Path, checkpoint: dict[str, Any]) -> None:
    """RequestError unless this run has as many processes as the one that wrote the checkpoint.

    With another number the steps would be other ones, and nobody's random numbers would go on.
    """
    before = len(_by_process(checkpoint))
    if before != ranks():
        raise RequestError(
            f"{path} is of a run of {before} process{'es' * (before > 1)}, not {ranks()}; go on with as many, "
            "or start a new run from its model, with --from"
        )


def _by_process(checkpoint: dict[str, Any]) -> list[dict[str, Any]]:
    """The random states by rank; the first checkpoints had those of one process only, not in a list."""
    states = checkpoint["s2s"]["random"]
    return [states] if isinstance(states, dict) else states


class Checkpoints(StepCallback):
    """Saves after every validation, at the end, and when the run is interrupted.

    Args:
        folder: where to.
        every: optimiser steps between validations.
        bundle: the model, for the checkpoint to be one by itself.
        drawn: whether the examples that validation decodes are drawn.
        averaging: the averaged weights, which are the model's.
        data: knows which batch comes next.
    """

    def __init__(
        self, folder: Path, every: int, bundle: Bundle, drawn: bool, averaging: Averaging, data: TrainingData
    ) -> None:
        self.folder, self.every, self.bundle, self.drawn = folder, every, bundle, drawn
        self.averaging, self.data = averaging, data
        self._position = data.start
        self._random: dict[str, Any] | None = None

    def on_load_checkpoint(self, trainer: L.Trainer, module: TrainingModule, checkpoint: dict[str, Any]) -> None:  # type: ignore[override]
        """Keep the random states until everything that draws at the start has drawn."""
        self._random = _by_process(checkpoint)[rank()]

    def on_train_start(self, trainer: L.Trainer, module: TrainingModule) -> None:  # type: ignore[override]
        """Go on with the random numbers of the checkpoint."""
        if self._random is not None:
            torch.set_rng_state(self._random["cpu"])
            if self._random["cuda"] and module.device.type == "cuda":
                torch.cuda.set_rng_state(self._random["cuda"][0], module.device)

    def on_step_end(self, trainer: L.Trainer, module: TrainingModule, batch: Batch) -> None:
        """Save if it is time."""
        self._position = self.data.following(batch)
        if trainer.global_step % self.every == 0 or is_last(trainer):
            trainer.save_checkpoint(self.folder / LAST)

    def on_save_checkpoint(self, trainer: L.Trainer, module: TrainingModule, checkpoint: dict[str, Any]) -> None:  # type: ignore[override]
        """Add what Lightning does not know of."""
        cuda = [torch.cuda.get_rng_state(module.device)] if module.device.type == "cuda" else []
        checkpoint["s2s"] = {
            "format": FORMAT,
            "version": __version__,
            "position": list(self._position),
            "random": gather({"cpu": torch.get_rng_state(), "cuda": cuda}),
            "weights": self.averaging.averaged(),
            **pack(self.bundle, self.drawn),
        }
