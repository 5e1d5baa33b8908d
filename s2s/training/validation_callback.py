"""Validation by real decoding every so many steps: the best model is kept, a run that gets no better is stopped."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import lightning as L
import torch

from s2s.config.training import Validation as Config
from s2s.data.batches import Batch
from s2s.nn.out_of_memory import memory_for
from s2s.training.averaging import Averaging
from s2s.training.module import TrainingModule
from s2s.training.processes import first
from s2s.training.stepping import StepCallback


@dataclass(frozen=True)
class Sample:
    """One validation example as people read it."""

    source: str
    reference: str
    output: str


@dataclass(frozen=True)
class ValidationResult:
    """What came of a validation."""

    scores: dict[str, float]
    """By name; `loss`, the negative log-likelihood of a token, first, and the score that counts last."""
    samples: list[Sample]
    """A few examples."""
    notes: Sequence[str] = ()
    """What else people should know."""
    signatures: Mapping[str, str] = field(default_factory=dict)
    """How each score that has a signature was made, by name."""
    decoded: str = ""
    """By what beam, and what part of the split, the scores that have signatures are."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the bundle is to know of its making besides, by name."""


_REMEDY = "lower batches.{0} or decoding.batch in a new run; the last checkpoint, if any, is intact"


class Validator(Protocol):
    """Validates the weights that the model has now, and keeps them."""

    metric: str
    """The score that counts."""
    names: tuple[str, ...]
    """Names of all scores besides `loss`."""
    decoded: str
    """See ValidationResult."""
    higher_is_better: bool
    """Whether more of it is better."""
    tie_breaker: str | None
    """The score of which less is better where two models have the same of the one that counts."""

    def validate(self) -> ValidationResult:
        """Score the model."""
        ...

    def keep(self, result: ValidationResult, step: int) -> None:
        """Save the model, with its scores, as the best one so far."""
        ...


class Listener(Protocol):
    """Is called after every validation."""

    def validated(self, result: ValidationResult, step: int, best: bool, seconds: float) -> None:
        """A validation is over, which took so many seconds; `best` if no earlier one scored as well."""
        ...


class ValidationCallback(StepCallback):
    """Validates the averaged weights every so many steps and at the last one.

    Several processes share out the decoding and come to the same result; the first keeps the model.

    Args:
        validator: scores and keeps the model.
        averaging: whose weights are validated.
        config: how often.
        patience: stop after so many validations without a better score; 0 is never.
        listeners: are called, in this order.
    """

    def __init__(
        self, validator: Validator, averaging: Averaging, config: Config, patience: int, listeners: list[Listener]
    ) -> None:
        self.validator, self.averaging, self.config, self.patience = validator, averaging, config, patience
        self.listeners = listeners
        self.best: float | None = None
        self.best_tie: float | None = None
        """The tie-breaker of the best model; None where there is none, or a checkpoint of before had none."""
        self.best_step = 0
        self.waited = 0

    @property
    def state_key(self) -> str:
        """The callback's name in checkpoints."""
        return "validation"

    def on_step_end(self, trainer: L.Trainer, module: TrainingModule, batch: Batch) -> None:
        """Validate if it is time."""
        if trainer.global_step % self.config.every and trainer.global_step < trainer.max_steps:
            return
        begun = time.monotonic()
        self.averaging.validating(module.model)
        devices = [module.device] if module.device.type == "cuda" else []
        training = module.model.training
        module.model.eval()
        try:
            # Training must not notice that it was validated: the same random numbers follow.
            with (
                torch.random.fork_rng(devices),
                self.averaging.swapped_in(module.model),
                torch.no_grad(),
                memory_for(
                    lambda: f"the validation after step {trainer.global_step:,}; {_REMEDY.format(module.budget)}"
                ),
            ):
                result = self.validator.validate()
                score, second = result.scores[self.validator.metric], self.validator.tie_breaker
                tie = None if second is None else result.scores[second]
                best = self._is_best(score, tie)
                if best:
                    self.best, self.best_tie, self.best_step, self.waited = score, tie, trainer.global_step, 0
                    if first():
                        self.validator.keep(result, trainer.global_step)
                else:
                    self.waited += 1
        finally:
            module.model.train(training)
        for listener in self.listeners:
            listener.validated(result, trainer.global_step, best, time.monotonic() - begun)
        if self.patience and self.waited >= self.patience:
            trainer.should_stop = True

    def _is_best(self, score: float, tie: float | None) -> bool:
        if self.best is None:
            return True
        if score == self.best and tie is not None and self.best_tie is not None:
            return tie < self.best_tie
        return score > self.best if self.validator.higher_is_better else score < self.best

    def state_dict(self) -> dict[str, Any]:
        """For the checkpoint."""
        return {"best": self.best, "best_tie": self.best_tie, "best_step": self.best_step, "waited": self.waited}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From the checkpoint."""
        self.best, self.best_step, self.waited = (state_dict[key] for key in ("best", "best_step", "waited"))
        self.best_tie = state_dict.get("best_tie")
