"""The order of things after an optimiser step, for callbacks that act on steps and not on batches."""

from abc import ABC, abstractmethod
from typing import Any

import lightning as L

from s2s.data.batches import Batch
from s2s.training.module import TrainingModule


class StepCallback(L.Callback, ABC):
    """A callback that is called once an optimiser step, after its last batch."""

    def on_train_batch_end(  # type: ignore[override]
        self, trainer: L.Trainer, module: TrainingModule, outputs: Any, batch: Batch, batch_index: int
    ) -> None:
        """Lightning's hook: every batch."""
        if (batch_index + 1) % module.accumulate == 0:
            self.on_step_end(trainer, module, batch)

    @abstractmethod
    def on_step_end(self, trainer: L.Trainer, module: TrainingModule, batch: Batch) -> None:
        """`trainer.global_step` steps are done; `batch` was the last one's last."""


def is_last(trainer: L.Trainer) -> bool:
    """Whether the step just done ends the run."""
    return trainer.should_stop or trainer.global_step >= trainer.max_steps
