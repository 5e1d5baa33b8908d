"""Beam search whose outputs hold given phrases: dynamic beam allocation (Post and Vilar 2018), on text.

After each step the candidates of a sentence fall into banks by how much of its phrases is still to be written, and the
slots are shared out among the banks, so that outputs which have written more of them, which is less probable, are not
crowded out by those that have not. Besides the most probable tokens of a hypothesis its candidates are the best ones
that begin a phrase or go on with one. No output ends before it has them all: where its limit comes near, it writes them
and nothing else, so that every one holds them unless another demand forbids it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from s2s.search.phrases import Phrase
from s2s.search.slots import Growth, Slots
from s2s.search.top import top
from s2s.search.written import Written
from s2s.text.vocabulary import EOS

Wish = Sequence[Phrase]
"""Phrases of which one is to be written."""


def reserve(wishes: Sequence[Wish]) -> int:
    """Tokens more than usual that an output may have, so that there is room for its phrases byte by byte.

    Twice, since one that is written on may undo another which it begins with.
    """
    return 2 * sum(map(_cost, wishes)) + 2 if wishes else 0


class Required:
    """A demand: each sentence has its phrases.

    Args:
        wishes: of each sentence.
        limits: most tokens of each output, the reserve counted.
        written: of the vocabulary.
    """

    def __init__(self, wishes: Sequence[Sequence[Wish]], limits: Sequence[int], written: Written) -> None:
        self.wishes, self.limits, self.written = wishes, limits, written

    def lower(self, log_probs: Tensor, tokens: Tensor) -> None:
        """See Demand: no end before its time, and nothing else when it is high time."""
        for row, slots in enumerate(tokens.tolist()):
            for slot, hypothesis in enumerate(slots):
                if EOS in hypothesis:
                    continue
                text = self.written.text(hypothesis)
                unmet = self.unmet(row, text)
                if unmet:
                    log_probs[row, slot, EOS] = -torch.inf
                if self.limits[row] - len(hypothesis) + 1 <= reserve(self.wishes[row]):
                    keep = self.written.within(_next(unmet, text)) if unmet else [EOS]
                    kept = log_probs[row, slot, keep]
                    log_probs[row, slot] = -torch.inf
                    log_probs[row, slot, keep] = kept

    def select(self, sentences: Tensor) -> Required:
        """See Demand."""
        rows = sentences.tolist()
        return Required([self.wishes[row] for row in rows], [self.limits[row] for row in rows], self.written)

    def unmet(self, row: int, text: bytes) -> list[Wish]:
        """What of its wishes a sentence's output does not have."""
        return [wish for wish in self.wishes[row] if not any(one.stands_in(text) for one in wish)]

    def left(self, row: int, text: bytes) -> int:
        """How many subwords of a sentence's phrases are still to be written."""
        unmet = self.unmet(row, text)
        done = max((one.done(text) for wish in unmet for one in wish), default=0)
        return sum(max(len(one.ends) for one in wish) for wish in unmet) - done

    def grow(self, slots: Slots, log_probs: Tensor, step: int, beam: int) -> Growth:
        """The next hypotheses of every sentence; see the head of this file. To be called of the whole batch's."""
        values, ids = (part.tolist() for part in self._likely(log_probs, beam))
        closed, so_far, tokens = slots.closed.tolist(), slots.log_probs.tolist(), slots.tokens.tolist()
        grown = []
        for place, row in enumerate(slots.rows.tolist()):
            found: dict[tuple[int, int], float] = {}
            kept = []
            for slot, base in enumerate(so_far[place]):
                if closed[place][slot]:
                    kept.append((slot, EOS, base, True))
                elif base > -torch.inf:
                    likely = zip(ids[place][slot], values[place][slot], strict=True)
                    of_phrases = self._of_phrases(row, tokens[place][slot], log_probs[place, slot])
                    found |= {(slot, token): base + value for token, value in [*likely, *of_phrases]}
            ranked = sorted((-value, slot, token) for (slot, token), value in found.items() if value > -torch.inf)
            left = [self.left(row, self.written.text([*tokens[place][slot], token])) for _, slot, token in ranked]
            new = [(ranked[one][1], ranked[one][2], -ranked[one][0], False) for one in share(left, beam - len(kept))]
            grown.append([*kept, *new, *[(0, EOS, -torch.inf, False)] * (beam - len(kept) - len(new))])
        device = log_probs.device
        parents, after, totals, stays = (
            torch.tensor([[slot[part] for slot in row] for row in grown], device=device) for part in range(4)
        )
        return Growth(parents, after, totals.double(), stays)

    def _likely(self, log_probs: Tensor, beam: int) -> tuple[Tensor, Tensor]:
        values, ids = top(log_probs.flatten(0, 1), min(beam, log_probs.shape[2]))
        return values.double().unflatten(0, log_probs.shape[:2]), ids.unflatten(0, log_probs.shape[:2])

    def _of_phrases(self, row: int, hypothesis: Sequence[int], log_probs: Tensor) -> list[tuple[int, float]]:
        """For each phrase that is missing, the most probable token that begins it or goes on with it."""
        text, found = self.written.text(hypothesis), []
        for wish in self.unmet(row, text):
            for one in wish:
                rests = one.rests(text)
                tokens = {token for rest in rests for token in (*self.written.within(rest), *self.written.beyond(rest))}
                ids = torch.tensor(sorted(tokens), device=log_probs.device)
                value, at = log_probs[ids].max(0)
                found.append((int(ids[at]), value.double().item()))
        return found


def share(left: Sequence[int], slots: int) -> list[int]:
    """Which candidates get the slots, in their order, by how much each has `left`; they come best first.

    Every bank gets as many; what remains goes to those that have least left, and what a bank cannot fill to the best of
    the others. Of more banks than slots some are chosen, evenly from the one with least left to the one with most.
    """
    banks: dict[int, list[int]] = {}
    for place, one in enumerate(left):
        banks.setdefault(one, []).append(place)
    names = sorted(banks)
    if len(names) > slots:
        names = [names[round(place * (len(names) - 1) / max(1, slots - 1))] for place in range(slots)]
    each, more = divmod(slots, max(1, len(names)))
    chosen = {place for number, name in enumerate(names) for place in banks[name][: each + (number < more)]}
    others = (place for place in range(len(left)) if place not in chosen)
    chosen.update(place for _, place in zip(range(slots - len(chosen)), others, strict=False))
    return sorted(chosen)


def _next(wishes: Sequence[Wish], text: bytes) -> bytes:
    """What to write of some phrases at once: the rest of the one of which most is written, or else of the shortest."""
    ways = [(one.begun(text), one.rests(text)[0]) for wish in wishes for one in wish]
    return max(ways, key=lambda way: (way[0], -len(way[1])))[1]


def _cost(wish: Wish) -> int:
    """Bytes of its longest phrase, with a space."""
    return max(len(one.data) for one in wish) + 1
