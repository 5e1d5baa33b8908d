"""Which kills a run has to survive: drawn from a seed and a number, so that any of them can be had again."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.training.killing import Moment

STEPS = 20
"""Of a run; it validates, and writes a checkpoint, every fifth."""
ALONE = ("translation", "recognition")
TOGETHER = "two processes of torchrun"
MOST_KILLS = 4

PHASES: dict[str, list[Callable[[Random], Moment]]] = {
    "start": [
        lambda random: Moment("at the start", 2, random.uniform(0, 0.5)),
        lambda random: Moment("while its folder is made", random.randint(1, 3)),
    ],
    "step": [
        lambda random: Moment("after a step", random.randint(1, STEPS - 1), random.uniform(0, 0.1)),
        lambda random: Moment("between the batches of a step", random.randint(1, 2 * STEPS)),
    ],
    "validation": [
        lambda random: Moment("before a validation", random.randint(1, 4), random.uniform(0, 0.1)),
        lambda random: Moment("after the result", random.randint(1, 4)),
    ],
    "writing the model": [
        lambda random: Moment("while the model is written", random.randint(1, 4)),
        lambda random: Moment("while the model is put in its place", random.randint(1, 4)),
    ],
    "writing a checkpoint": [
        lambda random: Moment("while a checkpoint is written", random.randint(1, 4)),
        lambda random: Moment("while a checkpoint is put in its place", random.randint(1, 4)),
    ],
    "end": [
        lambda random: Moment("after a step", STEPS, random.uniform(0, 0.2)),
        lambda random: Moment("before a validation", 4, random.uniform(0, 0.3)),
    ],
}


@dataclass(frozen=True)
class Kill:
    """One death, where its moment comes before the run's end."""

    phase: str
    moment: Moment
    by: str = "SIGKILL"
    """The signal; SIGTERM only after a step, for a process that goes on for a while."""
    rank: int = 0
    whom: str = "self"
    """`self`, or the `launcher`, which is torchrun."""


@dataclass(frozen=True)
class Scenario:
    """A run, the kills it has to survive one after the other, and how many workers load its batches."""

    number: int
    what: str
    kills: tuple[Kill, ...]
    workers: int


def draw(seed: int, number: int) -> Scenario:
    """The scenario of a number; the first kills of consecutive ones go through tasks and phases in turn.

    Every eighth is of two processes, which cost several times as much.
    """
    random = Random(f"{seed} {number}")
    together = number % 8 == 7
    turn = number // 8 if together else number - number // 8
    what = TOGETHER if together else ALONE[turn % 2]
    phases = list(PHASES)
    first = phases[turn % 6 if together else turn // 2 % 6]
    count = random.randint(1, 2) if together else random.randint(1, MOST_KILLS)
    chosen = [first, *random.choices(phases, k=count - 1)]
    kills = tuple(_together(random, phase) if together else _alone(random, phase) for phase in chosen)
    return Scenario(number, what, kills, 0 if together else random.choice((0, 0, 2)))


def _alone(random: Random, phase: str) -> Kill:
    moment = random.choice(PHASES[phase])(random)
    soft = moment.name == "after a step" and random.random() < 0.3
    return Kill(phase, moment, (signal.SIGTERM if soft else signal.SIGKILL).name)


def _together(random: Random, phase: str) -> Kill:
    moment = random.choice(PHASES[phase])(random)
    writing = moment.name.startswith("while")  # which the first process alone does
    return Kill(phase, moment, "SIGKILL", 0 if writing else random.randint(0, 1), random.choice(("self", "launcher")))
