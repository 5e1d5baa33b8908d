"""Ctrl-C and SIGTERM stop a run at the next step, with a checkpoint; a second Ctrl-C stops it at once."""

import signal
import threading
from types import FrameType
from typing import Any

import lightning as L

from s2s.training.stepping import StepCallback
from s2s.training.task import StepBatch, Task


class Interruption(StepCallback):
    """Watches for the two signals while batches are trained."""

    def __init__(self) -> None:
        self.signal: int | None = None
        """The signal that came, if any."""
        self._before: dict[int, Any] = {}

    def on_train_start(self, trainer: L.Trainer, task: Task) -> None:  # type: ignore[override]
        """Take over the signals, from Lightning too."""
        if threading.current_thread() is not threading.main_thread():
            return  # Python gives signals to the main thread only
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = number

    def on_step_end(self, trainer: L.Trainer, task: Task, batch: StepBatch) -> None:
        """Stop if asked to, on every process if on any."""
        if trainer.strategy.reduce_boolean_decision(self.signal is not None, all=False):
            trainer.should_stop = True

    def on_train_end(self, trainer: L.Trainer, task: Task) -> None:  # type: ignore[override]
        """Give the signals back."""
        self._restore()

    def on_exception(self, trainer: L.Trainer, task: Task, exception: BaseException) -> None:  # type: ignore[override]
        """Give the signals back."""
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}
