"""The worst batch runs first: what does not fit in memory shows at the start, not after an hour."""

from collections.abc import Callable
from typing import Any

import lightning as L
import torch

from s2s.nn.shortage import memory_for
from s2s.training.task import Task


class Rehearsal(L.Callback):
    """One forward and backward pass of the largest batch; the model and the random numbers stay as they were.

    Args:
        batch: makes that batch.
    """

    def __init__(self, batch: Callable[[], Any]) -> None:
        self.batch = batch

    def on_train_start(self, trainer: L.Trainer, task: Task) -> None:  # type: ignore[override]
        """Run it; WorkError if memory does not suffice."""
        batch = self.batch().to(task.device)
        devices = [task.device] if task.device.type == "cuda" else []
        parameters = [parameter for parameter in task.model.parameters() if parameter.requires_grad]
        buffers = {buffer: buffer.clone() for buffer in task.model.buffers()}  # batch norms count what they see
        try:
            with (
                memory_for(lambda: f"the largest batch, {batch.size}; lower batches.{task.budget}"),
                torch.random.fork_rng(devices),
                trainer.precision_plugin.train_step_context(),
            ):
                loss = task.objective.sums(task.model, batch, task.global_step).loss
                # Not backward(): gradients must stay None, and DDP's hooks must not fire.
                torch.autograd.grad(loss, parameters, allow_unused=True)
        finally:
            with torch.no_grad():
                for buffer, before in buffers.items():
                    buffer.copy_(before)
