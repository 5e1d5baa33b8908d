"""Progress on the screen: a live line on a terminal, plain lines elsewhere; scores and samples at each validation."""

import time
from typing import Any

import lightning as L
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

from s2s.config.visible import visible
from s2s.data.batches import Batch
from s2s.training.journal import Journal
from s2s.training.module import TrainingModule
from s2s.training.stepping import StepCallback
from s2s.training.validation_callback import ValidationResult

REFRESH = 0.5
"""Seconds between updates of the live line."""
PLAIN = 10.0
"""Seconds between plain lines."""


class Screen(StepCallback):
    """Shows how far a run is.

    Args:
        console: to write on.
        journal: has the latest means.
    """

    def __init__(self, console: Console, journal: Journal) -> None:
        self.console, self.journal = console, journal
        self.best = ""
        self._live: Progress | None = None
        self._bar: Any = None
        self._begun = self._shown = 0.0
        self._first = 0

    def on_train_start(self, trainer: L.Trainer, module: TrainingModule) -> None:  # type: ignore[override]
        """Begin."""
        self._begun, self._first = time.monotonic(), trainer.global_step
        self._shown = 0.0
        if self.console.is_terminal:
            text = TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1))
            columns = BarColumn(16), TextColumn("{task.completed:,}/{task.total:,}"), text
            # Not refreshed by a thread of its own: it would take turns with training.
            self._live = Progress(*columns, console=self.console, auto_refresh=False, transient=True, expand=True)
            self._bar = self._live.add_task("", total=trainer.max_steps, completed=trainer.global_step)
            self._live.start()

    def on_step_end(self, trainer: L.Trainer, module: TrainingModule, batch: Batch) -> None:
        """Update if it is time."""
        now, step = time.monotonic(), trainer.global_step
        if now - self._shown < (REFRESH if self._live else PLAIN) and step < trainer.max_steps:
            return
        self._shown = now
        left = (now - self._begun) / (step - self._first) * (trainer.max_steps - step)
        means, rate = self.journal.latest(module)
        text = f"{clock(left)} left  loss {means.loss:.3f}  {rate:,.0f} {module.unit}/s"
        more = f"epoch {batch.epoch + 1}  lr {module.rate(step - 1):.2e}"
        if self._live is None:
            self.say(f"step {step:,}/{trainer.max_steps:,}  {text}  {more}")
        else:
            best = f"best {self.best}  " if self.best else ""
            self._live.update(self._bar, completed=step, description=f"{text}  {best}{more}")
            self._live.refresh()

    def validated(self, result: ValidationResult, step: int, best: bool, seconds: float) -> None:
        """Print scores and samples."""
        scores = [f"{name} {value:.{3 if name == 'loss' else 2}f}" for name, value in result.scores.items()]
        if best:
            self.best = scores[-1]
        note = "  best so far" if best else ""
        self.say(f"validation at step {step:,}: {'  '.join(scores)}{note}  ({seconds:.1f} s)")
        for note in result.notes:
            self.say(f"  {note}")
        for sample in result.samples:
            for line in (f"source    {sample.source}", f"reference {sample.reference}", f"output    {sample.output}"):
                self.say(f"  {line}")
            self.say("")

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.print(visible(text), markup=False, highlight=False, soft_wrap=True)

    def on_train_end(self, trainer: L.Trainer, module: TrainingModule) -> None:  # type: ignore[override]
        """Take the live line away."""
        self._stop()

    def on_exception(self, trainer: L.Trainer, module: TrainingModule, exception: BaseException) -> None:  # type: ignore[override]
        """Take the live line away."""
        self._stop()

    def _stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss or m:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
