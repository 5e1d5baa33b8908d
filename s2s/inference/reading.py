"""A batch of pictures through a recogniser of either kind."""

import math
from collections.abc import Collection, Sequence
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from s2s.config.decoding import Search
from s2s.data.batches import teacher_forcing
from s2s.nn.heads import SHIFT
from s2s.nn.model import EncoderDecoder, EncoderHead
from s2s.search import ctc
from s2s.search.beam import beam_search
from s2s.search.ctc import Reading
from s2s.search.demands import demands
from s2s.search.greedy import greedy_search
from s2s.search.prior import Prior
from s2s.search.rules import Rules, most_tokens
from s2s.search.scoring import Penalties, force
from s2s.search.steps import ModelSteps
from s2s.text.vocabulary import UNK


def read_labels(
    model: EncoderHead, images: Tensor, widths: Tensor, beam: int, n_best: int = 1, prior: Prior[Any] | None = None
) -> list[list[Reading]]:
    """The best of what a CTC head says of `images` (B, C, H, W), of which `widths` (B,) columns are real."""
    log_probs, steps = _log_probs(model, images, widths)
    if beam == 1:
        return [[found] for found in ctc.greedy(log_probs, steps)]
    return ctc.beam(log_probs, steps, beam, n_best, prior)


def score_labels(model: EncoderHead, images: Tensor, widths: Tensor, texts: Sequence[Sequence[int]]) -> list[float]:
    """The log-probability of a given text of each picture; `texts` are ids of the charset."""
    log_probs, steps = _log_probs(model, images, widths)
    known = [UNK not in text for text in texts]
    labels = [[token - SHIFT for token in text] if one else [] for text, one in zip(texts, known, strict=True)]
    found = ctc.score(log_probs, steps, labels)
    return [value if one else -math.inf for value, one in zip(found, known, strict=True)]


def _log_probs(model: EncoderHead, images: Tensor, widths: Tensor) -> tuple[Tensor, Tensor]:
    logits, steps = model(images, widths)
    return logits.log_softmax(2, dtype=torch.promote_types(logits.dtype, torch.float32)), steps


def read_characters(
    model: EncoderDecoder,
    images: Tensor,
    widths: Tensor,
    decoding: Search,
    suppressed: Collection[int],
    n_best: int = 1,
) -> list[list[Reading]]:
    """What an attention decoder says of them; a character's span is the step that it looked at most."""
    bound = model.encode(images, widths)
    forbidden = torch.tensor(sorted(suppressed), device=images.device)
    rules = Rules(most_tokens(bound.memory.lengths, decoding), forbidden, bound.memory.mask, tuple(demands(decoding)))
    penalties = Penalties(decoding.length_penalty, decoding.coverage_penalty)
    steps = ModelSteps(model.decoder)
    if decoding.beam == 1:
        searched = greedy_search(steps, bound, rules, penalties)
    else:
        searched = beam_search(steps, bound, rules, decoding.beam, penalties, n_best)
    every = [one for hypotheses in searched for one in hypotheses]
    if n_best > 1:
        of = [row for row, hypotheses in enumerate(searched) for _ in hypotheses]
        bound = bound.select(torch.tensor(of, device=images.device))
    flat = torch.tensor([token for one in every for token in one.tokens], dtype=torch.long)
    lengths = torch.tensor([len(one.tokens) for one in every])
    target_in, target_out = (side.to(images.device) for side in teacher_forcing(flat.numpy(), lengths.numpy()))
    output = model.decoder(target_in, bound)
    wide = torch.promote_types(output.logits.dtype, torch.float32)
    probabilities = output.logits.softmax(2, dtype=wide).gather(2, target_out.unsqueeze(2)).squeeze(2).tolist()
    places = torch.zeros_like(target_out) if output.attention is None else output.attention.argmax(2)
    readings = iter(
        Reading(
            one.tokens,
            one.log_prob,
            probabilities[row][: len(one.tokens)],
            [(place, place + 1) for place in places[row, : len(one.tokens)].tolist()],
            not one.finished,
            one.score - one.log_prob,
        )
        for row, one in enumerate(every)
    )
    return [list(islice(readings, len(hypotheses))) for hypotheses in searched]


def score_characters(
    model: EncoderDecoder, images: Tensor, widths: Tensor, texts: Sequence[Sequence[int]]
) -> list[float]:
    """The log-probability of a given text of each picture, its end included."""
    found: list[float] = force(ModelSteps(model.decoder), model.encode(images, widths), texts, images.device).tolist()
    return [-math.inf if UNK in text else value for text, value in zip(texts, found, strict=True)]
