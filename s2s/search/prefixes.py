"""The prefixes that CTC's beam search keeps: by how probable they are, with or without a prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from s2s.nn.heads import BLANK
from s2s.search.top import top

_MULTIPLIER = 6364136223846793005  # of Knuth's MMIX generator: odd, so that hashing by it loses nothing


class Growth(NamedTuple):
    """Where prefixes came from; every tensor is (B, K)."""

    parents: Tensor
    """The place of the prefix that each was or grew from."""
    labels: Tensor
    """What it was grown by."""
    grown: Tensor
    """False where it stayed as it was."""


@dataclass(frozen=True)
class Prefixes:
    """The K best prefixes of each row after some steps; those of no probability fill empty places."""

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
    prior: Tensor
    """(B, K) float64 what a prior adds to the log-probability; zeros without one."""

    @classmethod
    def start(cls, rows: int, size: int, length: int, like: Tensor) -> Prefixes:
        """The empty prefix."""
        zeros = torch.zeros(rows, size, dtype=torch.long, device=like.device)
        nothing = like.new_full((rows, size), -torch.inf)
        blank = nothing.clone()
        blank[:, 0] = 0.0
        return cls(
            zeros[:, :, None].repeat(1, 1, length), zeros, zeros + 1, zeros, blank, nothing, torch.zeros_like(blank)
        )

    def total(self) -> Tensor:
        """(B, K) log-probability of each prefix."""
        return torch.logaddexp(self.blank, self.written)

    def where(self, rows: Tensor, other: Prefixes) -> Prefixes:
        """These in the `rows` (B,) that are True, those of `other` elsewhere."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Prefixes(*(torch.where(rows.view(-1, *[1] * (a.dim() - 1)), a, b) for a, b in pairs))

    def grow(self, log_probs: Tensor, size: int, gains: Tensor | None = None) -> tuple[Prefixes, Growth]:
        """The best prefixes after a step of `log_probs` (B, V), with what a prior gains by each label (B, K, V)."""
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
        if gains is not None:
            longer = longer.masked_fill(gains == -torch.inf, -torch.inf)

        stay = torch.logaddexp(stay_blank, stay_written)
        ranked = [stay, longer.flatten(1)]
        if gains is not None:
            after = self.prior.unsqueeze(2) + gains
            ranked = [stay + self.prior, (longer + after).flatten(1)]
        _, places = top(torch.cat(ranked, 1), size)
        stays = places < stay.shape[1]
        beyond = (places - stay.shape[1]).clamp(min=0)
        source = torch.where(stays, places, beyond // vocabulary)
        label = beyond % vocabulary
        nothing = torch.full_like(stay, -torch.inf)
        prior = self.prior.gather(1, source)
        if gains is not None:
            prior = torch.where(stays, prior, after.flatten(1).gather(1, beyond))
        labels = self.labels.gather(1, source.unsqueeze(2).expand(-1, -1, self.labels.shape[2]))
        lengths, hashes = self.lengths.gather(1, source), self.hashes.gather(1, source)
        at = lengths.clamp(max=labels.shape[2] - 1).unsqueeze(2)
        labels = labels.scatter(2, at, torch.where(stays.unsqueeze(2), labels.gather(2, at), label.unsqueeze(2)))
        prefixes = Prefixes(
            labels,
            lengths + ~stays,
            torch.where(stays, hashes, hashes * _MULTIPLIER + label),
            torch.where(stays, self.parents.gather(1, source), hashes),
            torch.where(stays, stay_blank.gather(1, source), nothing),
            torch.where(stays, stay_written.gather(1, source), longer.flatten(1).gather(1, beyond)),
            prior,
        )
        return prefixes, Growth(source, label, ~stays)
