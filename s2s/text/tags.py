"""Tags <-> ids: the vocabulary of models that answer with a tag for each word; and the words of a sentence."""

import re
from collections.abc import Collection, Iterable

from s2s.config.errors import RequestError
from s2s.text.labels import Labels
from s2s.text.normalisation import Normalisation, normalise

NO_BREAK = "\u00a0"
"""Stands for the spaces inside a word, which would else look like those between words."""
_CHUNKED = re.compile("[BIES]-.+|O", re.DOTALL)


class Tags(Labels):
    """A vocabulary (s2s.text.vocabulary) with one id a tag; a text is the tags of a sentence, separated by spaces."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(names)
        for name in self.names:
            if " " in name:
                raise RequestError(f"{name[:40]!r} cannot be a tag: a space separates tags")

    @property
    def chunked(self) -> bool:
        """Whether they mark chunks."""
        return are_chunks(self.names)

    def encode(self, text: str) -> list[int]:
        """The id of every tag; UNK for others."""
        return [number for name in self.words(text) for number in super(Tags, self).encode(name)]

    def words(self, text: str) -> list[str]:
        """The tags one by one."""
        return words(text)


def are_chunks(names: Collection[str]) -> bool:
    """Whether tags say where a chunk begins and goes on: B-X, I-X and O."""
    return all(map(_CHUNKED.fullmatch, names)) and set(names) != {"O"}


def words(text: str) -> list[str]:
    """The words of a sentence, or its tags: what spaces or tabs separate. No other kind of space does."""
    return [word for word in text.replace("\t", " ").split(" ") if word]


def joined(found: Iterable[str]) -> str:
    """Words as a sentence that `words` cuts into them again, spaces inside a word apart: they become `NO_BREAK`."""
    return " ".join(word.replace(" ", NO_BREAK).replace("\t", NO_BREAK) for word in found)


def normalise_words(text: str, kind: Normalisation) -> str:
    """A sentence whose words are normalised one by one, so that it has as many of them as before."""
    return " ".join(normalise(word, kind).replace(" ", NO_BREAK) or NO_BREAK for word in words(text))
