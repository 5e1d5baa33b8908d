"""What a run writes down for people: metrics.csv, samples.txt and TensorBoard events.

A resumed run takes back what was written after its checkpoint, so that the files end as if never interrupted.
"""

import csv
import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import lightning as L
from torch.utils.tensorboard import SummaryWriter

from s2s.config.errors import WorkError
from s2s.data.atomic import append
from s2s.data.batches import Batch
from s2s.training.module import Means, TrainingModule
from s2s.training.processes import first
from s2s.training.rewind import rewind_samples, rewind_table
from s2s.training.stepping import StepCallback
from s2s.training.validation_callback import ValidationResult

EVERY = 50
"""Steps between the rows of training in metrics.csv."""


class Journal(StepCallback):
    """Writes a row of training means every 50 steps, and one at each validation; the first process does.

    Args:
        folder: of the run.
        scores: names of the validation scores, besides `loss`.
        unit: what speed is counted in.
        say: prints what cannot be kept of the files of a resumed run.
    """

    def __init__(self, folder: Path, scores: Sequence[str], unit: str, say: Callable[[str], None]) -> None:
        self.folder, self.say = folder, say
        self.clocks = (f"{unit}_per_second", "seconds")
        """The columns that no two runs have in common."""
        self.columns = ["step", "epoch", "loss", "nll", "gradient_norm", "learning_rate", *self.clocks]
        self.columns += [f"validation_{name}" for name in ["loss", *scores]]
        self.begun = self.elapsed = 0.0
        self._last: tuple[Means, float] | None = None
        self._mark = 0.0
        self._writer: SummaryWriter | None = None

    @property
    def state_key(self) -> str:
        """The callback's name in checkpoints."""
        return "journal"

    @property
    def metrics(self) -> Path:
        """The table."""
        return self.folder / "metrics.csv"

    @property
    def samples(self) -> Path:
        """The sample outputs."""
        return self.folder / "samples.txt"

    def on_train_start(self, trainer: L.Trainer, module: TrainingModule) -> None:  # type: ignore[override]
        """Open the files, and take back what a resumed run will write again."""
        self.begun = self._mark = time.monotonic()
        if not first():
            return
        done = trainer.global_step
        if loss := rewind_table(self.metrics, self.columns, done):
            self.say(loss)
        rewind_samples(self.samples, done)
        with self._full_disk_told():
            self._writer = SummaryWriter(str(self.folder / "tensorboard"), purge_step=done + 1)

    def on_step_end(self, trainer: L.Trainer, module: TrainingModule, batch: Batch) -> None:
        """Write a row if it is time."""
        if trainer.global_step % EVERY and trainer.global_step < trainer.max_steps:
            return
        means, rate = self._last = self._timed(module.read_sums())
        self._mark = time.monotonic()
        self._write(
            trainer.global_step,
            epoch=batch.epoch + 1,
            loss=means.loss,
            nll=means.nll,
            gradient_norm=means.norm,
            learning_rate=module.rate(trainer.global_step - 1),
            **{self.clocks[0]: rate},
        )

    def latest(self, module: TrainingModule) -> tuple[Means, float]:
        """The means of the last row and its speed in units a second; before the first, those so far."""
        return self._last or self._timed(module.means())

    def _timed(self, means: Means) -> tuple[Means, float]:
        return means, means.units / (time.monotonic() - self._mark)

    def validated(self, result: ValidationResult, step: int, best: bool, seconds: float) -> None:
        """Write the scores and the samples of a validation."""
        self._mark += seconds  # which were not training's
        if not first():
            return
        self._write(step, **{f"validation_{name}": value for name, value in result.scores.items()})
        scores = "  ".join(f"{name} {value:.4f}" for name, value in result.scores.items())
        texts = "".join(
            f"  source     {one.source}\n  reference  {one.reference}\n  output     {one.output}\n\n"
            for one in result.samples
        )
        append(self.samples, f"step {step}  {scores}{'  (best)' if best else ''}\n{texts}")

    def _write(self, step: int, **values: float) -> None:
        if not first():
            return
        seconds = self.elapsed + time.monotonic() - self.begun
        row = {"step": step, "seconds": round(seconds, 1)} | values
        line = io.StringIO()
        csv.DictWriter(line, self.columns, lineterminator="\n").writerow(row)
        append(self.metrics, line.getvalue())
        assert self._writer is not None
        with self._full_disk_told():
            for name, value in values.items():
                self._writer.add_scalar(name.replace("validation_", "validation/"), value, step)

    def on_fit_end(self, trainer: L.Trainer, module: TrainingModule) -> None:  # type: ignore[override]
        """Close the files."""
        with self._full_disk_told():
            self._close()

    def on_exception(self, trainer: L.Trainer, module: TrainingModule, exception: BaseException) -> None:  # type: ignore[override]
        """Close the files; what ended the run is what is reported."""
        with suppress(OSError):
            self._close()

    def _close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    @contextmanager
    def _full_disk_told(self) -> Iterator[None]:
        """WorkError where TensorBoard's files cannot be written: their thread's error has no name in it."""
        try:
            yield
        except OSError as error:
            raise WorkError(f"cannot write {self.folder / 'tensorboard'}: {error.strerror or error}") from None

    def state_dict(self) -> dict[str, Any]:
        """For the checkpoint."""
        return {"seconds": self.elapsed + time.monotonic() - self.begun}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From the checkpoint."""
        self.elapsed = state_dict["seconds"]
