"""Reading the output of a CTC head: greedy and prefix beam search, whole batches at a time.

A path gives a label to every step; it writes a text by dropping repeats, then blanks; the probability of a text is
the sum over all paths that write it (Graves et al. 2006). Greedy search takes the best path. Prefix beam search
(Graves & Jaitly 2014, Hannun et al. 2014) keeps the K most probable prefixes after each step, those that end in blank
apart from those that end in a character, because only after a blank can a character be written twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

from s2s.nn.heads import BLANK, SHIFT
from s2s.search.broken import broken_model
from s2s.search.prefixes import Prefixes
from s2s.search.prior import Prior
from s2s.search.top import top

State = TypeVar("State")


@dataclass(frozen=True)
class Reading:
    """A text found in a picture. Blanks have no part in it but in `log_prob`."""

    tokens: list[int]
    """Ids of the charset."""
    log_prob: float
    """Log-probability of the text, over all paths: the model's confidence in the whole."""
    probabilities: list[float]
    """For each token, the highest probability that it has at a step of its span."""
    spans: list[tuple[int, int]]
    """For each token, its first step and the one after its last, on the best path that writes the text."""
    cut: bool = False
    """True if an attention decoder had more to write than the most that it may."""
    added: float = 0.0
    """What ranks texts besides their log-probability: a language model, a lexicon, or a length penalty."""

    @property
    def score(self) -> float:
        """What texts are ranked by."""
        return self.log_prob + self.added

    @property
    def confidence(self) -> float:
        """Probability of the whole text."""
        return math.exp(self.log_prob)


def greedy(log_probs: Tensor, steps: Tensor) -> list[Reading]:
    """The text of the best path of each row.

    Args:
        log_probs: (B, S, V), normalised, of blank 0 and the characters from 1.
        steps: real steps (B,) of each row.

    Raises:
        WorkError: some of them, at real steps, are not numbers.
    """
    _check(log_probs, steps)
    path = log_probs.max(2).indices
    path = path.masked_fill(~_inside(path, steps), BLANK)
    starts = path != BLANK
    starts[:, 1:] &= path[:, 1:] != path[:, :-1]
    lengths = starts.sum(1)
    labels = path.new_zeros(len(path), max(1, int(lengths.max())))
    labels[_inside(labels, lengths)] = path[starts]
    # Characters count from 0 along the path; where it is blank it belongs to none.
    places = torch.where(path == BLANK, -1, starts.cumsum(1) - 1)
    return _readings(log_probs, steps, labels, lengths, places)


def beam(
    log_probs: Tensor, steps: Tensor, size: int, n_best: int = 1, prior: Prior[State] | None = None
) -> list[list[Reading]]:
    """The best texts of each row among those that a beam of `size` prefixes finds, best first, at least one.

    There are `n_best` of them, or as many as have a probability above 0. They are ranked by their log-probability, and
    by what the `prior` adds to it, if there is one; where it forbids all that was found, the text is empty. See
    `greedy` for the other arguments.
    """
    _check(log_probs, steps)
    length = log_probs.shape[1]
    prefixes, added = _search(log_probs.double(), steps, size, prior)
    total = prefixes.total() if added is None else prefixes.total() + added
    count = min(n_best, size)
    values, chosen = top(total, count)  # (B, N)
    alive = values > -torch.inf
    labels = prefixes.labels.gather(1, chosen.unsqueeze(2).expand(-1, -1, length)).flatten(0, 1)
    lengths = prefixes.lengths.gather(1, chosen).masked_fill(~alive, 0).flatten()
    labels = labels[:, : max(1, int(lengths.max()))]
    several, steps = log_probs.repeat_interleave(count, 0), steps.repeat_interleave(count)
    found = _readings(several, steps, labels, lengths, align(several, steps, labels, lengths))
    if added is not None:
        priors = added.gather(1, chosen).masked_fill(~alive, 0.0).flatten().tolist()
        found = [replace(reading, added=one) for reading, one in zip(found, priors, strict=True)]
    alive[:, 0] = True
    answers = []
    for row, kept in enumerate(alive.tolist()):
        readings = [found[row * count + number] for number in range(count) if kept[number]]
        # Pruning took paths from some texts more than from others: they are ranked by what they have in full.
        answers.append(sorted(readings, key=lambda reading: -reading.score))
    return answers


def score(log_probs: Tensor, steps: Tensor, labels: Sequence[Sequence[int]]) -> list[float]:
    """The log-probability of a given text in each row, over all paths; minus infinity where none writes it."""
    _check(log_probs, steps)
    lengths = torch.tensor([len(one) for one in labels], device=log_probs.device)
    width = max(1, int(lengths.max()))
    padded = torch.tensor([[*one, *[BLANK] * (width - len(one))] for one in labels], device=log_probs.device)
    return _whole(log_probs, steps, padded, lengths).tolist()


