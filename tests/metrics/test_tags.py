import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.errors import RequestError
from s2s.metrics.score import score
from s2s.metrics.tags import chunks

TAGS = st.lists(st.sampled_from(["O", "B-X", "I-X", "B-Y", "I-Y"]), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("B-X I-X O B-Y", [(0, 2, "X"), (3, 4, "Y")]),
        ("B-X B-X", [(0, 1, "X"), (1, 2, "X")]),
        ("O I-X I-X", [(1, 3, "X")]),  # IOB1, and what a model may write: I- after O begins a chunk
        ("B-X I-Y", [(0, 1, "X"), (1, 2, "Y")]),  # so does I- of another type
        ("I-X O I-X", [(0, 1, "X"), (2, 3, "X")]),
        ("B-X E-X S-Y I-Y", [(0, 2, "X"), (2, 3, "Y"), (3, 4, "Y")]),
        ("B-a-b I-a-b I-a", [(0, 2, "a-b"), (2, 3, "a")]),
        ("O O", []),
    ],
)
def test_chunks_are_those_of_conlleval(tags, found):
    assert list(chunks(tags.split())) == found


def test_chunk_f1_counts_a_chunk_only_where_both_ends_and_the_type_are_right():
    references = ["B-X I-X O B-Y", "B-Y I-Y I-Y", "O O"]
    hypotheses = ["B-X I-X O B-X", "B-Y I-Y O", "B-X O"]
    # 1 right of 4 given and 3 meant: precision 25, recall 33.3
    assert score("chunk_f1", hypotheses, references, bootstrap=0).value == pytest.approx(200 / 7)
    # right tags: 3 of 4, 2 of 3, 1 of 2
    assert score("tag_accuracy", hypotheses, references, bootstrap=0).value == pytest.approx(600 / 9)


@given(st.lists(TAGS, min_size=1, max_size=4))
def test_what_is_all_right_has_a_hundred_percent_and_what_is_blank_has_none(sentences):
    texts = [" ".join(tags) for tags in sentences]
    assert score("tag_accuracy", texts, texts, bootstrap=0).value == 100
    assert score("tag_accuracy", [""] * len(texts), texts, bootstrap=0).value == 0
    if any(tag != "O" for tags in sentences for tag in tags):
        assert score("chunk_f1", texts, texts, bootstrap=0).value == pytest.approx(100)
        assert score("chunk_f1", ["O"] * len(texts), texts, bootstrap=0).value == 0


def test_a_tag_that_marks_no_chunk_is_outside_of_them():
    assert score("chunk_f1", ["B-X O"], ["B-X X"], bootstrap=0).value == 100


def test_missing_and_superfluous_tags_are_wrong():
    assert score("tag_accuracy", ["A", "A B C"], ["A B", "A B"], bootstrap=0).value == pytest.approx(60)


@pytest.mark.parametrize(
    ("hypotheses", "references", "message"),
    [
        (["NOUN"], ["NOUN"], "the references have NOUN"),
        (["O"], [["O"], ["O"]], "one reference each, not 2"),
    ],
)
def test_chunks_of_other_tags_are_refused(hypotheses, references, message):
    with pytest.raises(RequestError, match=message):
        score("chunk_f1", hypotheses, references)
