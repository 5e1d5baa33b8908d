"""What code points alone show of writing."""

import unicodedata
from collections.abc import Iterator
from functools import cache

VIRAMA = 9
"""Canonical combining class of the signs that join the next consonant to the one before."""
JOINERS = "\u200c\u200d"


@cache
def combining(character: str) -> bool:
    """Whether the character leans on the one before it: a mark or a joiner."""
    return character in JOINERS or unicodedata.category(character).startswith("M")


@cache
def joined(character: str) -> bool:
    """Whether the letters of the character's script are written together, or change with their neighbours."""
    return combining(character) or 0x0590 <= ord(character) < 0x1100 or 0x1780 <= ord(character) < 0x1880


def clusters(text: str) -> Iterator[str]:
    """The text in pieces that can be moved apart: a letter with its marks, and what a virama ties to it."""
    piece = ""
    for character in text:
        tied = piece and (unicodedata.combining(piece[-1]) == VIRAMA or piece[-1] == "\u200d") and character != " "
        if piece and not combining(character) and not tied:
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece
