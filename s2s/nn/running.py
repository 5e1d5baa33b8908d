"""Reading a text of any length with a language model, a window at a time, the state carried along."""

from __future__ import annotations

import torch
from torch import Tensor

from s2s.nn.model import LanguageModel

WINDOW = 256
"""Steps whose logits are in memory together."""


def token_nll(model: LanguageModel, read: Tensor, written: Tensor) -> Tensor:
    """Negative log-likelihoods (B, T) of `written` after each of `read` (B, T), the same for any windows.

    In float32 at least. Where something is only padding they mean nothing.
    """
    found, state = [], None
    for inputs, outputs in zip(read.split(WINDOW, 1), written.split(WINDOW, 1), strict=True):
        output = model(inputs, state=state)
        state = output.state
        wide = torch.promote_types(output.logits.dtype, torch.float32)
        log_probs = output.logits.log_softmax(2, dtype=wide)
        found.append(-log_probs.gather(2, outputs.unsqueeze(2)).squeeze(2))
    return torch.cat(found, 1)
