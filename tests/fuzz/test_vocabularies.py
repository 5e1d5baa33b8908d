"""A subword model that we accept means to SentencePiece, which runs it, exactly what our table says."""

import io
import math
import struct
from functools import cache
from pathlib import Path
from random import Random

import pytest
import sentencepiece

from s2s.config.vocabulary import Pieces
from s2s.text.bpe import merge
from s2s.text.piece_table import SPACE
from s2s.text.subwords import Subwords
from s2s.text.train_subwords import train_subwords
from tests.fuzz.cases import Outcomes, cases
from tests.tiny import TEXT

pytestmark = pytest.mark.fuzz

FIRST = Path(__file__).parents[1] / "bundle" / "first" / "translation" / "subwords.model"
TEXTS = [
    *TEXT[:6],
    "",
    " ",
    "  two  spaces ",
    "ﬁve ½ Ｈ H HELLO 1/2",
    "\u2581a\u2581",
    "日本語 🙂\n\t\0",
    "<s></s><unk><0x41>",
]
_PENALTY = 10.0  # of a character without a piece, below the lowest score (unigram)


@cache
def models() -> list[bytes]:
    """Serialised models of every kind."""
    sizes = {"unigram": 310, "bpe": 330, "char": 310, "word": 290}
    trained = [train_subwords(TEXT, Pieces(kind=kind, size=size)) for kind, size in sizes.items()]
    return [FIRST.read_bytes(), *(vocabulary.__reduce__()[1][0] for vocabulary in trained)]


