"""How much a search may hold at once, decided before any memory is taken."""

from s2s.config.errors import RequestError

MOST = 2**28
"""Numbers of the largest tensor of a search: a gigabyte in 32 bits."""
_TOKEN = 8
"""Numbers that a token of an output counts for: it takes 64 bits, and is copied when hypotheses are reordered."""


def most_sentences(hypotheses: int, vocabulary: int, longest: int, weights: int = 0) -> int:
    """How many sentences are searched together at most.

    Args:
        hypotheses: of each sentence.
        vocabulary: size of the target's.
        longest: most subwords of an output.
        weights: attention weights that are kept of each subword.

    Raises:
        RequestError: not even one sentence can be searched.
    """
    each = hypotheses * max(vocabulary, longest * max(_TOKEN, weights))
    if each > MOST:
        lower = ", max_extra or max_ratio, or leave out the alignment" if weights else ", max_extra or max_ratio"
        raise RequestError(
            f"{hypotheses:,} hypotheses of up to {longest:,} subwords, a vocabulary of {vocabulary:,}, take too much "
            f"memory; lower the beam (--beam or --n-best, decoding.beam){lower}"
        )
    return MOST // each
