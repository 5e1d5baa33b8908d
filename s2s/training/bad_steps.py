"""A step whose loss or gradient is not a number is not taken, and its examples are written down; once in a run.

The second such step of a run, whenever it comes and however often the run was resumed in between, ends it: one may be
the data's fault, two are the training's. In fp16 a gradient that is too large is the gradient scaler's affair, which
skips such steps by itself and lowers its scale; only the loss is checked there.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import lightning as L
import torch

from s2s.config.errors import WorkError
from s2s.data.atomic import write_atomically
from s2s.data.batches import Batch
from s2s.training.module import TrainingModule
from s2s.training.stepping import StepCallback

FOLDER = "bad-batches"
"""Where in the run's folder the examples are."""
_REMEDY = "start a new run with a lower optimizer.lr or optimizer.clip_norm, or with training.precision 32"


class BadSteps(StepCallback):
    """Watches over the numbers: before whatever looks at the weights after a step.

    Args:
        folder: of the run.
        every: optimiser steps between validations, before which the weights are looked at too.
        examples: rows of a batch to what people know them by.
        say: prints a line.
    """

    def __init__(
        self,
        folder: Path,
        every: int,
        examples: Callable[[Sequence[int]], list[dict[str, str]]],
        say: Callable[[str], None],
    ) -> None:
        self.folder, self.every, self.examples, self.say = folder / FOLDER, every, examples, say
        self.skipped: list[int] = []
        """The steps, from 1, that were not taken."""

    @property
    def state_key(self) -> str:
        """The callback's name in checkpoints."""
        return "bad_steps"

    def on_step_end(self, trainer: L.Trainer, module: TrainingModule, batch: Batch) -> None:
        """Write down, count and report a step that was not taken; WorkError at the second one."""
        step = trainer.global_step
        if module.skipped:
            path = self._write(trainer, module)
            self.skipped.append(step)
            fault = module.fault or "another process's numbers became nan or inf"
            if len(self.skipped) > 1:
                raise WorkError(
                    f"{fault} at step {step:,}, as at step {self.skipped[0]:,}; the examples of both are in "
                    f"{self.folder}, and the last checkpoint, if any, is intact; {_REMEDY}"
                )
            self.say(f"step {step:,} is skipped: {fault}; its examples are in {path}; the next such step ends the run")
        if step % self.every == 0 or step >= trainer.max_steps:
            _check(module, step)

    def on_save_checkpoint(self, trainer: L.Trainer, module: TrainingModule, checkpoint: dict[str, Any]) -> None:  # type: ignore[override]
        """WorkError rather than a checkpoint of weights that are no numbers."""
        _check(module, trainer.global_step)

    def _write(self, trainer: L.Trainer, module: TrainingModule) -> Path:
        """The examples of the step, one JSON object a line; each process writes its own."""
        rank = f"-process-{trainer.global_rank}" if trainer.world_size > 1 else ""
        path = self.folder / f"step-{trainer.global_step}{rank}.jsonl"
        lines = [
            {"step": trainer.global_step, "batch": number, "batch_loss": str(float(part.loss)), **example}
            for number, part in enumerate(module.parts)
            for example in self.examples(part.rows.tolist())
        ]
        self.folder.mkdir(exist_ok=True)
        write_atomically(path, "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines))
        return path

    def state_dict(self) -> dict[str, Any]:
        """For the checkpoint."""
        return {"skipped": self.skipped}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From the checkpoint."""
        self.skipped = state_dict["skipped"]


def _check(module: TrainingModule, step: int) -> None:
    """WorkError if the weights are not numbers any more."""
    floating = [one for one in module.model.state_dict().values() if one.is_floating_point()]
    if not bool(torch.stack([torch.isfinite(one).all() for one in floating]).all()):
        raise WorkError(
            f"the weights are not numbers any more at step {step:,}; the last checkpoint, if any, is intact; {_REMEDY}"
        )
