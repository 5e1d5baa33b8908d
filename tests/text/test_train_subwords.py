"""Training uses every line, gives what the text supports, and says what it cannot do."""

import subprocess
import sys

import pytest

from s2s.config.errors import RequestError
from s2s.config.vocabulary import Pieces
from s2s.text.train_subwords import FIXED, train_subwords

LINES = [
    f"line {number} of the {kind} text about {word}s and their {word}keepers"
    for number in range(40)
    for kind in ("longer", "shorter", "best", "printed")
    for word in ("dog", "cat", "house", "bird", "garden")
]
KINDS = ("unigram", "bpe", "char", "word")


@pytest.mark.parametrize("kind", KINDS)
def test_asking_for_more_pieces_than_the_text_supports_uses_what_there_is(kind: str) -> None:
    vocabulary = train_subwords(LINES, Pieces(kind=kind, size=20_000))
    assert FIXED < len(vocabulary) < 20_000


@pytest.mark.parametrize("kind", ["unigram", "bpe", "word"])
def test_size_counts_specials_and_bytes(kind: str) -> None:
    assert len(train_subwords(LINES, Pieces(kind=kind, size=300))) == 300


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lines", [["a b"], ["x y \u2585 z"], ["a\0b c"], ["one\ttwo three"], ["p \u2581 \u2581 q"]])
def test_tiny_and_awkward_texts_train(kind: str, lines: list[str]) -> None:
    vocabulary = train_subwords(lines, Pieces(kind=kind, size=400))
    assert vocabulary.decode(vocabulary.encode(lines[0])) == lines[0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_text_gives_the_same_vocabulary(kind: str) -> None:
    config = Pieces(kind=kind, size=300)
    assert train_subwords(LINES, config).fingerprint == train_subwords(iter(LINES), config).fingerprint


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
def test_a_size_below_the_alphabet_names_the_smallest_that_works(kind: str) -> None:
    with pytest.raises(RequestError) as error:
        train_subwords(LINES, Pieces(kind=kind, size=270))
    smallest = int(str(error.value).split("set it to ")[1].split(" ")[0])
    assert len(train_subwords(LINES, Pieces(kind=kind, size=smallest))) == smallest
    with pytest.raises(RequestError, match=f"set it to {smallest} or more, or lower vocabulary.coverage"):
        train_subwords(LINES, Pieces(kind=kind, size=smallest - 1))


def test_a_lower_coverage_spells_rare_characters_in_bytes() -> None:
    lines = ["common words here"] * 50 + ["ø"]
    everything, most = (train_subwords(lines, Pieces(size=300, coverage=share)) for share in (1.0, 0.99))
    assert everything.pieces(everything.encode("ø"))[-1] == "ø"
    assert most.pieces(most.encode("ø"))[-2:] == ["<0xC3>", "<0xB8>"]


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
def test_a_line_of_any_length_counts(kind: str) -> None:
    """70,000 characters without a space are more than the library's merges can index; the line's end still counts."""
    vocabulary = train_subwords(["ab" * 35_000 + "ç"], Pieces(kind=kind, size=300))
    assert vocabulary.pieces(vocabulary.encode("ç"))[-1] == "ç"


def test_a_word_too_long_for_a_piece_is_spelled() -> None:
    vocabulary = train_subwords(["short " + "x" * 500], Pieces(kind="word", size=300))
    assert vocabulary.decode(vocabulary.encode("short " + "x" * 500)) == "short " + "x" * 500


def test_word_model_needs_spaces() -> None:
    with pytest.raises(RequestError, match="no line has a space"):
        train_subwords(["東京タワー", " 京都 "], Pieces(kind="word", size=300))


@pytest.mark.parametrize("lines", [[], ["", "  "]])
def test_no_text_is_refused(lines: list[str]) -> None:
    with pytest.raises(RequestError, match="no text"):
        train_subwords(lines, Pieces())


def test_lone_surrogates_are_refused() -> None:
    with pytest.raises(RequestError, match="lone surrogate"):
        train_subwords(["fine", "a \ud800"], Pieces())


def test_training_is_quiet() -> None:
    code = (
        "from s2s.text.train_subwords import train_subwords; from s2s.config.vocabulary import Pieces\n"
        "train_subwords(['some words here'] * 9, Pieces(size=300))\n"
        "train_subwords(['a b'], Pieces(size=900, kind='bpe'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
