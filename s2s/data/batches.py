"""Batches of sentence pairs as tensors."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from s2s.data.corpus import Corpus, Ints
from s2s.data.movable import Movable
from s2s.data.sampler import Plan
from s2s.text.codec import BOS, EOS, PAD


@dataclass
class Batch(Movable):
    """Sentence pairs, padded with PAD."""

    source: Tensor
    """Source subwords and EOS (B, S)."""
    source_lengths: Tensor
    """Their number, EOS included (B,)."""
    target_in: Tensor
    """BOS and the target subwords (B, T)."""
    target_out: Tensor
    """The target subwords and EOS (B, T)."""
    target_tokens: int
    """Target tokens, EOS included."""
    step_tokens: int
    """Target tokens of the whole optimiser step that the batch is a part of."""
    rows: Tensor
    """Which examples these are (B,)."""
    epoch: int
    """The epoch that they were segmented for."""
    step: int
    """The optimiser step within the epoch."""

    @property
    def size(self) -> str:
        """What it takes memory by."""
        longest = f"{self.source.shape[1]:,} + {self.target_out.shape[1]:,}"
        return f"{len(self.rows):,} pairs of up to {longest} tokens"


class PairBatches(Dataset[Batch]):
    """Corpus looked up by plan: `batches[plan]` is the plan's batch."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus

    def __getitem__(self, plan: Plan) -> Batch:
        return collate(self.corpus, plan)


def collate(corpus: Corpus, plan: Plan, resample: bool = True) -> Batch:
    """Segment and pad the pairs of a plan; without `resample` in their best segmentation."""
    epoch = plan.epoch if resample else None
    source, source_lengths = corpus.source.segment(epoch, plan.rows)
    target, target_lengths = corpus.target.segment(epoch, plan.rows)
    target_in, target_out = teacher_forcing(target, target_lengths)
    return Batch(
        source=torch.from_numpy(pad(source, source_lengths)),
        source_lengths=torch.from_numpy(source_lengths + 1),
        target_in=target_in,
        target_out=target_out,
        target_tokens=int(target_lengths.sum()) + len(plan.rows),
        step_tokens=plan.step_tokens,
        rows=torch.from_numpy(plan.rows),
        epoch=plan.epoch,
        step=plan.step,
    )


def teacher_forcing(flat: Ints, lengths: Ints) -> tuple[Tensor, Tensor]:
    """What a decoder reads, BOS and the tokens, and what it is to write, the tokens and EOS: (B, T) both."""
    target_out = pad(flat, lengths)
    target_in = np.full_like(target_out, BOS)
    target_in[:, 1:] = np.where(target_out[:, :-1] == EOS, PAD, target_out[:, :-1])
    return torch.from_numpy(target_in), torch.from_numpy(target_out)


def pad(flat: Ints, lengths: Ints) -> NDArray[np.int64]:
    """Lay runs of subwords under each other, each followed by EOS and then PAD (B, longest + 1)."""
    padded = np.full((len(lengths), int(lengths.max()) + 1), PAD, np.int64)
    column = np.arange(padded.shape[1])
    padded[column < lengths[:, None]] = flat
    padded[np.arange(len(lengths)), lengths] = EOS
    return padded
