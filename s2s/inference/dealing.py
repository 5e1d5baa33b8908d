"""Which parts of texts are searched together, and with how wide a beam."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from s2s.config.decoding import MOST_BEAM
from s2s.inference.batching import plan
from s2s.inference.extent import most_sentences
from s2s.inference.sentences import Part, Sentences, key
from s2s.search.rules import most_tokens
from s2s.text.vocabulary import Vocabulary


def deal(
    parts: Sequence[Part], sources: Sequence[list[int]], asked: Sentences, vocabulary: Vocabulary, models: int
) -> tuple[list[list[int]], list[Sentences]]:
    """Places of the parts that go together, and what is to be done with them: `asked`, of those `sources`.

    Args:
        parts: what is translated.
        sources: the subwords of each, and EOS.
        asked: a job without sentences.
        vocabulary: of the target.
        models: how many search together.
    """
    batches: list[list[int]] = []
    jobs = []
    for beam, places in _beams(parts, asked.decoding.beam, vocabulary).items():
        lengths = [len(sources[place]) for place in places]
        longest = max(lengths)
        most = most_sentences(
            (asked.n_best if asked.sampling else beam) * models,
            len(vocabulary),
            int(most_tokens(torch.tensor([longest - 1]), asked.decoding)) + max(parts[place].room for place in places),
            longest if asked.alignment else 0,
        )
        for some in plan(lengths, asked.decoding.batch, most):
            batches.append([places[one] for one in some])
            chosen = [parts[place] for place in batches[-1]]
            jobs.append(
                replace(
                    asked,
                    sources=[sources[place] for place in batches[-1]],
                    keys=[key(part.text) for part in chosen] if asked.sampling else [],
                    decoding=replace(asked.decoding, beam=beam),
                    prefixes=[f" {part.prefix}".encode() if part.prefix else b"" for part in chosen],
                    wishes=[part.wishes for part in chosen],
                )
            )
    return batches, jobs


def _beams(parts: Sequence[Part], beam: int, vocabulary: Vocabulary) -> dict[int, list[int]]:
    """The places of parts by the beam that they need: wider by the subwords of the phrases that an output is to have.

    It is the part's own, so that its output does not depend on the others.
    """
    found: dict[int, list[int]] = {}
    for place, part in enumerate(parts):
        more = sum(max(len(vocabulary.encode(one)) for one in wish) for wish in part.wishes)
        found.setdefault(max(beam, min(beam + more, MOST_BEAM)), []).append(place)
    return found
