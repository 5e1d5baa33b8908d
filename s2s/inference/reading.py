"""A batch of pictures through a recogniser of either kind."""

from collections.abc import Collection

import torch
from torch import Tensor

from s2s.config.decoding import Search
from s2s.data.batches import teacher_forcing
from s2s.nn.model import EncoderDecoder, EncoderHead
from s2s.search import ctc
from s2s.search.beam import beam_search
from s2s.search.ctc import Reading
from s2s.search.greedy import greedy_search
from s2s.search.rules import Rules, most_tokens
from s2s.search.scoring import Penalties
from s2s.search.steps import ModelSteps


def read_labels(model: EncoderHead, images: Tensor, widths: Tensor, beam: int) -> list[Reading]:
    """What a CTC head says of `images` (B, C, H, W), of which `widths` (B,) columns are real."""
    logits, steps = model(images, widths)
    log_probs = logits.log_softmax(2, dtype=torch.promote_types(logits.dtype, torch.float32))
    if beam == 1:
        return ctc.greedy(log_probs, steps)
    return [found[0] for found in ctc.beam(log_probs, steps, beam)]


def read_characters(
    model: EncoderDecoder, images: Tensor, widths: Tensor, decoding: Search, suppressed: Collection[int]
) -> list[Reading]:
    """What an attention decoder says of them; a character's span is the step that it looked at most."""
    bound = model.encode(images, widths)
    forbidden = torch.tensor(sorted(suppressed), device=images.device)
    rules = Rules(most_tokens(bound.memory.lengths, decoding), forbidden, bound.memory.mask)
    penalties = Penalties(decoding.length_penalty, decoding.coverage_penalty)
    steps = ModelSteps(model.decoder)
    if decoding.beam == 1:
        searched = greedy_search(steps, bound, rules, penalties)
    else:
        searched = beam_search(steps, bound, rules, decoding.beam, penalties)
    best = [hypotheses[0] for hypotheses in searched]
    flat = torch.tensor([token for one in best for token in one.tokens], dtype=torch.long)
    lengths = torch.tensor([len(one.tokens) for one in best])
    target_in, target_out = (side.to(images.device) for side in teacher_forcing(flat.numpy(), lengths.numpy()))
    output = model.decoder(target_in, bound)
    wide = torch.promote_types(output.logits.dtype, torch.float32)
    probabilities = output.logits.softmax(2, dtype=wide).gather(2, target_out.unsqueeze(2)).squeeze(2).tolist()
    places = torch.zeros_like(target_out) if output.attention is None else output.attention.argmax(2)
    return [
        Reading(
            one.tokens,
            one.log_prob,
            probabilities[row][: len(one.tokens)],
            [(place, place + 1) for place in places[row, : len(one.tokens)].tolist()],
            not one.finished,
        )
        for row, one in enumerate(best)
    ]
