"""A model file that s2s could not have written is refused before the library loads it."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.errors import RequestError
from s2s.config.vocabulary import Pieces
from s2s.text.piece_table import MAX_BYTES, MAX_PIECE_LENGTH, read_piece_table
from s2s.text.subwords import Subwords
from s2s.text.train_subwords import train_subwords

_, (MODEL,) = train_subwords(["a small dog runs"] * 9, Pieces(size=290)).__reduce__()


def varint(value: int) -> bytes:
    head, tail = value & 0x7F, value >> 7
    return bytes([head | 0x80]) + varint(tail) if tail else bytes([head])


def message(number: int, body: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(body)) + body


def piece(text: bytes, score: float = 0.0, kind: int = 1) -> bytes:
    return message(1, message(1, text) + b"\x15" + struct.pack("<f", score) + b"\x18" + varint(kind))


SPECIALS = [piece(b"<pad>", kind=3), piece(b"<unk>", kind=2), piece(b"<s>", kind=3), piece(b"</s>", kind=3)]
BYTES = [piece(b"<0x%02X>" % byte, kind=6) for byte in range(256)]
SPACE = piece("\u2581".encode(), -1.0)
FALLBACK, SUFFIX = varint(35 << 3) + b"\x01", varint(24 << 3) + b"\x01"
FLAGS = b"\x18\x00\x20\x00\x28\x01"  # no prefix, white space kept, escaped
TRAINER = message(2, b"\x18\x01" + FALLBACK)  # unigram, byte fallback
NORMALIZER = message(3, FLAGS)


def model(
    *more: bytes, specials: list[bytes] = SPECIALS, spelled: list[bytes] = BYTES, specs: bytes = TRAINER + NORMALIZER
) -> bytes:
    return b"".join((*specials, *spelled, *more)) + specs


def test_the_smallest_sound_model_is_used() -> None:
    vocabulary = Subwords(model(SPACE))
    assert len(vocabulary) == 261
    assert vocabulary.decode(vocabulary.encode("any text ")) == "any text "


def test_a_trained_model_is_read_as_the_library_reads_it() -> None:
    table = read_piece_table(MODEL, "here")
    library = Subwords(MODEL)._library
    assert table.pieces == [library.id_to_piece(index) for index in range(len(library))]
    assert table.scores == [library.get_score(index) for index in range(len(library))]
    assert table.model == "unigram"


@pytest.mark.parametrize(
    ("blob", "why"),
    [
        (b"", "byte fallback"),
        (b"just some text, no model at all", "not"),
        (MODEL[:-3], "cut short"),
        (b"\x00", "not a SentencePiece file"),
        (b"\xff" * 12, "not a SentencePiece file"),
        (b"\0" * (MAX_BYTES + 1), "too many"),
        (model(), "no piece for the space"),
        (model(SPACE, piece(b"x" * (MAX_PIECE_LENGTH + 1))), "piece 261 has 129 characters"),
        (model(SPACE, piece(b"")), "piece 261 has 0 characters"),
        (model(SPACE, piece(b"\xff")), "not UTF-8"),
        (model(SPACE, piece(b"a"), piece(b"a")), "same piece twice"),
        (model(SPACE, piece("a\u2581b".encode())), "runs over a space"),
        (model(SPACE, piece(b"a", float("nan"))), "score of piece 261 is nan"),
        (model(SPACE, piece(b"a", float("-inf"))), "score of piece 261 is -inf"),
        (model(SPACE, piece(b"a", kind=4)), "unsupported kind 4"),
        (model(SPACE, piece(b"a", kind=2)), "unsupported kind 2"),
        (model(SPACE, specials=SPECIALS[1:]), "ids 0 to 3"),
        (model(specials=[], spelled=[]), "ids 0 to 3"),
        (model(SPACE, spelled=BYTES[1:]), "256 bytes"),
        (model(SPACE, specs=NORMALIZER), "byte fallback"),
        (model(SPACE, specs=TRAINER), "changes white space"),
        (model(SPACE, specs=TRAINER + message(3, FLAGS + message(2, b"charsmap"))), "rewrites characters"),
        (model(SPACE, specs=TRAINER + message(3, FLAGS + message(6, b"a\tb"))), "rewrites characters"),
        (model(SPACE, specs=NORMALIZER + message(2, b"\x18\x09" + FALLBACK)), "model type 9"),
        (model(SPACE, specs=NORMALIZER + message(2, b"\x18\x01" + FALLBACK + SUFFIX)), "at the end of pieces"),
        (model(SPACE, piece(b"a", -1.0), specs=NORMALIZER + message(2, b"\x18\x02" + FALLBACK)), "the same place"),
        (model(SPACE) + message(4, b""), "unexpected field 4"),
        (model(SPACE) + message(5, message(2, b"charsmap")), "unexpected field 5"),
        (model(SPACE) + message(200, b""), "unexpected field 200"),
        (model(SPACE) + varint(1 << 3) + b"\0", "field 1 is of another type"),
    ],
)
def test_hostile_models_are_refused_in_one_sentence(blob: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "subwords.model"
    path.write_bytes(blob)
    with pytest.raises(RequestError) as error:
        Subwords.load(path)
    assert str(path) in str(error.value)
    assert why in str(error.value)
    assert "\n" not in str(error.value)


CHARSMAP = message(2, b"charsmap")


@pytest.mark.parametrize(
    "blob",
    [
        model(SPACE, specs=TRAINER + message(3, FLAGS + CHARSMAP + b"\x10\x00")),  # bytes, then 0 as an integer
        model(SPACE, specs=TRAINER + message(3, FLAGS + b"\x10\x00" + CHARSMAP)),
        model(SPACE, specs=TRAINER + message(3, FLAGS + CHARSMAP + message(2, b""))),
        model(SPACE, specs=TRAINER + message(3, FLAGS + b"\x18\x00")),
        model(SPACE, specs=TRAINER + message(3, FLAGS + message(3, b""))),
        model(SPACE, specs=NORMALIZER + message(2, b"\x18\x01" + FALLBACK + SUFFIX + message(24, b""))),
        model(SPACE, specs=NORMALIZER + message(2, b"\x18\x01" + FALLBACK + SUFFIX + varint(24 << 3) + b"\0")),
        model(SPACE) + NORMALIZER,
        model(SPACE) + TRAINER,
        model(SPACE, message(1, message(1, b"a") + message(1, b"b"))),
        model(SPACE, message(1, message(1, b"a") + message(2, b"\0\0\0\0"))),
        model(SPACE, message(1, message(1, b"a") + b"\x18\x01\x18\x01")),
    ],
)
def test_a_repeated_field_or_one_of_another_type_is_refused(blob: bytes) -> None:
    with pytest.raises(RequestError, match=r"field \d+ is (there twice|of another type)$"):
        read_piece_table(blob, "here")


@pytest.mark.parametrize("bytes_of_35", [b"\x81\x00", b"\x81\x80\x80\x80\x80\x80\x80\x80\x80\x02"])
def test_an_integer_that_parsers_may_read_as_another_is_refused(bytes_of_35: bytes) -> None:
    trainer = message(2, b"\x18\x01" + varint(35 << 3) + bytes_of_35)
    with pytest.raises(RequestError, match="not a SentencePiece file"):
        read_piece_table(model(SPACE, specs=NORMALIZER + trainer), "here")


def test_too_many_pieces_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("s2s.text.piece_table.MAX_PIECES", 260)
    with pytest.raises(RequestError, match="more than 260 pieces"):
        read_piece_table(model(SPACE), "here")


@given(place=st.integers(0, len(MODEL) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_refused_or_harmless(place: int, byte: int) -> None:
    damaged = MODEL[:place] + bytes([byte]) + MODEL[place + 1 :]
    try:
        vocabulary = Subwords(damaged, "here")
    except RequestError:
        return
    assert vocabulary.decode(vocabulary.encode("a dog\n runs 🙂")) == "a dog\n runs 🙂"
