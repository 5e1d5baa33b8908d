"""Subwords by SentencePiece (Kudo & Richardson 2018), so that `decode(encode(text)) == text` for every text."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Self

import sentencepiece

from s2s.config.errors import RequestError
from s2s.config.regular import check_regular
from s2s.text.bpe import merge
from s2s.text.piece_table import MAX_BYTES, SPACE, read_piece_table
from s2s.text.vocabulary import BOS, PAD, UNK

ALTERNATIVES = 16
"""Segmentations of a word to sample from: so many best (unigram) or so many draws (bpe)."""
LONGEST_SAMPLED = 40
"""Characters of the longest word with alternatives; longer ones always get their best segmentation."""
_LONGEST_CACHED = 64
_CACHED_WORDS = 2**17


class Subwords:
    """A vocabulary on SentencePiece; its ids are SentencePiece's.

    A text is read as " " + text and cut before every space, and each word is segmented by itself. No piece runs over a
    space, so this is SentencePiece's segmentation of the whole. The library reads U+2581 as a space; here its bytes
    spell it.
    """

    def __init__(self, model: bytes, where: str = "the subword model") -> None:
        """`model` is a serialised SentencePiece model; RequestError, naming `where`, if s2s cannot have written it."""
        self._model = model
        self._table = read_piece_table(model, where)
        try:
            self._library = sentencepiece.SentencePieceProcessor(model_proto=model)
        except RuntimeError as error:
            raise RequestError(f"{where} is not a subword model that SentencePiece can load: {error}") from None
        self._decoded = [piece.replace(SPACE, " ").encode() for piece in self._table.pieces]
        self._decoded[:4] = [b""] * 4
        for byte, index in enumerate(self._table.bytes):
            self._decoded[index] = bytes([byte])
        self._mark = self._spell(SPACE)
        self._scores = {piece: self._table.scores[index] for piece, index in self._table.normal.items()}
        self._cached = lru_cache(_CACHED_WORDS)(self._segment)
        self.fingerprint = hashlib.sha256(model).hexdigest()[:16]
        breaks = (index for index, text in enumerate(self._decoded) if b"\n" in text or b"\r" in text)
        self.suppressed = frozenset((PAD, UNK, BOS, *breaks))

    def __len__(self) -> int:
        return len(self._decoded)

    def __reduce__(self) -> tuple[type[Self], tuple[bytes]]:
        return type(self), (self._model,)

    @property
    def written(self) -> list[bytes]:
        """What each id writes; a text is that of its ids one after the other, without the space at its beginning."""
        return self._decoded

    def words(self, text: str) -> list[str]:
        """What `encode` segments one by one: every word with the space before it; joined they are " " + text."""
        return [" " + word for word in text.split(" ")] if text else []

    def encode(self, text: str) -> list[int]:
        """Ids of the text, without bos and eos; none for the empty text. RequestError for a lone surrogate."""
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise RequestError(
                f"the text has half a character (lone surrogate U+{ord(text[error.start]):04X}) at place "
                f"{error.start + 1}, which UTF-8 cannot hold; repair or remove it"
            ) from None
        ids: list[int] = []
        for word in self.words(text):
            ids += self.segment(word)
        return ids

    def segment(self, word: str) -> tuple[int, ...]:
        """Ids of one of `words(text)`, in its best segmentation."""
        return self._cached(word) if len(word) <= _LONGEST_CACHED else self._segment(word)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids; specials are skipped, bytes that are not UTF-8 become U+FFFD."""
        text = b"".join([self._decoded[index] for index in ids]).decode("utf-8", errors="replace")
        return text.removeprefix(" ")

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """SentencePiece's name of every id, for display; U+2581 stands for the space."""
        return [self._table.pieces[index] for index in ids]

    def alternatives(self, word: str, alpha: float) -> tuple[list[list[int]], list[float]]:
        """Segmentations of one of `words(text)`, the most probable first, and their probabilities, which sum to 1.

        unigram: the n best, with probability ** alpha, normalised (Kudo 2018, section 3.2). bpe: merges dropped with
        probability alpha, as often as drawn from a seed that is the word itself. Models of characters or words have one
        segmentation.
        """
        best = list(self._cached(word))
        if len(word) > LONGEST_SAMPLED or SPACE in word:
            return [best], [1.0]
        if self._table.model == "unigram":
            candidates = self._library.nbest_encode_as_ids(word, ALTERNATIVES)
            # Byte pieces score 0 here, but the same bytes are in every candidate.
            scores = [alpha * sum(self._table.scores[index] for index in ids) for ids in candidates]
            weights = [math.exp(score - max(scores)) for score in scores]
            return candidates, [weight / sum(weights) for weight in weights]
        if self._table.model == "bpe":
            random = Random(word)
            text = word.replace(" ", SPACE)
            drawn = Counter(tuple(merge(text, self._scores, alpha, random)) for _ in range(ALTERNATIVES)).most_common()
            return [self._ids(pieces) for pieces, _ in drawn], [count / ALTERNATIVES for _, count in drawn]
        return [best], [1.0]

    def save(self, path: Path) -> None:
        """Write the SentencePiece model file."""
        path.write_bytes(self._model)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model file. RequestError where it is missing, or not one that s2s could have written."""
        try:
            check_regular(path)
            with path.open("rb") as file:
                model = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise RequestError(f"cannot read the subword model {path}: {error.strerror}") from None
        return cls(model, str(path))

    def _segment(self, word: str) -> tuple[int, ...]:
        first, *others = word.split(SPACE)
        ids = self._segment_marked(first)
        for part in others:
            ids += self._mark + self._segment_marked(part)
        return tuple(ids)

    def _segment_marked(self, part: str) -> list[int]:
        if self._table.model == "word":
            # The library would look up "<s>" as a special here and spell an unknown word's space as U+2581.
            return self._ids([part.replace(" ", SPACE)]) if part else []
        ids: list[int] = self._library.encode_as_ids(part)
        return ids

    def _ids(self, pieces: Iterable[str]) -> list[int]:
        ids: list[int] = []
        for piece in pieces:
            known = self._table.normal.get(piece)
            ids += self._spell(piece.replace(SPACE, " ")) if known is None else [known]
        return ids

    def _spell(self, text: str) -> list[int]:
        return [self._table.bytes[byte] for byte in text.encode()]