def _search(log_probs: Tensor, steps: Tensor, size: int, prior: Prior[State] | None) -> tuple[Prefixes, Tensor | None]:
    """The prefixes at the end of each row, and what the prior adds to them (B, K)."""
    rows, length, _ = log_probs.shape
    prefixes = Prefixes.start(rows, size, length, log_probs)
    if prior is None:
        for step in range(length):
            prefixes = prefixes.grow(log_probs[:, step], size)[0].where(step < steps, prefixes)
        return prefixes, None
    state = prior.start(rows, size, log_probs.device)
    here = torch.arange(size, device=log_probs.device)
    for step in range(length):
        goes_on = step < steps
        after, (parents, labels, grown) = prefixes.grow(log_probs[:, step], size, prior.gains(state))
        prefixes = after.where(goes_on, prefixes)
        grown = grown & goes_on.unsqueeze(1) & (prefixes.total() > -torch.inf)
        state = prior.grow(state, torch.where(goes_on.unsqueeze(1), parents, here), labels, grown)
    return prefixes, prefixes.prior + prior.ends(state)


def align(log_probs: Tensor, steps: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
    """The best path that writes `labels` (B, L), of which `lengths` (B,) are real.

    Returns which of the labels each step (B, S) is of: -1 where the path is blank and behind the row's steps. See
    `greedy` for the other arguments.
    """
    rows, length, _ = log_probs.shape
    device = log_probs.device
    # States take turns between blanks and characters: 0 is the first blank, 2 i + 1 the character i (Graves, eq. 6).
    states = labels.new_full((rows, 2 * labels.shape[1] + 1), BLANK)
    states[:, 1::2] = labels
    skips = torch.zeros_like(states, dtype=torch.bool)
    skips[:, 3::2] = labels[:, 1:] != labels[:, :-1]
    scores = log_probs.new_full(states.shape, -torch.inf, dtype=torch.float64)
    scores[:, 0] = 0.0  # before the first step: from here a path enters the first blank or the first character
    scores = torch.nn.functional.pad(scores, (2, 0), value=-torch.inf)  # two states before the first, never entered
    came = torch.zeros(rows, length, states.shape[1], dtype=torch.long, device=device)
    for step in range(length):
        here, before = scores[:, 2:], scores[:, 1:-1]
        leap = scores[:, :-2].masked_fill(~skips, -torch.inf)
        best, came[:, step] = torch.stack([here, before, leap], 2).max(2)
        emitted = best + log_probs[:, step].gather(1, states).double()
        scores = scores.clone()
        scores[:, 2:] = torch.where((step < steps)[:, None], emitted, here)
    scores = scores[:, 2:]
    last = 2 * lengths[:, None]
    ends = torch.cat([last, (last - 1).clamp(min=0)], 1)
    state = ends.gather(1, scores.gather(1, ends).max(1, keepdim=True).indices)
    places = labels.new_full((rows, length), -1)
    for step in reversed(range(length)):
        inside = step < steps
        character = inside & (state[:, 0] % 2 == 1)
        places[:, step] = torch.where(character, state[:, 0] // 2, -1)
        state = torch.where(inside[:, None], state - came[:, step].gather(1, state), state)
    return places


def _check(log_probs: Tensor, steps: Tensor) -> None:
    """WorkError where a real step has no probabilities; what is computed of padding does not matter."""
    best = log_probs.amax(2)  # NaN if any is
    if bool((_inside(best, steps) & ~best.isfinite()).any()):
        raise broken_model()


def _inside(values: Tensor, lengths: Tensor) -> Tensor:
    """(B, N) bool: True at the first `lengths` (B,) places of each row."""
    return torch.arange(values.shape[1], device=values.device) < lengths[:, None]


def _whole(log_probs: Tensor, steps: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
    """The log-probability (B,) of `labels` (B, L), of which `lengths` (B,) are real, over all paths."""
    targets = labels.clamp(min=BLANK + 1)  # padding must not look like a blank
    return -torch.nn.functional.ctc_loss(
        log_probs.double().transpose(0, 1), targets, steps, lengths, BLANK, reduction="none"
    )


def _readings(log_probs: Tensor, steps: Tensor, labels: Tensor, lengths: Tensor, places: Tensor) -> list[Reading]:
    """Readings from `labels` (B, L) and the label that each step is of (B, S), -1 for none."""
    targets = labels.clamp(min=BLANK + 1)
    whole = _whole(log_probs, steps, labels, lengths)
    at = places.clamp(min=0)
    probabilities = log_probs.gather(2, targets.gather(1, at).unsqueeze(2)).squeeze(2).exp()
    probabilities = probabilities.masked_fill(places < 0, 0.0)
    highest = torch.zeros_like(targets, dtype=log_probs.dtype).scatter_reduce(1, at, probabilities, "amax")
    now = torch.arange(log_probs.shape[1], device=places.device).expand_as(places)
    first = torch.full_like(targets, log_probs.shape[1])
    first = first.scatter_reduce(1, at, now.where(places >= 0, log_probs.shape[1]), "amin")
    beyond = torch.zeros_like(targets).scatter_reduce(1, at, (now + 1).where(places >= 0, 0), "amax")
    parts = (targets + SHIFT, highest, first, beyond)
    return [
        Reading(tokens[:length], log_prob, high[:length], list(zip(start[:length], end[:length], strict=True)))
        for length, log_prob, tokens, high, start, end in zip(
            lengths.tolist(), whole.tolist(), *(part.tolist() for part in parts), strict=True
        )
    ]
