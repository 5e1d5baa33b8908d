"""Scores of tags: one a word, separated by spaces, and the chunks that B- and I- tags mark."""

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

import numpy as np

from s2s import __version__
from s2s.config.errors import RequestError
from s2s.metrics.classes import class_confusions
from s2s.metrics.confusions import Confusion
from s2s.metrics.statistics import SEED, Floats, Statistics

OUTSIDE = "O"
_MARKS = ("B", "I", "E", "S")

Chunk = tuple[int, int, str]
"""The first word, the one after the last, and the type."""


def count_tags(hypotheses: Sequence[str], streams: Sequence[Sequence[str | None]]) -> Statistics:
    """Counts (N, 2) of words with the right tag and of words; where there are more or fewer tags, those are wrong."""
    counts = np.zeros((len(hypotheses), 2))
    for row, (given, meant) in enumerate(zip(hypotheses, _only(streams), strict=True)):
        pairs = list(zip_longest(_cut(given), _cut(meant)))
        counts[row] = sum(one == other for one, other in pairs), len(pairs)
    return Statistics(counts, lambda sums: 100 * sums[:, 0] / np.maximum(sums[:, 1], 1), _signature("unit:word"))


def count_chunks(hypotheses: Sequence[str], streams: Sequence[Sequence[str | None]]) -> Statistics:
    """Counts (N, 3) of chunks that are right in both ends and type, of those given and of those meant; the score is F1.

    Chunks are those of conlleval (Tjong Kim Sang & Buchholz 2000), and any other tag is outside of them. RequestError
    where the references have other tags only.
    """
    references = _only(streams)
    tags = sorted({tag for text in references for tag in _cut(text)} - {OUTSIDE})
    if tags and not any(tag.partition("-")[0] in _MARKS for tag in tags):
        raise RequestError(f"chunk_f1 is of tags such as B-X, I-X and O, and the references have {', '.join(tags[:5])}")
    counts = np.zeros((len(hypotheses), 3))
    for row, (given, meant) in enumerate(zip(hypotheses, references, strict=True)):
        found, wanted = (set(chunks(_cut(text))) for text in (given, meant))
        counts[row] = len(found & wanted), len(found), len(wanted)
    return Statistics(counts, _f1, _signature("unit:chunk|mean:micro"))


def tag_confusions(hypotheses: Sequence[str], references: Sequence[str]) -> list[Confusion]:
    """Every pair of a tag and what it was taken for, the most frequent first; empty where there is none."""
    pairs = [
        pair
        for given, meant in zip(hypotheses, references, strict=True)
        for pair in zip_longest(_cut(given), _cut(meant), fillvalue="")
    ]
    return class_confusions([given for given, _ in pairs], [meant for _, meant in pairs])


def chunks(tags: Sequence[str]) -> Iterator[Chunk]:
    """The chunks of a sentence: one begins at B- or S-, after E- or S-, where the type changes, or at I- after O."""
    start, kind, before = 0, None, OUTSIDE
    for place, tag in enumerate((*tags, OUTSIDE)):
        mark, _, now = tag.partition("-")
        begins = mark in ("B", "S") or before in ("E", "S") or now != kind
        if kind is not None and (mark not in _MARKS or begins):
            yield start, place, kind
            kind = None
        if kind is None and mark in _MARKS:
            start, kind = place, now
        before = mark


def _cut(text: str) -> list[str]:
    """The tags of a sentence, which spaces or tabs separate."""
    return [tag for tag in text.replace("\t", " ").split(" ") if tag]


def _f1(sums: Floats) -> Floats:
    """Percentages (R,) of sums (R, 3)."""
    right, given, meant = sums.T
    return np.asarray(200 * right / np.maximum(given + meant, 1))


def _only(streams: Sequence[Sequence[str | None]]) -> list[str]:
    """The references, of which tags have one each."""
    if len(streams) > 1:
        raise RequestError(f"tags are scored against one reference each, not {len(streams)}")
    return [text or "" for text in streams[0]]


def _signature(unit: str) -> Callable[[int], str]:
    def signature(samples: int) -> str:
        resampled = f"|bs:{samples}|seed:{SEED}" if samples else ""
        return f"nrefs:1{resampled}|case:mixed|{unit}|version:s2s-{__version__}"

    return signature
