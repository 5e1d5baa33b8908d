"""Averaged weights: they are what is validated and kept, while the plain ones go on training."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import lightning as L
import torch
from torch import Tensor, nn

from s2s.config.training import Training
from s2s.training.module import TrainingModule


class Averaging(L.Callback):
    """An exponential moving average of the weights, or the plain mean of the last so many validated ones, or neither.

    The moving average forgets its start quickly: its decay after t steps is min(decay, (1 + t) / (10 + t)).
    """

    def __init__(self, config: Training) -> None:
        self.decay, self.last = config.ema, config.average
        self.kept: list[dict[str, Tensor]] = []
        """The moving average alone, or the last validated weights, the oldest first."""

    @property
    def state_key(self) -> str:
        """The callback's name in checkpoints."""
        return "averaging"

    def on_train_start(self, trainer: L.Trainer, module: TrainingModule) -> None:  # type: ignore[override]
        """Begin with the weights as they are, or go on with those of the checkpoint."""
        now = weights(module.model)
        if self.decay and not self.kept:
            self.kept = [{name: value.clone() for name, value in now.items()}]
        self.kept = [{name: value.to(now[name]) for name, value in one.items()} for one in self.kept]

    def on_train_batch_end(  # type: ignore[override]
        self, trainer: L.Trainer, module: TrainingModule, outputs: Any, batch: Any, batch_index: int
    ) -> None:
        """Move the average towards the weights after every optimiser step that was taken."""
        if self.decay and not module.skipped and (batch_index + 1) % module.accumulate == 0:
            decay = min(self.decay, (1 + trainer.global_step) / (10 + trainer.global_step))
            now = weights(module.model)
            torch._foreach_lerp_([self.kept[0][name] for name in now], list(now.values()), 1 - decay)

    def validating(self, model: nn.Module) -> None:
        """Take in the weights about to be validated, where the mean of the last ones is kept."""
        if self.last:
            self.kept = [*self.kept, {name: value.clone() for name, value in weights(model).items()}][-self.last :]

    def averaged(self) -> dict[str, Tensor] | None:
        """The averaged weights by name, or None where there are none."""
        if not self.kept:
            return None
        if len(self.kept) == 1:
            return self.kept[0]
        return {name: torch.stack([one[name] for one in self.kept]).mean(0) for name in self.kept[0]}

    @contextmanager
    def swapped_in(self, model: nn.Module) -> Iterator[None]:
        """Give the model its averaged weights for a while."""
        averaged = self.averaged()
        if averaged is None:
            yield
            return
        now = list(weights(model).values())
        trained = [value.clone() for value in now]
        # Copied in place, not exchanged: fused recurrent kernels know the weights by their address.
        torch._foreach_copy_(now, list(averaged.values()))
        try:
            yield
        finally:
            torch._foreach_copy_(now, trained)

    def state_dict(self) -> dict[str, Any]:
        """For the checkpoint."""
        return {"kept": self.kept}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From the checkpoint."""
        self.kept = state_dict["kept"]


def weights(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and floating-point buffers by name, tied ones once."""
    named = [*model.named_parameters(), *((name, b) for name, b in model.named_buffers() if b.is_floating_point())]
    return {name: value.detach() for name, value in named}
