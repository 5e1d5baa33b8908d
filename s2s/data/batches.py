"""Batches of examples as tensors, whatever is read and whatever is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from s2s.data.corpus import Ints
from s2s.data.movable import Movable
from s2s.data.sampler import Plan
from s2s.text.vocabulary import BOS, EOS, PAD


class Inputs(Protocol):
    """What is read of every example. An epoch of None is the plain form: best segmentation, no augmentation."""

    def sizes(self, epoch: int | None) -> Ints:
        """What each takes of a batch's budget (N,)."""
        ...

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Some of them, padded, and their real lengths (B,)."""
        ...

    def shape(self, source: Tensor) -> str:
        """How large a batch of them is, for people."""
        ...


class Targets(Protocol):
    """What is written of every example."""

    def sizes(self, epoch: int | None) -> Ints:
        """Tokens that the loss of each is a sum over (N,)."""
        ...

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[dict[str, Tensor], int]:
        """What an objective needs of some of them, by name, and the tokens that the loss is a sum over."""
        ...


@dataclass
class Batch(Movable):
    """Some examples."""

    source: Tensor
    """What is read, padded: tokens (B, S), or pictures (B, C, H, W) of uint8."""
    lengths: Tensor
    """How much of each row is real (B,): tokens, or columns; or tokens of each of its words (B, W), 0 behind them."""
    target: dict[str, Tensor]
    """What is to be written. Text: `in` BOS and the tokens (B, T), `out` the tokens and EOS (B, T), both padded with
    PAD, and `lengths` (B,), the tokens without EOS. A class: `label` (B,), its id. Tags: `tags` (B, W), their
    ids, padded with PAD."""
    tokens: int
    """Target tokens that the loss is a sum over."""
    step_tokens: int
    """Those of the whole optimiser step that the batch is a part of."""
    rows: Tensor
    """Which examples these are (B,)."""
    epoch: int
    """The epoch that they were made for."""
    step: int
    """The optimiser step within the epoch."""
    size: str
    """What it takes memory by, for people."""


class Examples(Dataset[Batch]):
    """Inputs and targets looked up by plan: `examples[plan]` is the plan's batch.

    Args:
        inputs: what is read.
        targets: what is written.
        known_by: what people know an example by, for files of bad batches.
    """

    def __init__(self, inputs: Inputs, targets: Targets, known_by: Callable[[int], dict[str, str]]) -> None:
        self.inputs, self.targets, self.known_by = inputs, targets, known_by

    def __getitem__(self, plan: Plan) -> Batch:
        return self.batch(plan, plan.epoch)

    def lengths(self, epoch: int | None) -> tuple[Ints, Ints]:
        """Sizes of the inputs and of the targets (N,)."""
        return self.inputs.sizes(epoch), self.targets.sizes(epoch)

    def batch(self, plan: Plan, epoch: int | None) -> Batch:
        """The batch of a plan as it looks in an epoch."""
        source, lengths = self.inputs.tensors(plan.rows, epoch)
        target, tokens = self.targets.tensors(plan.rows, epoch)
        return Batch(
            source=source,
            lengths=lengths,
            target=target,
            tokens=tokens,
            step_tokens=plan.step_tokens,
            rows=torch.from_numpy(plan.rows),
            epoch=plan.epoch,
            step=plan.step,
            size=f"{len(plan.rows):,} examples of {self.inputs.shape(source)}",
        )


def text_target(flat: Ints, lengths: Ints) -> tuple[dict[str, Tensor], int]:
    """Texts as a batch's target, from their tokens one after the other and how many each has (B,); all tokens."""
    read, written = teacher_forcing(flat, lengths)
    return {"in": read, "out": written, "lengths": torch.from_numpy(lengths)}, int(lengths.sum()) + len(lengths)


def teacher_forcing(flat: Ints, lengths: Ints) -> tuple[Tensor, Tensor]:
    """What a decoder reads, BOS and the tokens, and what it is to write, the tokens and EOS: (B, T) both."""
    target_out = pad(flat, lengths)
    target_in = np.full_like(target_out, BOS)
    target_in[:, 1:] = np.where(target_out[:, :-1] == EOS, PAD, target_out[:, :-1])
    return torch.from_numpy(target_in), torch.from_numpy(target_out)


def pad(flat: Ints, lengths: Ints) -> NDArray[np.int64]:
    """Lay runs of tokens under each other, each followed by EOS and then PAD (B, longest + 1)."""
    padded = filled(flat, lengths, PAD, 1)
    padded[np.arange(len(lengths)), lengths] = EOS
    return padded


def filled(flat: Ints, lengths: Ints, value: int, more: int = 0) -> NDArray[np.int64]:
    """Lay runs of numbers under each other, and behind each a `value` (B, longest + `more`)."""
    padded = np.full((len(lengths), int(lengths.max()) + more), value, np.int64)
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = flat
    return padded
