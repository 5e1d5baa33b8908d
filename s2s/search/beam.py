"""Beam search over a batch, the beam a dimension.

Each sentence has K slots. A slot holds a live hypothesis, or a closed one, which keeps its slot: as hypotheses close,
fewer stay live. A step extends the live ones by every token and keeps the best by log-probability, as many as there are
slots left; of equals, the one of the earlier parent, then of the smaller token. A hypothesis closes by emitting the end
of sentence (finished) or at its sentence's limit (unfinished). A sentence ends when no slot is live, or as soon as
nothing live can change its answer: `Slots.settled` has the proof.
"""

from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from s2s.search.allocation import Required
from s2s.search.drive import drive
from s2s.search.hypothesis import Hypothesis
from s2s.search.rules import Rules
from s2s.search.scoring import Penalties
from s2s.search.slots import Growth, Slots
from s2s.search.steps import Steps
from s2s.search.top import top
from s2s.text.vocabulary import EOS

Inputs = TypeVar("Inputs")
State = TypeVar("State")


def beam_search(
    steps: Steps[Inputs, State],
    inputs: Inputs,
    rules: Rules,
    beam: int = 5,
    penalties: Penalties | None = None,
    n_best: int = 1,
    attention: bool = False,
    stop_early: bool = True,
    required: Required | None = None,
) -> list[list[Hypothesis]]:
    """The `n_best` best hypotheses found for each sentence, best first; fewer where there are no more.

    A coverage penalty, and `attention`, which returns the weights of every token, look at `rules.sources`.
    `stop_early=False` runs every slot to its end: the same result, later. `required`, one of the rules' demands, shares
    out the slots so that its phrases are written.
    Raises ValueError if `n_best` is not between 1 and `beam`.
    """
    if not 1 <= n_best <= beam:
        raise ValueError(f"n_best must be between 1 and the beam of {beam}, not {n_best}")
    grow = partial(_grow if required is None else required.grow, beam=beam)
    return drive(steps, inputs, rules, grow, penalties or Penalties(), n_best, attention, stop_early)


def _grow(slots: Slots, log_probs: Tensor, step: int, beam: int) -> Growth:
    sentences, width, vocabulary = log_probs.shape
    k = min(beam, vocabulary)
    values, ids = top(log_probs.flatten(0, 1), k)  # no more than k of the K' best can come from one slot
    closed = slots.closed
    values = slots.log_probs.unsqueeze(2) + values.reshape(sentences, width, k)
    values = values.masked_fill(~slots.live.unsqueeze(2), -torch.inf).flatten(1)  # (B,K*k): by parent, then by value
    # Closed hypotheses stand first, and the sort is stable: they stay, in the order in which they closed.
    first = torch.full_like(slots.scores, -torch.inf).masked_fill(closed, torch.inf)
    order = torch.cat([first, values], 1).sort(dim=1, descending=True, stable=True).indices[:, :beam]
    old, new = order < width, (order - width).clamp(min=0)
    parents = torch.where(old, order, new // k)
    kept = slots.log_probs.masked_fill(~closed, -torch.inf)
    return Growth(
        parents,
        ids.reshape(sentences, -1).gather(1, new).masked_fill(old, EOS),
        torch.cat([kept, values], 1).gather(1, order),
        old,
    )
