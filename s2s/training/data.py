"""The endless stream of training batches, for Lightning."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import lightning as L
import torch
from torch.utils.data import DataLoader, Dataset

from s2s.config import recognition
from s2s.config.training import Batches
from s2s.data.corpus import Ints
from s2s.data.sampler import Planner, TokenBatches, plan_batches
from s2s.training.processes import rank, ranks
from s2s.training.task import StepBatch


class TrainingData(L.LightningDataModule):
    """Batches planned by `TokenBatches` and made by a dataset, here or in worker processes.

    Args:
        dataset: makes a batch of a plan; a pure function of it.
        lengths: epoch -> source and target lengths (N,) of the examples.
        budget: of a batch, as `plan` understands it.
        config: accumulation, workers.
        seed: of the order.
        start: (epoch, step within it) to begin at.
        plan: shares out the examples of an epoch.
    """

    def __init__(
        self,
        dataset: Dataset[Any],
        lengths: Callable[[int], tuple[Ints, Ints]],
        budget: int,
        config: Batches | recognition.Batches,
        seed: int,
        start: tuple[int, int] = (0, 0),
        plan: Planner = plan_batches,
    ) -> None:
        super().__init__()
        self.dataset, self.lengths, self.batches, self.seed, self.start = dataset, lengths, config, seed, start
        self.budget, self.plan = budget, plan

    @cached_property
    def sampler(self) -> TokenBatches:
        """The plans of this process."""
        return TokenBatches(
            self.lengths, self.budget, self.batches.accumulate, self.seed, rank(), ranks(), self.start, self.plan
        )

    def following(self, batch: StepBatch) -> tuple[int, int]:
        """Where to begin so as to go on after the step of a batch."""
        return self.sampler.following(batch.epoch, batch.step)

    def train_dataloader(self) -> DataLoader[Any]:
        """The batches of this process, without end."""
        return DataLoader(
            self.dataset,
            batch_size=None,  # the dataset makes whole batches
            sampler=self.sampler,
            num_workers=self.batches.workers,
            collate_fn=_as_is,
            pin_memory=self.trainer is not None and self.trainer.strategy.root_device.type == "cuda",
            generator=torch.Generator(),  # its own, or the loader would draw from the one that dropout draws from
            persistent_workers=False,
        )


def _as_is(batch: Any) -> Any:
    return batch
