"""The pieces inside a SentencePiece model file, read and checked by us before the library sees the file.

A model file comes from wherever its user found it, and the library trusts what it loads. So the few fields that matter
are read here from the protocol-buffer wire format (sentencepiece_model.proto), and what s2s would not write is refused:
unknown fields, and known ones that are there twice or in another form, since parsers differ in which they believe.
"""

import math
import struct
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from s2s.config.errors import RequestError
from s2s.text.vocabulary import BOS, EOS, PAD, UNK

SPACE = "\u2581"
"""What stands for a space inside pieces."""
MAX_BYTES = 64 * 2**20
MAX_PIECES = 1_000_000
MAX_PIECE_LENGTH = 128
"""Characters in a piece."""
MAX_SCORE = 1e9

_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6
_MODELS = {1: "unigram", 2: "bpe", 3: "word", 4: "char"}
_Value = int | bytes
_Form = type[int] | type[float] | type[bytes]

# Every field of sentencepiece_model.proto that s2s writes, and its form on the wire: varint, four bytes, or length and
# bytes.
_MODEL: dict[int, _Form] = {1: bytes, 2: bytes, 3: bytes}
_PIECE: dict[int, _Form] = {1: bytes, 2: float, 3: int}
_NORMALIZER: dict[int, _Form] = {1: bytes, 2: bytes, 3: int, 4: int, 5: int, 6: bytes}
_TRAINER: dict[int, _Form] = {
    **dict.fromkeys((3, 4, 6, 11, 12, 13, 14, 16, 17, 18, 19, *range(20, 27), *range(32, 36)), int),
    **dict.fromkeys((*range(40, 44), 49, 50, 52, 55), int),
    **dict.fromkeys((10, 15, 51), float),
    **dict.fromkeys((1, 2, 5, 7, 30, 31, 36, *range(44, 49), 53, 54), bytes),
}


@dataclass(frozen=True)
class PieceTable:
    """The vocabulary of a sound model; index = id."""

    model: str
    """unigram, bpe, word or char."""
    pieces: list[str]
    scores: list[float]
    normal: dict[str, int]
    """Id of every piece that is text (neither special nor byte)."""
    bytes: list[int]
    """Ids of the pieces that stand for the bytes 0 to 255."""


def read_piece_table(model: bytes, where: str) -> PieceTable:
    """The pieces of a SentencePiece model; RequestError, naming `where`, where s2s cannot have written it."""
    if len(model) > MAX_BYTES:
        raise RequestError(f"{where}: {len(model):,} bytes are too many for a subword model; the most is {MAX_BYTES:,}")
    try:
        return _read(model)
    except _Unsound as error:
        raise RequestError(f"{where} is not a subword model that s2s can use: {error}") from None


class _Unsound(Exception):
    pass


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise _Unsound(otherwise)


def _read(model: bytes) -> PieceTable:
    entries: list[bytes] = []
    specs: dict[int, bytes] = {}
    for number, value in _fields(model, _MODEL, repeated=(1,)):
        assert isinstance(value, bytes)
        if number == 1:
            entries.append(value)
            _require(len(entries) <= MAX_PIECES, f"it has more than {MAX_PIECES:,} pieces")
        else:
            specs[number] = value
    # Lists of the trainer: its input, languages, and symbols with a piece of their own.
    trainer = dict(_fields(specs.get(2, b""), _TRAINER, repeated=(1, 5, 30, 31)))
    normalizer = dict(_fields(specs.get(3, b""), _NORMALIZER))
    kind = trainer.get(3, 1)
    _require(kind in _MODELS, f"its model type {kind!r} is unknown")
    assert isinstance(kind, int)
    _require(trainer.get(35, 0) == 1, "it has no byte fallback, so some text could not be encoded")
    _require(not trainer.get(24, 0), "it puts spaces at the end of pieces")
    _require(not normalizer.get(2) and not normalizer.get(6), "it rewrites characters, so text would not survive it")
    # The proto's defaults are true: dummy prefix, extra white space removed, white space escaped.
    flags = [normalizer.get(number, 1) for number in (3, 4, 5)]
    _require(flags == [0, 0, 1], "it changes white space, so text would not survive it")
    return _table(_MODELS[kind], [_piece(entry, index) for index, entry in enumerate(entries)])