@cache
def charsmap() -> bytes:
    """A table that lower-cases and takes characters apart, as SentencePiece compiles it."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT),
        model_writer=written,
        model_type="char",
        vocab_size=60,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc_cf",
        minloglevel=2,
    )
    spec = next(split(inside(rest)) for number, _, rest in split(written.getvalue()) if number == 3)
    return next(inside(rest) for number, _, rest in spec if number == 2)


def varint(value: int) -> bytes:
    head, tail = value & 0x7F, value >> 7
    return bytes([head | 0x80]) + varint(tail) if tail else bytes([head])


Field = tuple[int, int, bytes]
"""Number, wire type, and what follows the key, a length included."""


def split(message: bytes) -> list[Field]:
    fields, at = [], 0

    def integer() -> int:
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = message[at]
            value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
            if byte < 0x80:
                return value

    while at < len(message):
        key = integer()
        start = at
        length = {0: integer, 2: integer, 5: lambda: 4}[key & 7]()
        at += length if key & 7 else 0
        fields.append((key >> 3, key & 7, message[start:at]))
    return fields


def inside(rest: bytes) -> bytes:
    """What is behind a length."""
    return rest[next(at for at, byte in enumerate(rest) if byte < 0x80) + 1 :]


def join(fields: list[Field]) -> bytes:
    return b"".join(varint(number << 3 | wire) + rest for number, wire, rest in fields)


def value(random: Random, wire: int) -> bytes:
    """Something that fits a wire type."""
    text = random.choice([b"", b"a", b"</s>", "▁".encode(), "é".encode(), b"\xff", charsmap(), random.randbytes(9)])
    number = random.choice([math.nan, math.inf, -math.inf, 0.0, -0.0, 1e9, -1e9, 1e30, random.gauss(0, 9)])
    return {
        0: varint(random.choice([0, 1, 2, 3, 4, 5, 6, 9, 2**31, 2**32 + 1, 2**63, 2**64 - 1])),
        1: struct.pack("<d", number),
        2: varint(len(text)) + text,
        3: b"",
        4: b"",
        5: struct.pack("<f", number),
    }[wire]


def again(fields: list[Field], random: Random) -> None:
    number, wire, _ = random.choice(fields)
    fields.insert(random.randint(0, len(fields)), (number, wire, value(random, wire)))


def other_wire(fields: list[Field], random: Random) -> None:
    number, _, _ = random.choice(fields)
    wire = random.choice([0, 1, 2, 3, 4, 5])
    fields.insert(random.randint(0, len(fields)), (number, wire, value(random, wire)))


def any_field(fields: list[Field], random: Random) -> None:
    number = random.choice([random.randint(1, 60), random.randint(1, 7), 200, 201, 2**29 - 1])
    wire = random.choice([0, 0, 2, 2, 1, 5])
    fields.insert(random.randint(0, len(fields)), (number, wire, value(random, wire)))


def other_value(fields: list[Field], random: Random) -> None:
    place = random.randrange(len(fields))
    number, wire, _ = fields[place]
    fields[place] = (number, wire, value(random, wire))


def gone(fields: list[Field], random: Random) -> None:
    del fields[random.randrange(len(fields))]


def moved(fields: list[Field], random: Random) -> None:
    fields.insert(random.randrange(len(fields)), fields.pop(random.randrange(len(fields))))


def long_varint(fields: list[Field], random: Random) -> None:
    places = [place for place, (_, wire, _) in enumerate(fields) if wire == 0] or [0]
    number, wire, rest = fields[place := random.choice(places)]
    fields[place] = (number, wire, rest[:-1] + bytes([rest[-1] | 0x80]) + b"\x80" * random.randint(0, 8) + b"\0")


def masked(fields: list[Field], random: Random) -> None:
    """A value that some parsers see, and one of another type behind it, or before it, that others see."""
    number, wire, _ = random.choice(fields)
    if random.random() < 0.3:
        number, wire = 24, 0
    other = random.choice([0, 2, 5, 1])
    pair = [
        (number, wire, charsmap_field() if wire == 2 else value(random, wire)),
        (number, other, value(random, other)),
    ]
    fields += random.choice([pair, pair[::-1]])


def charsmap_field() -> bytes:
    return varint(len(charsmap())) + charsmap()


CHANGES = [masked, again, other_wire, any_field, other_value, gone, moved, long_varint]


def mutated(model: bytes, random: Random) -> tuple[str, bytes]:
    """A model with a few changes on one level, and what it was."""
    fields = split(model)
    level = random.choice(["model", "pieces", "trainer", "normalizer"])
    change = random.choice(CHANGES)
    times = random.choice([1, 1, 2, 3])
    if level == "model":
        for _ in range(times):
            change(fields, random)
        return f"{level}, {change.__name__}", join(fields)
    number = {"pieces": 1, "trainer": 2, "normalizer": 3}[level]
    place = random.choice([place for place, field in enumerate(fields) if field[0] == number])
    inner = split(inside(fields[place][2]))
    for _ in range(times):
        if inner:
            change(inner, random)
    body = join(inner)
    fields[place] = (number, 2, varint(len(body)) + body)
    return f"{level}, {change.__name__}", join(fields)


def best(word: str, scores: dict[str, float], lowest: float) -> float:
    """Score of the best segmentation of a word (Kudo 2018), a character without a piece counting as unknown."""
    reached = [0.0, *[-math.inf] * len(word)]
    for start in range(len(word)):
        for end in range(start + 1, len(word) + 1):
            score = scores.get(word[start:end], lowest - _PENALTY if end == start + 1 else None)
            if score is not None:
                reached[end] = max(reached[end], reached[start] + score)
    return reached[-1]


def same_as_the_library(model: bytes) -> Subwords:
    """The vocabulary of a model; AssertionError where SentencePiece reads the same bytes as something else."""
    vocabulary = Subwords(model, "the model")
    library = sentencepiece.SentencePieceProcessor(model_proto=model)
    table = vocabulary._table
    assert table.pieces == [library.id_to_piece(index) for index in range(library.get_piece_size())]
    assert table.scores == [library.get_score(index) for index in range(len(table.pieces))]
    assert {index for index in range(len(vocabulary)) if library.is_byte(index)} == set(table.bytes)
    lowest = min(table.scores[index] for index in table.normal.values()) if table.normal else 0.0
    for text in TEXTS:
        ids = vocabulary.encode(text)
        assert vocabulary.decode(ids) == text
        for word in vocabulary.words(text):
            if SPACE in word or table.model == "word":
                continue  # the library reads it as a space, and looks words up among the specials
            found = library.encode_as_ids(word)
            assert library.decode(found) == word
            plain = word.replace(" ", SPACE)
            if table.model == "unigram":
                sizes = sum(abs(table.scores[index]) for index in found) + abs(lowest) * len(word) + 100
                score = sum(table.scores[index] for index in found if index not in table.bytes)
                spelled = bytes(table.bytes.index(index) for index in found if index in table.bytes)
                score += len(spelled.decode("utf-8", "ignore")) * (lowest - _PENALTY)
                optimum = best(plain, {piece: table.scores[index] for piece, index in table.normal.items()}, lowest)
                assert abs(score - optimum) <= 1e-5 * sizes
            elif table.model == "bpe":
                assert found == vocabulary._ids(merge(plain, vocabulary._scores, 0.0, Random(0)))
            else:
                assert found == vocabulary._ids(list(plain))
    return vocabulary


def test_sound_models_mean_to_the_library_what_they_mean_to_us():
    for model in models():
        same_as_the_library(model)


def test_what_is_accepted_means_to_the_library_what_it_means_to_us():
    with Outcomes("vocabularies") as outcomes:
        for random in cases(60):
            kind, model = mutated(random.choice(models()), random)
            outcomes.add(kind, lambda model=model: same_as_the_library(model))


def test_a_damaged_model_is_refused_or_means_the_same_to_the_library():
    with Outcomes("vocabularies") as outcomes:
        for random in cases(20):
            model = bytearray(random.choice(models()))
            for _ in range(random.choice([1, 1, 2, 5])):
                model[random.randrange(len(model))] = random.randrange(256)
            kind, cut = random.choice(
                [("bytes", len(model)), ("bytes", len(model)), ("cut", random.randrange(len(model)))]
            )
            outcomes.add(kind, lambda model=bytes(model[:cut]): same_as_the_library(model))
