import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.vocabulary import Pieces
from s2s.data.corpus import Corpus, Side
from s2s.text.train_subwords import train_subwords


class Letters:
    """Words at spaces; a word's best segmentation is its letters in twos, the others one by one and all three."""

    def words(self, text):
        return [word for word in text.split(" ") if word]

    def segment(self, word):
        return self._cut(word, 2)

    def alternatives(self, word, alpha):
        return [self._cut(word, size) for size in (1, 2, 3)], [0.3, 0.5, 0.2]

    def _cut(self, text, size):
        return [sum(map(ord, text[at : at + size])) + 1000 * size for at in range(0, len(text), size)]


def rows_of(side, epoch, rows):
    flat, lengths = side.segment(epoch, np.asarray(rows))
    return [part.tolist() for part in np.split(flat, np.cumsum(lengths)[:-1])]


texts = st.lists(st.text("abcdef ", max_size=20), min_size=1, max_size=20)


@given(texts)
def test_without_sampling_sentences_are_the_codecs_words_in_order(lines):
    side = Side(lines, Letters())
    expected = [[piece for word in Letters().words(line) for piece in Letters().segment(word)] for line in lines]
    assert rows_of(side, 3, np.arange(len(lines))) == expected
    assert side.lengths(3).tolist() == [len(ids) for ids in expected]


@given(texts, st.integers(0, 5), st.randoms())
def test_lengths_of_an_epoch_are_those_of_its_sampled_sentences(lines, epoch, random):
    side = Side(lines, Letters(), sample=0.5, seed=7)
    rows = [random.randrange(len(lines)) for _ in range(10)]
    assert [len(ids) for ids in rows_of(side, epoch, rows)] == side.lengths(epoch)[rows].tolist()


@given(texts, st.integers(0, 5))
def test_sampling_is_the_same_one_by_one_and_together_and_in_another_process(lines, epoch):
    side, other = (Side(lines, Letters(), sample=0.5, seed=7) for _ in range(2))
    together = rows_of(side, epoch, np.arange(len(lines)))
    assert [rows_of(other, epoch, [row])[0] for row in range(len(lines))] == together


def test_every_sampled_word_is_one_of_its_alternatives_with_its_share():
    side = Side(["abcdef"] * 20000, Letters(), sample=0.6, seed=1)
    drawn = rows_of(side, 0, np.arange(20000))
    shares = {size: np.mean([ids[0] // 1000 == size for ids in drawn]) for size in (1, 2, 3)}
    assert shares[1] == pytest.approx(0.6 * 0.3, abs=0.01)
    assert shares[3] == pytest.approx(0.6 * 0.2, abs=0.01)
    assert shares[2] == pytest.approx(0.4 + 0.6 * 0.5, abs=0.01)


def test_epochs_seeds_and_sides_draw_differently():
    lines = ["abcdef"] * 50
    drawn = [
        rows_of(Side(lines, Letters(), sample=0.9, seed=seed, stream=stream), epoch, np.arange(50))
        for seed in (1, 2)
        for stream in (0, 1)
        for epoch in (0, 1)
    ]
    assert all(one != other for at, one in enumerate(drawn) for other in drawn[:at])


def test_a_sampled_sentence_that_would_be_too_long_keeps_its_best_segmentation():
    side = Side(["abcdef abcdef"] * 200, Letters(), sample=1.0, seed=1, longest=6)
    assert side.lengths(0).max() == 6
    assert [len(ids) for ids in rows_of(side, 0, np.arange(200))] == side.lengths(0).tolist()
    assert len({tuple(ids) for ids in rows_of(side, 0, np.arange(200))}) > 1


def test_pairs_too_long_on_either_side_are_left_out_and_counted():
    source = ["ab", "abcdefabcdef", "cd", "ef"]
    target = ["ab", "ab", "abcdefabcdef", "ab cd"]
    pairs = Corpus(source, target, Letters(), Letters(), max_length=4)
    assert pairs.lines.tolist() == [0, 3]
    assert pairs.too_long == 2
    assert len(pairs) == 2
    assert rows_of(pairs.target, 0, [1]) == rows_of(Side(["ab cd"], Letters()), 0, [0])
    assert [side.tolist() for side in pairs.lengths(0)] == [[2, 2], [2, 3]]


@pytest.mark.parametrize("model", ["unigram", "bpe", "char"])
def test_whatever_is_sampled_decodes_to_the_sentence(model):
    lines = ["the cat sat on the mat", "a cat  and a hat", "", "the hats of cats", "unseen Ünïcödé \u2581 🙂"]
    vocabulary = train_subwords(lines[:4] * 5, Pieces(kind=model, size=300, sample=0.9, alpha=0.5))
    side = Side(lines, vocabulary, sample=0.9, alpha=0.5, seed=1)
    assert rows_of(side, None, np.arange(5)) == [vocabulary.encode(line) for line in lines]
    drawn = [rows_of(side, epoch, np.arange(5)) for epoch in range(20)]
    assert all([vocabulary.decode(ids) for ids in rows] == lines for rows in drawn)
    assert (len({str(rows) for rows in drawn}) > 1) == (model != "char")


def test_blank_lines_and_no_lines_are_segmented_to_nothing():
    assert rows_of(Side(["", " ", "ab"], Letters(), sample=0.5), 0, [0, 1, 2])[:2] == [[], []]
    assert Side([], Letters(), sample=0.5).lengths(0).tolist() == []
