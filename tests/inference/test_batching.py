from hypothesis import given
from hypothesis import strategies as st

from s2s.inference.batching import plan


@given(lengths=st.lists(st.integers(1, 90), max_size=40), tokens=st.integers(1, 300))
def test_every_sentence_is_in_one_batch_within_the_budget(lengths, tokens):
    batches = plan(lengths, tokens)
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    assert all(len(b) == 1 or len(b) * max(lengths[place] for place in b) <= tokens for b in batches)


def test_the_longest_come_first():
    assert plan([1, 9, 5], 10) == [[1], [2, 0]]
