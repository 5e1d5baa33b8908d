"""One search of a translator: what its job asks for, as rules and the way of searching."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import torch

from s2s.inference.sentences import Sentences
from s2s.nn.memory import Bound
from s2s.search.allocation import Required, reserve
from s2s.search.beam import beam_search
from s2s.search.demands import Demand, demands
from s2s.search.greedy import greedy_search
from s2s.search.hypothesis import Hypothesis
from s2s.search.phrases import Forbidden, Phrase
from s2s.search.rules import Rules, most_tokens
from s2s.search.sampling import sample
from s2s.search.scoring import Penalties
from s2s.search.steps import Steps
from s2s.search.written import Prefixes, Written
from s2s.text.vocabulary import Vocabulary


def search(
    steps: Steps[list[Bound], Any],
    inputs: list[Bound],
    job: Sentences,
    vocabulary: Vocabulary,
    written: Callable[[], Written],
    spaced: bool,
) -> list[list[Hypothesis]]:
    """The outputs of each sentence.

    `vocabulary` is the target's, `written` gives what its tokens write, and in a `spaced` language words have spaces
    between them.
    """
    memory, decoding, sampling = inputs[0].memory, job.decoding, job.sampling
    device = memory.mask.device
    limits = most_tokens(memory.lengths - 1, decoding)
    asked: list[Demand] = list(demands(decoding))
    prefixes = required = None
    if job.forbid:
        asked.append(Forbidden([Phrase(one, spaced) for one in job.forbid], written()))
    if any(job.prefixes):
        prefixes = Prefixes(job.prefixes, written())
        limits = limits + torch.tensor([len(one) for one in job.prefixes], device=device)
    if any(job.wishes):
        wishes = [
            [[Phrase(one, spaced, _ends(vocabulary.encode(one), written())) for one in wish] for wish in every]
            for every in job.wishes
        ]
        limits = limits + torch.tensor([reserve(every) for every in wishes], device=device)
        required = Required(wishes, limits.tolist(), written())
        asked.append(required)
    rules = Rules(
        limits, torch.tensor(sorted(vocabulary.suppressed), device=device), memory.mask, tuple(asked), prefixes
    )
    penalties = Penalties(decoding.length_penalty, decoding.coverage_penalty)
    if sampling is not None:
        return sample(
            steps,
            inputs,
            rules,
            torch.tensor(job.keys, device=device),
            sampling.seed,
            job.n_best,
            sampling.temperature,
            sampling.top_k,
            sampling.top_p,
            penalties,
            job.alignment,
        )
    if decoding.beam == 1:
        return greedy_search(steps, inputs, rules, penalties, job.alignment)
    return beam_search(steps, inputs, rules, decoding.beam, penalties, job.n_best, job.alignment, required=required)


def _ends(tokens: Sequence[int], written: Written) -> list[int]:
    """How many bytes of a text, without the space before it, are written after each of its tokens."""
    return [size - 1 for size in accumulate(len(written.texts[token]) for token in tokens)]
