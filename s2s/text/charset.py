"""Characters <-> ids: the vocabulary of the recognisers, Unicode NFC throughout."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from s2s.config.errors import RequestError
from s2s.text.listed import SPECIALS, ListedVocabulary
from s2s.text.vocabulary import BOS, PAD, UNK

DEFAULT = "".join(map(chr, range(0x20, 0x7F)))
"""The 94 printable ASCII characters and the space."""

Policy = Literal["keep", "union", "new"]


def nfc(text: str) -> str:
    """The text in Unicode normalisation form C: one spelling for what looks the same."""
    return unicodedata.normalize("NFC", text)


class Charset(ListedVocabulary):
    """A vocabulary of one id a character; `decode(encode(x)) == x` for any NFC text within it.

    Raises RequestError where a character is repeated, is a control character or a line break, or has another spelling
    in NFC (as the precomposed Devanagari letters U+0958 to U+095F), because encode could then never produce it.
    """

    what, key, most_bytes = "charset", "characters", 4 * 2**20  # every character of Unicode takes less

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = "".join(characters)
        super().__init__(self.characters)
        self.suppressed = frozenset({PAD, UNK, BOS})
        if not self.characters:
            raise RequestError("a charset needs at least one character; none was given")
        if len(self._ids) != len(self.characters):
            repeated = Counter(self.characters).most_common(1)[0][0]
            raise RequestError(f"the charset lists {describe(repeated)} more than once; list every character once")
        for character in self.characters:
            if not allowed(character):
                raise RequestError(
                    f"the charset holds {describe(character)}, which no label in NFC can hold; remove it"
                )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Charset) and other.characters == self.characters

    def __hash__(self) -> int:
        return hash(self.characters)

    def __repr__(self) -> str:
        return f"Charset({self.characters!r})"

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of the characters in order."""
        return hashlib.sha256(self.characters.encode()).hexdigest()[:16]

    def encode(self, text: str) -> list[int]:
        """Ids of the text in NFC, without BOS and EOS; a character outside the charset becomes UNK."""
        return [self.id(character) for character in nfc(text)]

    def unknown(self, text: str) -> list[str]:
        """Characters of the text (in NFC) that the charset lacks, in order, repeats included."""
        return [character for character in nfc(text) if character not in self]

    def stored(self) -> dict[str, Any]:
        """See ListedVocabulary."""
        return {"normalisation": "NFC", "characters": self.characters}

    @classmethod
    def restored(cls, entries: Any) -> Self:
        """See ListedVocabulary."""
        if not isinstance(entries, str):
            raise RequestError('"characters" must be a string')
        return cls(entries)


def learn(texts: Iterable[str]) -> Charset:
    """The charset of all characters of the texts in NFC, by code point. Raises RequestError if there are none."""
    found: set[str] = set()
    for text in texts:
        found.update(nfc(text))
    return Charset(sorted(filter(allowed, found)))


@dataclass(frozen=True)
class Merge:
    """A model's charset brought together with that of new data."""

    charset: Charset
    """The characters of the new model."""
    rows: tuple[int, ...]
    """For every id of `charset` the id in the old one whose row it inherits; -1 where it starts afresh."""
    added: str
    """Characters that the old charset lacks."""
    removed: str
    """Characters of the old charset that are gone."""
    unread: str
    """Characters of the new data that `charset` lacks."""

    def summary(self) -> str:
        """One line: what is kept, added, removed and left unread."""
        parts = [f"{len(self.charset) - len(SPECIALS)} characters"]
        for name in ("added", "removed", "unread"):
            characters = getattr(self, name)
            parts.append(f"{len(characters)} {name}" + (f" ({show(characters)})" if characters else ""))
        return ", ".join(parts)


def merge(old: Charset, data: Charset, policy: Policy) -> Merge:
    """Combine a model's charset with the data's: `keep` the old, take the `union`, or the `new` one alone.

    The specials always keep their rows, and in a union the old characters keep their ids.
    """
    extra = "".join(c for c in data.characters if c not in old)
    charset = {"keep": old, "union": Charset(old.characters + extra), "new": data}[policy]
    inherited = (old.encode(c)[0] if c in old else -1 for c in charset.characters)
    return Merge(
        charset=charset,
        rows=(*range(len(SPECIALS)), *inherited),
        added="".join(c for c in charset.characters if c not in old),
        removed="".join(c for c in old.characters if c not in charset),
        unread="".join(c for c in data.characters if c not in charset),
    )


def allowed(character: str) -> bool:
    """Whether a label in NFC can hold the character: no control characters, line breaks or surrogates."""
    return unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp") and nfc(character) == character


def describe(character: str) -> str:
    """A character with code point and name: `'é' (U+00E9 LATIN SMALL LETTER E WITH ACUTE)`."""
    return f"{character!r} (U+{ord(character):04X} {unicodedata.name(character, 'unnamed')})"


def show(characters: Sequence[str], most: int = 40) -> str:
    """The characters side by side; combining marks sit on a dotted circle so that they can be seen."""
    shown = ["\u25cc" + c if unicodedata.category(c).startswith("M") else c for c in characters[:most]]
    text = " ".join(repr(c) if c.isspace() else c for c in shown)
    return text + (f" and {len(characters) - most} more" if len(characters) > most else "")
