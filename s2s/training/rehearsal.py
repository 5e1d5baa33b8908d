"""The worst batch runs first: what does not fit in memory shows at the start, not after an hour."""

from collections.abc import Callable
from typing import Any

import lightning as L
import torch

from s2s.nn.out_of_memory import memory_for
from s2s.training.module import TrainingModule


class Rehearsal(L.Callback):
    """One forward and backward pass of the largest batch; the model and the random numbers stay as they were.

    Args:
        batch: makes that batch.
    """

    def __init__(self, batch: Callable[[], Any]) -> None:
        self.batch = batch

    def on_train_start(self, trainer: L.Trainer, module: TrainingModule) -> None:  # type: ignore[override]
        """Run it; WorkError if memory does not suffice."""
        batch = self.batch().to(module.device)
        devices = [module.device] if module.device.type == "cuda" else []
        parameters = [parameter for parameter in module.model.parameters() if parameter.requires_grad]
        buffers = {buffer: buffer.clone() for buffer in module.model.buffers()}  # batch norms count what they see
        try:
            with (
                memory_for(lambda: f"the largest batch, {batch.size}; lower batches.{module.budget}"),
                torch.random.fork_rng(devices),
                trainer.precision_plugin.train_step_context(),
            ):
                loss = module.objective.sums(module.model, batch, module.global_step).loss
                # Not backward(): gradients must stay None, and DDP's hooks must not fire.
                torch.autograd.grad(loss, parameters, allow_unused=True)
        finally:
            with torch.no_grad():
                for buffer, before in buffers.items():
                    buffer.copy_(before)
