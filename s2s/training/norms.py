"""Batch norm's running averages in several processes: each sees its own batches, all keep the mean of what they saw.

So the model that is averaged, validated and kept is the same in all of them.
"""

import lightning as L
import torch
from torch import distributed, nn

from s2s.data.batches import Batch
from s2s.training.module import TrainingModule
from s2s.training.processes import ranks
from s2s.training.stepping import StepCallback


class SharedNorms(StepCallback):
    """Takes the mean over the processes after every optimiser step; before whatever looks at the weights then."""

    def on_step_end(self, trainer: L.Trainer, module: TrainingModule, batch: Batch) -> None:
        """Take it."""
        norms = [norm for norm in module.model.modules() if isinstance(norm, nn.modules.batchnorm._BatchNorm)]
        averages = [one for norm in norms for one in (norm.running_mean, norm.running_var) if one is not None]
        if ranks() == 1 or not averages:
            return
        flat = torch.cat(averages)
        distributed.all_reduce(flat)
        for average, mean in zip(averages, (flat / ranks()).split([len(one) for one in averages]), strict=True):
            average.copy_(mean)
