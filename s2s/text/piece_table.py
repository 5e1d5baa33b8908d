"""The pieces inside a SentencePiece model file, read and checked by us before the library sees the file.

A model file comes from wherever its user found it, and the library trusts what it loads. So the few fields that matter
are read here from the protocol-buffer wire format (sentencepiece_model.proto), and what s2s would not write is refused.
"""

import math
import struct
from collections.abc import Iterator
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
    trainer: dict[int, _Value] = {}
    normalizer: dict[int, _Value] = {}
    for number, value in _fields(model):
        # 1 pieces, 2 trainer_spec, 3 normalizer_spec; 4 and 5, which s2s never writes, make the library run more code.
        _require(number in (1, 2, 3) and isinstance(value, bytes), f"it has an unexpected field {number}")
        assert isinstance(value, bytes)
        if number == 1:
            entries.append(value)
            _require(len(entries) <= MAX_PIECES, f"it has more than {MAX_PIECES:,} pieces")
        else:
            (trainer if number == 2 else normalizer).update(_fields(value))
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
    return PieceTable(model, pieces, [score for _, score, _ in rows], normal, [spelled[name] for name in names])


def _piece(entry: bytes, index: int) -> tuple[str, float, int]:
    fields = dict(_fields(entry))
    raw, score, kind = fields.get(1, b""), fields.get(2, b"\0\0\0\0"), fields.get(3, _NORMAL)
    _require(isinstance(raw, bytes) and isinstance(score, bytes) and isinstance(kind, int), f"piece {index} is garbled")
    assert isinstance(raw, bytes)
    assert isinstance(score, bytes)
    assert isinstance(kind, int)
    _require(len(score) == 4, f"piece {index} is garbled")
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


def _fields(message: bytes) -> Iterator[tuple[int, _Value]]:
    """Field numbers and raw values of one protocol-buffer message."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        number, wire = key >> 3, key & 7
        _require(number > 0, "it is not a SentencePiece file")
        if wire == 0:
            integer, position = _varint(message, position)
            yield number, integer
            continue
        if wire == 2:
            length, position = _varint(message, position)
        else:
            _require(wire in (1, 5), "it is not a SentencePiece file")
            length = 8 if wire == 1 else 4
        _require(position + length <= len(message), "it is cut short or not a SentencePiece file")
        yield number, message[position : position + length]
        position += length


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        _require(position < len(message), "it is cut short or not a SentencePiece file")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise _Unsound("it is not a SentencePiece file")
