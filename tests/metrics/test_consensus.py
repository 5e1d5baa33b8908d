"""What several outputs agree on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics import CHRF

from s2s.metrics.consensus import chrf_matrix, consensus

TEXTS = ["Ein Hund rennt.", "Der Hund rennt", "Ein Hund", "", "x", "Zwei Männer reden vor einem Laden."]


def test_chrf_is_that_of_sacrebleu():
    found, metric = chrf_matrix(TEXTS), CHRF()
    for row, output in enumerate(TEXTS):
        for column, reference in enumerate(TEXTS):
            assert found[row, column] == pytest.approx(metric.sentence_score(output, [reference]).score)


@given(st.lists(st.text("ab c", max_size=9), min_size=1, max_size=6))
def test_chrf_is_that_of_sacrebleu_for_any_texts(texts):
    metric = CHRF()
    expected = [[metric.sentence_score(one, [other]).score for other in texts] for one in texts]
    assert chrf_matrix(texts).tolist() == [pytest.approx(row) for row in expected]


def test_the_text_most_like_the_others_is_the_best_and_one_drawn_often_counts_as_often():
    scores = consensus(["Ein Hund lief.", "Der Hund rennt.", "Ein Hund rennt.", "Katzen"])
    assert max(scores) == scores[2]
    assert min(scores) == scores[3]
    often = consensus(["a b", "x y", "x y", "x y"])
    assert often[1] == pytest.approx(75)
    assert often[0] == pytest.approx(25)
