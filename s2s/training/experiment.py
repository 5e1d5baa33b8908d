"""What `train` needs of any kind of model: the parts that differ from task to task, put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from s2s.training.data import TrainingData
from s2s.training.task import Task
from s2s.training.validation import Judge


@dataclass
class Experiment:
    """A model, its data and its judge, ready to be trained."""

    task: Task
    data: TrainingData
    judge: Judge
    worst_batch: Callable[[], Any]
    """The largest batch of the first epoch."""
    examples: Callable[[Sequence[int]], list[dict[str, str]]]
    """What people know the rows of a batch by."""
    luggage: Callable[[], dict[str, Any]]
    """What a checkpoint needs to be a model by itself."""
    account: list[str]
    """Lines that say what the experiment is: sizes, parameters, steps, padding, what was left out."""
