"""The endless stream of training batches, for Lightning."""

from functools import cached_property
from typing import Any

import lightning as L
import torch
from torch.utils.data import DataLoader

from s2s.config.training import Batches
from s2s.data.batches import Batch, Examples
from s2s.data.sampler import Planner, TokenBatches, plan_batches
from s2s.training.processes import rank, ranks


class TrainingData(L.LightningDataModule):
    """Batches planned by `TokenBatches` and made of examples, here or in worker processes.

    Args:
        examples: make a batch of a plan; a pure function of it.
        config: budget, accumulation, workers.
        seed: of the order.
        start: (epoch, step within it) to begin at.
        plan: shares out the examples of an epoch.
    """

    def __init__(
        self,
        examples: Examples,
        config: Batches,
        seed: int,
        start: tuple[int, int] = (0, 0),
        plan: Planner = plan_batches,
    ) -> None:
        super().__init__()
        self.examples, self.batches, self.seed, self.start, self.plan = examples, config, seed, start, plan

    @cached_property
    def sampler(self) -> TokenBatches:
        """The plans of this process."""
        return TokenBatches(
            self.examples.lengths,
            self.batches.budget,
            self.batches.accumulate,
            self.seed,
            rank(),
            ranks(),
            self.start,
            self.plan,
        )

    def following(self, batch: Batch) -> tuple[int, int]:
        """Where to begin so as to go on after the step of a batch."""
        return self.sampler.following(batch.epoch, batch.step)

    def train_dataloader(self) -> DataLoader[Any]:
        """The batches of this process, without end."""
        return DataLoader(
            self.examples,
            batch_size=None,  # examples make whole batches
            sampler=self.sampler,
            num_workers=self.batches.workers,
            collate_fn=_as_is,
            pin_memory=self.trainer is not None and self.trainer.strategy.root_device.type == "cuda",
            generator=torch.Generator(),  # its own, or the loader would draw from the one that dropout draws from
            persistent_workers=False,
        )


def _as_is(batch: Any) -> Any:
    return batch
