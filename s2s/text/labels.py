"""Class names <-> ids: the vocabulary of models that answer with a class."""

import hashlib
from collections.abc import Iterable
from typing import Any, Self

from s2s.config.errors import RequestError
from s2s.text.listed import ListedVocabulary
from s2s.text.vocabulary import BOS, EOS, PAD, UNK

MOST = 10_000
"""Classes: beyond, a column is of texts rather than of class names."""
_LONGEST = 1000


class Labels(ListedVocabulary):
    """A vocabulary of one id a class.

    A text is the name of one class, as it stands, spaces and case included. RequestError for names that are blank,
    repeated, too long or too many, or have a line break.
    """

    what, key, most_bytes, separator = "list of labels", "labels", 16 * 2**20, " "

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        super().__init__(self.names)
        self.suppressed = frozenset({PAD, UNK, BOS, EOS})
        if not 1 <= len(self.names) <= MOST:
            raise RequestError(f"there are {len(self.names):,} classes; there can be 1 to {MOST:,}")
        if len(self._ids) != len(self.names):
            raise RequestError("a class is listed twice; list every class once")
        for name in self.names:
            if not name.strip() or len(name) > _LONGEST or len(name.splitlines()) > 1:
                raise RequestError(f"{name[:40]!r} cannot be a class: a name is one line, not blank, not too long")

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of the names in order."""
        return hashlib.sha256("\n".join(self.names).encode()).hexdigest()[:16]

    def encode(self, text: str) -> list[int]:
        """The id of a class by its name; UNK for any other text."""
        return [self.id(text)]

    def words(self, text: str) -> list[str]:
        """A name is one word, as a corpus sees it."""
        return [text]

    def segment(self, word: str) -> list[int]:
        """Its only segmentation."""
        return self.encode(word)

    def alternatives(self, word: str, alpha: float) -> tuple[list[list[int]], list[float]]:
        """There is no other segmentation to draw."""
        return [self.encode(word)], [1.0]

    def stored(self) -> dict[str, Any]:
        """See ListedVocabulary."""
        return {"labels": list(self.names)}

    @classmethod
    def restored(cls, entries: Any) -> Self:
        """See ListedVocabulary."""
        if not isinstance(entries, list) or not all(isinstance(name, str) for name in entries):
            raise RequestError('"labels" must be a list of strings')
        try:
            "".join(entries).encode()  # half a character, which nothing could print
        except UnicodeEncodeError as error:
            raise RequestError(str(error)) from error
        return cls(entries)
