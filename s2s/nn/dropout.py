"""Dropout for recurrent networks: masks that stay the same through a sequence, or strike whole words."""

import torch
from torch import Tensor, nn


class LockedDropout(nn.Module):
    """One dropout mask a sequence, shared by all its steps (Gal & Ghahramani 2016)."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, values: Tensor) -> Tensor:
        """Drop features of `values` (B, T, D), the same ones at every step of a row."""
        mask = self.draw(values)
        return values if mask is None else values * mask

    def draw(self, values: Tensor) -> Tensor | None:
        """A mask for values like these, to be multiplied with; None where nothing is dropped."""
        if not self.training or self.probability == 0:
            return None
        rows, steps, features = values.shape
        mask = values.new_empty(self._mask_shape(rows, steps, features)).bernoulli_(1 - self.probability)
        return mask.div_(1 - self.probability)

    def _mask_shape(self, rows: int, steps: int, features: int) -> tuple[int, int, int]:
        return rows, 1, features


class WordDropout(LockedDropout):
    """Zeroes all features of a step: the model must do without the word (Sennrich & Zhang 2019, section 2)."""

    def _mask_shape(self, rows: int, steps: int, features: int) -> tuple[int, int, int]:
        return rows, steps, 1


def weight_drop(weight: Tensor, probability: float, training: bool) -> Tensor:
    """DropConnect on a weight matrix, one mask a call (Merity et al. 2018, section 2)."""
    return torch.nn.functional.dropout(weight, probability, training and probability > 0)
