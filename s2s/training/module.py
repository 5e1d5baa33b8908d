"""What every trained model shares: the loss normalised by the whole step, the optimiser, the schedule, running sums."""

import math
from dataclasses import dataclass
from typing import Any

import lightning as L
import torch
from torch import Tensor, nn

from s2s.config.experiment import Experiment
from s2s.data.batches import Batch
from s2s.nn.memory import DecoderState
from s2s.training.objectives import Objective
from s2s.training.optimizers import build_optimizer, clip
from s2s.training.processes import gather, rank, ranks
from s2s.training.schedules import first_moment_decay, learning_rate

CARRIED = "carried"
"""The key of a checkpoint with the state that the next batch goes on from, layer by layer."""


@dataclass
class Part:
    """What a batch of the optimiser step in hand has contributed."""

    rows: Tensor
    """Which examples it has (B,)."""
    loss: Tensor
    nll: Tensor
    tokens: int
    units: int
    state: DecoderState | None = None
    """What the batch after it goes on from."""


@dataclass
class Means:
    """Means over the tokens, and the gradient norm's mean over the steps, since the last reading."""

    loss: float
    nll: float
    tokens: int
    norm: float
    units: int
    """Units of speed that were done since."""


class TrainingModule(L.LightningModule):
    """A model in training.

    Args:
        model: what is trained, and saved.
        objective: what is minimised.
        config: the experiment.
    """

    def __init__(self, model: nn.Module, objective: Objective, config: Experiment) -> None:
        super().__init__()
        self.model, self.objective = model, objective
        self.optimizer_config, self.schedule_config, self.training_config = (
            config.optimizer,
            config.schedule,
            config.training,
        )
        self.accumulate = config.batches.accumulate
        self.unit = config.target.speed or config.source.speed
        """What speed is counted in: tokens of the target, or examples under their own name."""
        self.budget = config.source.unit
        """The key of `batches` that limits a batch."""
        self.sums = torch.zeros(5, dtype=torch.float64)
        """Running loss, nll, tokens, gradient norm and steps of this process since they were last read."""
        self.units = 0
        """Its units of speed since then."""
        self.at_hand = ""
        """How large the latest batch is, for people."""
        self.parts: list[Part] = []
        """The batches of this step, or of the one just done."""
        self.fault: str | None = None
        """What this process found wrong with the step just done."""
        self.skipped = False
        """Whether it was not taken, in all processes."""
        self._before: list[Tensor] = []
        """The model's buffers as they were before this step."""

    def training_step(self, batch: Batch, batch_index: int) -> Tensor:
        """The batch's summed loss over the tokens of the whole optimiser step.

        Accumulated gradients, averaged over processes, are then those of one big batch.
        """
        if batch_index % self.accumulate == 0:
            self.parts = []
            self._before = [buffer.clone() for buffer in self.model.buffers()]
        self.at_hand = batch.size
        sums = self.objective.sums(self.model, batch, self.global_step)
        units = batch.tokens if self.unit == "tokens" else len(batch.rows)
        self.parts.append(Part(batch.rows, sums.loss.detach(), sums.nll, sums.tokens, units, sums.state))
        # Lightning divides by the first factor and DDP by the second.
        return sums.loss * (self.accumulate * self.trainer.world_size / batch.step_tokens)

    def read_sums(self) -> Means:
        """The means over all processes since the last reading, which all of them ask for; begins anew."""
        shares = gather((self.sums.tolist(), self.units))
        self.sums.zero_()
        self.units = 0
        sums = [sum(column) for column in zip(*(sums for sums, _ in shares), strict=True)]
        return _means(sums, sum(units for _, units in shares))

    def means(self) -> Means:
        """The means since the last reading in this process, and the speed as if the others were as fast."""
        return _means(self.sums.tolist(), self.units * ranks())

    def on_train_start(self) -> None:
        """Sum where the losses are, and have the state there."""
        self.sums = self.sums.to(self.device)
        if self.objective.state is not None:
            self.objective.state = self.objective.state.map(lambda tensor: tensor.to(self.device))

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the sums of every process, and the state that the next batch goes on from."""
        checkpoint["sums"] = gather(self.sums.tolist())
        if (state := self.objective.state) is not None:
            checkpoint[CARRIED] = [[part.cpu() for part in layer] for layer in state.layers]

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on from the sums and the state."""
        if CARRIED in checkpoint:
            self.objective.state = DecoderState(tuple(map(tuple, checkpoint[CARRIED])))
        self.sums = torch.tensor(checkpoint["sums"], dtype=torch.float64).view(-1, 5)[rank()]

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """AdamW; see `build_optimizer`."""
        return build_optimizer(self.model, self.optimizer_config, fused=self.training_config.precision != "16")

    def rate(self, step: int) -> float:
        """The learning rate of an optimiser step, from 0."""
        return learning_rate(self.optimizer_config, self.schedule_config, step, self.training_config.steps)

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Set the rates of this step."""
        step, steps = self.global_step, self.training_config.steps
        for group in optimizer.param_groups:
            group["lr"] = self.rate(step)
            beta1 = first_moment_decay(self.optimizer_config, self.schedule_config, step, steps)
            group["betas"] = (beta1, self.optimizer_config.beta2)

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip as the config says; where loss or gradient are not numbers, leave everything as before the step."""
        norm = clip([p for p in self.model.parameters() if p.grad is not None], self.optimizer_config)
        self.fault = self._find_fault(norm)
        # Another process may have seen what this one has not.
        self.skipped = self.trainer.strategy.reduce_boolean_decision(self.fault is not None, all=False)
        if self.skipped:
            self._undo()
            return
        for part in self.parts:
            self.sums[:2] += torch.stack([part.loss, part.nll])
            self.sums[2] += part.tokens
            self.units += part.units
            self.objective.state = part.state
        self.sums[3] += norm
        self.sums[4] += 1

    def _find_fault(self, norm: Tensor) -> str | None:
        """What of the step is not a number. A gradient in fp16 may be: its scaler skips the step."""
        losses = torch.stack([value for part in self.parts for value in (part.loss, part.nll)])
        if not bool(torch.isfinite(losses).all()):
            return f"the loss became {float(losses[~torch.isfinite(losses)][0])}"
        if self.training_config.precision != "16" and not bool(torch.isfinite(norm)):
            return f"the gradient became {float(norm)}"
        return None

    def _undo(self) -> None:
        """No gradients, so that the optimiser does nothing; what batch norms have seen is forgotten."""
        for parameter in self.model.parameters():
            parameter.grad = None
        with torch.no_grad():
            for buffer, before in zip(self.model.buffers(), self._before, strict=True):
                buffer.copy_(before)


def _means(sums: list[float], units: int) -> Means:
    loss, nll, tokens, norm, steps = sums
    if not tokens:  # no step was taken
        return Means(math.nan, math.nan, 0, math.nan, units)
    return Means(loss / tokens, nll / tokens, int(tokens), norm / max(1, steps), units)
