"""What was read for what."""

from hypothesis import given
from hypothesis import strategies as st

from s2s.metrics.confusions import Confusion, confusions
from s2s.metrics.measure import measure

LINES = st.lists(st.tuples(st.text("ab0Oé ", max_size=8), st.text("ab0Oé ", max_size=8)), min_size=1, max_size=20)


def test_substitutions_misses_and_insertions_are_told_apart_the_most_frequent_first():
    found = confusions(["0ne", "tw0", "thee", "fouur"], ["one", "two", "three", "four"])
    assert found == [Confusion("o", "0", 2), Confusion("", "u", 1), Confusion("r", "", 1)]


@given(LINES)
def test_they_add_up_to_the_edits_of_the_character_error_rate(lines):
    hypotheses, references = map(list, zip(*lines, strict=True))
    edits = measure("cer", hypotheses, references).counts[:, 0].sum()
    found = confusions(hypotheses, references)
    assert sum(one.count for one in found) == edits
    assert all(one.reference != one.hypothesis for one in found)
    assert [one.count for one in found] == sorted((one.count for one in found), reverse=True)
