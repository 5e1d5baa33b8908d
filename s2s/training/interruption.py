"""Ctrl-C and SIGTERM stop a run at the next step, with a checkpoint; a second one stops it at once."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

import lightning as L

from s2s.data.batches import Batch
from s2s.training.module import TrainingModule
from s2s.training.processes import largest
from s2s.training.stepping import StepCallback


class _Impatience(BaseException):
    """The second signal. Not KeyboardInterrupt, which Lightning would swallow and leave the process."""


class Interruption(StepCallback):
    """Watches for the two signals inside `with`, and raises KeyboardInterrupt out of it if they came twice."""

    def __init__(self) -> None:
        self.signal: int | None = None
        """The signal that stops the run, if one came to any of its processes."""
        self._came: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}
        if isinstance(error, _Impatience):
            raise KeyboardInterrupt from None

    def on_train_start(self, trainer: L.Trainer, module: TrainingModule) -> None:  # type: ignore[override]
        """Take the signals back from Lightning, whose own handling would lose the step."""
        self._take()

    def _take(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return  # Python gives signals to the main thread only
        for number in (signal.SIGINT, signal.SIGTERM):
            before = signal.signal(number, self._note)
            self._before.setdefault(number, before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._came is not None:
            raise _Impatience
        self._came = number

    def on_step_end(self, trainer: L.Trainer, module: TrainingModule, batch: Batch) -> None:
        """Stop if asked to, on every process if on any."""
        number = largest(self._came or 0)
        if number:
            self.signal = number
            trainer.should_stop = True
