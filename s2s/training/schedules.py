"""The learning rate and the first moment's decay as pure functions of the optimiser step: nothing to restore."""

import math

from s2s.config.training import Optimizer, Schedule

MOMENTUM_DIP = 0.1
"""How far one_cycle lowers beta1 at the peak rate (Smith 2018: from 0.95 to 0.85)."""


def rate_share(schedule: Schedule, step: int, steps: int) -> float:
    """Share of the peak learning rate at a step, from 0, of a run of so many steps."""
    if step < schedule.warmup:
        return (step + 1) / schedule.warmup
    if schedule.kind == "constant":
        return 1.0
    if schedule.kind == "inverse_sqrt":
        return math.sqrt(max(1, schedule.warmup) / (step + 1))
    done = min(1.0, (step - schedule.warmup) / max(1, steps - 1 - schedule.warmup))
    return schedule.final + (1 - schedule.final) * 0.5 * (1 + math.cos(math.pi * done))


def learning_rate(optimizer: Optimizer, schedule: Schedule, step: int, steps: int) -> float:
    """Learning rate at a step, from 0, of a run of so many steps."""
    return optimizer.lr * rate_share(schedule, step, steps)


def first_moment_decay(optimizer: Optimizer, schedule: Schedule, step: int, steps: int) -> float:
    """beta1 at a step; one_cycle lowers it as the rate rises."""
    if schedule.kind != "one_cycle":
        return optimizer.beta1
    return max(0.0, optimizer.beta1 - MOMENTUM_DIP * rate_share(schedule, step, steps))


def gold_share(end: float, step: int, steps: int) -> float:
    """Share of gold decoder inputs at a step: falls linearly from 1 to `end` (Bengio et al. 2015, linear decay)."""
    return 1 - (1 - end) * min(1.0, step / max(1, steps - 1))
