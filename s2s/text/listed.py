"""Vocabularies whose entries stand one after the other in a JSON file: characters, class names."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from s2s.config.errors import RequestError
from s2s.config.plain_json import parse_json
from s2s.config.regular import read_regular
from s2s.text.vocabulary import EOS, UNK

FORMAT = 1
SPECIALS = ("<pad>", "<unk>", "<s>", "</s>")


class ListedVocabulary(ABC):
    """A vocabulary (s2s.text.vocabulary) of one id an entry: pad 0, unk 1, bos 2, eos 3, then the entries in order."""

    what: ClassVar[str]
    """What it is, for messages: `charset`."""
    key: ClassVar[str]
    """Under which the entries stand in its file."""
    most_bytes: ClassVar[int]
    """Of its file."""
    separator: ClassVar[str] = ""
    """Between entries in a text."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._ids = {entry: number for number, entry in enumerate(entries, len(SPECIALS))}
        self._table = (*SPECIALS, *entries)

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, entry: object) -> bool:
        return entry in self._ids

    def id(self, entry: str) -> int:
        """The id of an entry; UNK for what is not one."""
        return self._ids.get(entry, UNK)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids; specials are skipped."""
        return self.separator.join(self._table[number] for number in ids if number > EOS)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """What each id stands for, specials included, for display."""
        return [self._table[number] for number in ids]

    @abstractmethod
    def stored(self) -> dict[str, Any]:
        """What its file has besides the format."""

    @classmethod
    @abstractmethod
    def restored(cls, entries: Any) -> Self:
        """From what stood under the key. Raises RequestError where it does not suit."""

    def save(self, path: Path) -> None:
        """Write it to one JSON file."""
        content = {"format": FORMAT, **self.stored()}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote. Raises RequestError where it is missing or malformed."""
        try:
            return cls.parse(read_regular(path, cls.most_bytes), str(path))
        except OSError as error:
            raise RequestError(f"{path}: cannot read the {cls.what}: {error.strerror}") from error

    @classmethod
    def parse(cls, content: bytes, where: str) -> Self:
        """From a file's bytes. Raises RequestError, naming `where`, if they are malformed or too many."""
        try:
            values = parse_json(content, cls.most_bytes)
        except ValueError as error:
            raise RequestError(f"{where}: not a {cls.what}: {error}") from error
        if not isinstance(values, dict) or cls.key not in values:
            raise RequestError(f'{where}: not a {cls.what}: it needs a key "{cls.key}"')
        if values.get("format") != FORMAT:
            raise RequestError(f"{where}: {cls.what} format {values.get('format')!r}, but this version reads {FORMAT}")
        try:
            return cls.restored(values[cls.key])
        except RequestError as error:
            raise RequestError(f"{where}: {error}") from error