def _table(model: str, rows: list[tuple[str, float, int]]) -> PieceTable:
    kinds = [kind for _, _, kind in rows]
    specials = [kinds[i] if i < len(kinds) else None for i in (PAD, UNK, BOS, EOS)]
    _require(specials == [_CONTROL, _UNKNOWN, _CONTROL, _CONTROL], "ids 0 to 3 are not pad, unk, bos and eos")
    normal: dict[str, int] = {}
    spelled: dict[str, int] = {}
    for index, (piece, _, kind) in enumerate(rows[4:], start=4):
        _require(kind in (_NORMAL, _BYTE), f"piece {index} is of the unsupported kind {kind}")
        _require(SPACE not in piece[1:], f"piece {index} runs over a space")
        (normal if kind == _NORMAL else spelled)[piece] = index
    _require(len({piece for piece, _, _ in rows}) == len(rows), "it has the same piece twice")
    names = [f"<0x{byte:02X}>" for byte in range(256)]
    _require(sorted(spelled) == sorted(names), "its byte pieces are not the 256 bytes")
    _require(model == "word" or SPACE in normal, "it has no piece for the space")
    pieces = [piece for piece, _, _ in rows]
    order = [rows[index][1] for index in normal.values()]
    _require(model != "bpe" or len(set(order)) == len(order), "two of its merges have the same place in their order")
    return PieceTable(model, pieces, [score for _, score, _ in rows], normal, [spelled[name] for name in names])


def _piece(entry: bytes, index: int) -> tuple[str, float, int]:
    fields = dict(_fields(entry, _PIECE))
    raw, score, kind = fields.get(1, b""), fields.get(2, b"\0\0\0\0"), fields.get(3, _NORMAL)
    assert isinstance(raw, bytes)
    assert isinstance(score, bytes)
    assert isinstance(kind, int)
    try:
        piece = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _Unsound(f"piece {index} is not UTF-8") from None
    _require(
        0 < len(piece) <= MAX_PIECE_LENGTH, f"piece {index} has {len(piece)} characters, not 1 to {MAX_PIECE_LENGTH}"
    )
    number = struct.unpack("<f", score)[0]
    _require(math.isfinite(number) and abs(number) <= MAX_SCORE, f"the score of piece {index} is {number}")
    return piece, number, kind


def _fields(message: bytes, forms: Mapping[int, _Form], repeated: Collection[int] = ()) -> Iterator[tuple[int, _Value]]:
    """Numbers and raw values of the fields of one protocol-buffer message, each of which is one of `forms`."""
    position, seen = 0, set()
    while position < len(message):
        key, position = _varint(message, position)
        number, wire = key >> 3, key & 7
        _require(number > 0 and wire in (0, 1, 2, 5), "it is not a SentencePiece file")
        _require(number in forms, f"it has an unexpected field {number}")
        _require(wire == {int: 0, bytes: 2, float: 5}[forms[number]], f"its field {number} is of another type")
        _require(number in repeated or number not in seen, f"its field {number} is there twice")
        seen.add(number)
        if wire == 0:
            integer, position = _varint(message, position)
            yield number, integer
            continue
        length = 4
        if wire == 2:
            length, position = _varint(message, position)
        _require(position + length <= len(message), "it is cut short or not a SentencePiece file")
        yield number, message[position : position + length]
        position += length


def _varint(message: bytes, position: int) -> tuple[int, int]:
    """An integer of at most 64 bits, in as few bytes as it needs, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        _require(position < len(message), "it is cut short or not a SentencePiece file")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            _require(value < 2**64 and (byte > 0 or shift == 0), "it is not a SentencePiece file")
            return value, position
    raise _Unsound("it is not a SentencePiece file")
