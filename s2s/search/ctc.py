"""Reading the output of a CTC head: greedy and prefix beam search, whole batches at a time.

A path gives a label to every step; it writes a text by dropping repeats, then blanks; the probability of a text is
the sum over all paths that write it (Graves et al. 2006). Greedy search takes the best path. Prefix beam search
(Graves & Jaitly 2014, Hannun et al. 2014) keeps the K most probable prefixes after each step, those that end in blank
apart from those that end in a character, because only after a blank can a character be written twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from s2s.nn.heads import BLANK, SHIFT
from s2s.search.broken import broken_model
from s2s.search.top import top

_MULTIPLIER = 6364136223846793005  # of Knuth's MMIX generator: odd, so that hashing by it loses nothing


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


def beam(log_probs: Tensor, steps: Tensor, size: int, n_best: int = 1) -> list[list[Reading]]:
    """The most probable texts of each row among those that a beam of `size` prefixes finds, best first.

    There are `n_best` of them, or as many as have a probability above 0. See `greedy` for the other arguments.
    """
    _check(log_probs, steps)
    rows, length, _ = log_probs.shape
    wide = log_probs.double()
    prefixes = _Prefixes.start(rows, size, length, wide)
    for step in range(length):
        grown = prefixes.grow(wide[:, step], size)
        prefixes = grown.where(step < steps, prefixes)
    count = min(n_best, size)
    chosen = top(prefixes.total(), count)[1]  # (B, N)
    labels = prefixes.labels.gather(1, chosen.unsqueeze(2).expand(-1, -1, length)).flatten(0, 1)
    lengths = prefixes.lengths.gather(1, chosen).flatten()
    labels = labels[:, : max(1, int(lengths.max()))]
    alive = prefixes.total().gather(1, chosen) > -torch.inf
    several, steps = log_probs.repeat_interleave(count, 0), steps.repeat_interleave(count)
    found = _readings(several, steps, labels, lengths, align(several, steps, labels, lengths))
    answers = []
    for row, kept in enumerate(alive.tolist()):
        readings = [found[row * count + number] for number in range(count) if kept[number]]
        # Pruning took paths from some texts more than from others: they are ranked by what they have in full.
        answers.append(sorted(readings, key=lambda reading: -reading.log_prob))
    return answers


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


@dataclass(frozen=True)
class _Prefixes:
    """The K most probable prefixes of each row after some steps; those of no probability fill empty places."""

    labels: Tensor
    """(B, K, S), real up to the length."""
    lengths: Tensor
    """(B, K)."""
    hashes: Tensor
    """(B, K) of the labels, by which equal prefixes know each other."""
    parents: Tensor
    """(B, K) the hash of the prefix without its last label."""
    blank: Tensor
    """(B, K) float64 log-probability of the paths that end in blank."""
    written: Tensor
    """(B, K) that of those that end in the last label."""

    @classmethod
    def start(cls, rows: int, size: int, length: int, like: Tensor) -> _Prefixes:
        """The empty prefix."""
        zeros = torch.zeros(rows, size, dtype=torch.long, device=like.device)
        nothing = like.new_full((rows, size), -torch.inf)
        blank = nothing.clone()
        blank[:, 0] = 0.0
        return cls(zeros[:, :, None].repeat(1, 1, length), zeros, zeros + 1, zeros, blank, nothing)

    def total(self) -> Tensor:
        """(B, K) log-probability of each prefix."""
        return torch.logaddexp(self.blank, self.written)

    def where(self, rows: Tensor, other: _Prefixes) -> _Prefixes:
        """These in the `rows` (B,) that are True, those of `other` elsewhere."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Prefixes(*(torch.where(rows.view(-1, *[1] * (a.dim() - 1)), a, b) for a, b in pairs))

    def grow(self, log_probs: Tensor, size: int) -> _Prefixes:
        """The best prefixes after a step of `log_probs` (B, V)."""
        vocabulary = log_probs.shape[1]
        total = self.total()
        last = self.labels.gather(2, (self.lengths - 1).clamp(min=0).unsqueeze(2)).squeeze(2)  # blank if empty
        of_last = log_probs.gather(1, last)
        stay_blank = total + log_probs[:, BLANK, None]
        stay_written = self.written + of_last
        # A label after itself is written again only after a blank.
        longer = total.unsqueeze(2) + log_probs.unsqueeze(1)  # (B, K, V)
        again = (self.blank + of_last).unsqueeze(2)
        longer = longer.scatter(2, last.unsqueeze(2), again)
        longer[:, :, BLANK] = -torch.inf
        # A longer prefix that is in the beam already passes its paths on to that one.
        alive = total > -torch.inf
        same = (self.hashes.unsqueeze(2) == self.parents.unsqueeze(1)) & (alive.unsqueeze(2) & alive.unsqueeze(1))
        lent = longer.gather(2, last.unsqueeze(1).expand(-1, last.shape[1], -1))  # (B, K, K'): K writes the last of K'
        lent = lent.masked_fill(~same, -torch.inf)
        stay_written = torch.logaddexp(stay_written, lent.amax(1))  # at most one prefix is the parent
        taken = torch.zeros_like(longer, dtype=torch.bool)
        child = same.nonzero()
        taken[child[:, 0], child[:, 1], last[child[:, 0], child[:, 2]]] = True
        longer = longer.masked_fill(taken, -torch.inf)

        stay = torch.logaddexp(stay_blank, stay_written)
        _, places = top(torch.cat([stay, longer.flatten(1)], 1), size)
        stays = places < stay.shape[1]
        beyond = (places - stay.shape[1]).clamp(min=0)
        source = torch.where(stays, places, beyond // vocabulary)
        label = beyond % vocabulary
        nothing = torch.full_like(stay, -torch.inf)
        labels = self.labels.gather(1, source.unsqueeze(2).expand(-1, -1, self.labels.shape[2]))
        lengths, hashes = self.lengths.gather(1, source), self.hashes.gather(1, source)
        at = lengths.clamp(max=labels.shape[2] - 1).unsqueeze(2)
        labels = labels.scatter(2, at, torch.where(stays.unsqueeze(2), labels.gather(2, at), label.unsqueeze(2)))
        return _Prefixes(
            labels,
            lengths + ~stays,
            torch.where(stays, hashes, hashes * _MULTIPLIER + label),
            torch.where(stays, self.parents.gather(1, source), hashes),
            torch.where(stays, stay_blank.gather(1, source), nothing),
            torch.where(stays, stay_written.gather(1, source), longer.flatten(1).gather(1, beyond)),
        )


def _check(log_probs: Tensor, steps: Tensor) -> None:
    """WorkError where a real step has no probabilities; what is computed of padding does not matter."""
    best = log_probs.amax(2)  # NaN if any is
    if bool((_inside(best, steps) & ~best.isfinite()).any()):
        raise broken_model()


def _inside(values: Tensor, lengths: Tensor) -> Tensor:
    """(B, N) bool: True at the first `lengths` (B,) places of each row."""
    return torch.arange(values.shape[1], device=values.device) < lengths[:, None]


def _readings(log_probs: Tensor, steps: Tensor, labels: Tensor, lengths: Tensor, places: Tensor) -> list[Reading]:
    """Readings from `labels` (B, L) and the label that each step is of (B, S), -1 for none."""
    targets = labels.clamp(min=BLANK + 1)  # padding must not look like a blank
    whole = -torch.nn.functional.ctc_loss(
        log_probs.double().transpose(0, 1), targets, steps, lengths, BLANK, reduction="none"
    )
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
