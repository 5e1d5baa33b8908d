"""What each subword of an output looked at, where a line was translated in parts."""

import torch
from torch import Tensor

from s2s.config.errors import RequestError

_MOST_WEIGHTS = 2**24
"""Attention weights of a text that was translated in parts: they are returned as numbers of Python's, 32 bytes each."""


def align(parts: list[Tensor | None]) -> list[list[float]] | None:
    """The weights of a line from those of its parts, which do not see each other; None without attention."""
    weights = [part for part in parts if part is not None]
    if not weights or len(weights) < len(parts):
        return None
    rows, columns = (sum(part.shape[side] for part in weights) for side in (0, 1))
    if rows * columns > _MOST_WEIGHTS:
        raise RequestError(
            f"the alignment of a text of {columns:,} subwords with an output of {rows:,} is too large; leave out the "
            "alignment, or cut the text into several"
        )
    return torch.block_diag(*weights).tolist()
