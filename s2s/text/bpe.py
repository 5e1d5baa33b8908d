"""Byte-pair merging with dropout (Provilkov, Emelianenko & Voita 2020, section 3), over a table of piece scores."""

from collections.abc import Mapping
from random import Random


def merge(word: str, scores: Mapping[str, float], dropout: float, random: Random) -> list[str]:
    """Pieces of one word: merge the adjacent pair of the best score (the leftmost of equals) until no pair is left.

    A pair can merge where its concatenation is in `scores`. At every step each possible merge is left out with
    probability `dropout`; with 0 the result is SentencePiece's own segmentation.
    """
    symbols = list(word)
    while True:
        best, place = float("-inf"), -1
        for index in range(len(symbols) - 1):
            score = scores.get(symbols[index] + symbols[index + 1])
            if score is not None and score > best and not (dropout and random.random() < dropout):
                best, place = score, index
        if place < 0:
            return symbols
        symbols[place : place + 2] = [symbols[place] + symbols[place + 1]]
