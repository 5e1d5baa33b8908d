"""Text as inputs and as targets of examples."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from s2s.data.batches import filled, pad, text_target
from s2s.data.corpus import Ints, Side
from s2s.text.charset import Charset
from s2s.text.labels import Labels
from s2s.text.vocabulary import PAD


class TextInputs:
    """Sentences in subwords and EOS."""

    def __init__(self, side: Side) -> None:
        self.side = side

    def sizes(self, epoch: int | None) -> Ints:
        """Tokens, EOS included (N,)."""
        return self.side.lengths(epoch) + 1

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Tokens (B, S) and their number (B,)."""
        flat, lengths = self.side.segment(epoch, rows)
        return torch.from_numpy(pad(flat, lengths)), torch.from_numpy(lengths + 1)

    def shape(self, source: Tensor) -> str:
        """See Inputs."""
        return f"up to {source.shape[1]:,} tokens"


class WordInputs(TextInputs):
    """Sentences in subwords and EOS, and which of them are of which word."""

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Tokens (B, S), and how many each word has (B, W), 0 behind the last word."""
        tokens, _ = super().tensors(rows, epoch)
        return tokens, torch.from_numpy(filled(*self.side.words(epoch, rows), 0))


class TagTargets:
    """Tags to predict, one a word.

    Args:
        side: their ids, as `s2s.text.tags.Tags` has them.
    """

    def __init__(self, side: Side) -> None:
        self.side = side

    def sizes(self, epoch: int | None) -> Ints:
        """Words (N,)."""
        return self.side.lengths(epoch)

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[dict[str, Tensor], int]:
        """See Targets."""
        flat, lengths = self.side.segment(epoch, rows)
        return {"tags": torch.from_numpy(filled(flat, lengths, PAD))}, len(flat)


class SubwordTargets:
    """Sentences to be written in subwords."""

    def __init__(self, side: Side) -> None:
        self.side = side

    def sizes(self, epoch: int | None) -> Ints:
        """Tokens, EOS included (N,)."""
        return self.side.lengths(epoch) + 1

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[dict[str, Tensor], int]:
        """See Targets."""
        return text_target(*self.side.segment(epoch, rows))


class LabelTargets:
    """Classes to be predicted, one a text.

    Args:
        side: their ids, as `s2s.text.labels.Labels` has them.
    """

    def __init__(self, side: Side) -> None:
        self.side = side

    def sizes(self, epoch: int | None) -> Ints:
        """One each (N,)."""
        return self.side.lengths(epoch)

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[dict[str, Tensor], int]:
        """See Targets."""
        return {"label": torch.from_numpy(self.side.segment(epoch, rows)[0])}, len(rows)


class NameTargets:
    """Classes to be predicted by their names, one an example.

    Args:
        names: of the classes.
        labels: turns them into ids.
    """

    def __init__(self, names: Sequence[str], labels: Labels) -> None:
        self._ids = np.array([labels.id(name) for name in names], np.int64)

    def sizes(self, epoch: int | None) -> Ints:
        """One each (N,)."""
        return np.ones(len(self._ids), np.int64)

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[dict[str, Tensor], int]:
        """See Targets."""
        return {"label": torch.from_numpy(self._ids[rows])}, len(rows)


class CharacterTargets:
    """Texts to be written in characters.

    Args:
        texts: in NFC.
        charset: turns them into ids.
    """

    def __init__(self, texts: Sequence[str], charset: Charset) -> None:
        self.texts, self.charset = texts, charset
        self._sizes = np.array([len(text) + 1 for text in texts], np.int64)

    def sizes(self, epoch: int | None) -> Ints:
        """Characters and the end mark (N,), the same in every epoch."""
        return self._sizes

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[dict[str, Tensor], int]:
        """See Targets."""
        ids = [self.charset.encode(self.texts[row]) for row in rows.tolist()]
        flat = np.array([number for one in ids for number in one], np.int64)
        return text_target(flat, np.array([len(one) for one in ids], np.int64))
