"""Class names <-> ids: the vocabulary of models that answer with a class."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from s2s.config.errors import RequestError
from s2s.config.plain_json import parse_json
from s2s.config.regular import read_regular
from s2s.text.charset import SPECIALS
from s2s.text.vocabulary import BOS, EOS, PAD, UNK

FORMAT = 1
MAX_BYTES = 16 * 2**20
MOST = 10_000
"""Classes: beyond, a column is of texts rather than of class names."""
_LONGEST = 1000


class Labels:
    """A vocabulary (s2s.text.vocabulary) with one id a class: pad 0, unk 1, bos 2, eos 3, then the names in order.

    A text is the name of one class, as it stands, spaces and case included. RequestError for names that are blank,
    repeated, too long or too many, or have a line break.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._ids = {name: number for number, name in enumerate(self.names, len(SPECIALS))}
        self._table = (*SPECIALS, *self.names)
        self.suppressed = frozenset({PAD, UNK, BOS, EOS})
        if not 1 <= len(self.names) <= MOST:
            raise RequestError(f"there are {len(self.names):,} classes; between 1 and {MOST:,} can be told apart")
        if len(self._ids) != len(self.names):
            raise RequestError("a class is listed twice; list every class once")
        for name in self.names:
            if not name.strip() or len(name) > _LONGEST or len(name.splitlines()) > 1:
                raise RequestError(f"{name[:40]!r} cannot be a class: a name is one line, not blank, not too long")

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, name: object) -> bool:
        return name in self._ids

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of the names in order."""
        return hashlib.sha256("\n".join(self.names).encode()).hexdigest()[:16]

    def encode(self, text: str) -> list[int]:
        """The id of a class by its name; UNK for any other text."""
        return [self._ids.get(text, UNK)]

    def decode(self, ids: Iterable[int]) -> str:
        """Names of the ids, separated by spaces; specials are skipped."""
        return " ".join(self._table[number] for number in ids if number > EOS)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """What each id stands for, specials included, for display."""
        return [self._table[number] for number in ids]

    def words(self, text: str) -> list[str]:
        """A name is one word, as a corpus sees it."""
        return [text]

    def segment(self, word: str) -> list[int]:
        """Its only segmentation."""
        return self.encode(word)

    def alternatives(self, word: str, alpha: float) -> tuple[list[list[int]], list[float]]:
        """There is no other segmentation to draw."""
        return [self.encode(word)], [1.0]

    def save(self, path: Path) -> None:
        """Write the names to one JSON file."""
        content = {"format": FORMAT, "labels": list(self.names)}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote. Raises RequestError where it is missing or malformed."""
        try:
            return cls.parse(read_regular(path, MAX_BYTES), str(path))
        except OSError as error:
            raise RequestError(f"{path}: cannot read the labels: {error.strerror}") from error

    @classmethod
    def parse(cls, content: bytes, where: str) -> Self:
        """The labels in a file's bytes. Raises RequestError, naming `where`, if they are malformed or too many."""
        try:
            values = parse_json(content, MAX_BYTES)
        except ValueError as error:
            raise RequestError(f"{where}: not a list of labels: {error}") from error
        names = values.get("labels") if isinstance(values, dict) else None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise RequestError(f'{where}: not a list of labels: it needs a key "labels" with a list of strings')
        if values.get("format") != FORMAT:
            raise RequestError(f"{where}: labels of format {values.get('format')!r}, but this version reads {FORMAT}")
        try:
            "".join(names).encode()  # half a character, which nothing could print
            return cls(names)
        except (RequestError, UnicodeEncodeError) as error:
            raise RequestError(f"{where}: {error}") from error
