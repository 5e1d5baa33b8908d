"""A text in order, as streams side by side that are read window by window: for backpropagation cut off in time.

The lines stand one after the other, each followed by the end mark. What is read before the first is an end mark too, as
before any other line. The whole is cut into streams of one length, of which the last one may end early; nothing is
left out. A window is an example, and a batch is the same window of all streams, so that the next batch goes on where
this one ends. The order is the same in every epoch: it is the text's own.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2s.data.corpus import Ints
from s2s.text.vocabulary import EOS, PAD


def lay_out(tokens: Ints, rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What is read and what is to be written (rows, T) at every place of so many streams, padded at the very end."""
    length = -(-len(tokens) // rows)
    written = np.full((rows, length), PAD, np.int64)
    written.flat[: len(tokens)] = tokens
    read = np.full((rows, length), PAD, np.int64)
    read.flat[: len(tokens)] = np.concatenate([[EOS], tokens[:-1]])
    return read, written


class Windows:
    """The windows of some streams, by number: window w of stream b of W windows is b x W + w.

    Args:
        tokens: the text (N,), ends of lines included.
        streams: how many there are; fewer where the text has fewer tokens.
        window: tokens of each window but the last.
    """

    def __init__(self, tokens: Ints, streams: int, window: int) -> None:
        self.streams, self.window = min(streams, len(tokens)), window
        self.read, self.written = lay_out(tokens, self.streams)
        self.each = -(-self.read.shape[1] // window)
        """Windows of a stream."""

    def plan(self, source: Ints, target: Ints, tokens: int, groups: int, seed: int, epoch: int) -> list[Ints]:
        """The windows of each batch of an epoch, in the text's order; a `Planner`."""
        return [np.arange(self.streams) * self.each + at for at in range(self.each)]

    def sizes(self, epoch: int | None) -> Ints:
        """Tokens of each window."""
        edges = np.arange(0, self.read.shape[1], self.window)
        return np.add.reduceat(self.written != PAD, edges, axis=1, dtype=np.int64).reshape(-1)

    def cut(self, rows: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What is read and written in some windows of one batch (B, T)."""
        at = int(rows[0]) % self.each * self.window
        columns = slice(at, at + self.window)
        return self.read[rows // self.each, columns], self.written[rows // self.each, columns]

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[dict[str, Tensor], int]:
        """See Targets."""
        read, written = (torch.from_numpy(one) for one in self.cut(rows))
        return {"in": read, "out": written}, int((written != PAD).sum())


class NoInputs:
    """Nothing is read besides what is written.

    Args:
        windows: of what is written.
    """

    def __init__(self, windows: Windows) -> None:
        self.windows = windows

    def sizes(self, epoch: int | None) -> Ints:
        """Nothing (N,)."""
        return np.zeros(self.windows.streams * self.windows.each, np.int64)

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Nothing (B, 0)."""
        return torch.empty(len(rows), 0, dtype=torch.long), torch.zeros(len(rows), dtype=torch.long)

    def shape(self, source: Tensor) -> str:
        """See Inputs."""
        return f"{self.windows.window:,} tokens"
