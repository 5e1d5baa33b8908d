from hypothesis import given
from hypothesis import strategies as st

from s2s.metrics.classes import class_confusions
from s2s.metrics.score import score

PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abcd")), min_size=1, max_size=30)


@given(PAIRS)
def test_macro_f1_is_the_mean_of_the_f1_of_each_class(pairs):
    hypotheses, references = zip(*pairs, strict=True)
    found = []
    for name in {*hypotheses, *references}:
        right = sum(one == other == name for one, other in pairs)
        precision = right / hypotheses.count(name) if name in hypotheses else 0
        recall = right / references.count(name) if name in references else 0
        found.append(2 * precision * recall / (precision + recall) if right else 0)
    assert abs(score("macro_f1", hypotheses, references, bootstrap=0).value - 100 * sum(found) / len(found)) < 1e-9
    accuracy = score("accuracy", hypotheses, references, bootstrap=0).value
    wrong = sum(one.count for one in class_confusions(hypotheses, references))
    assert abs(accuracy - 100 * (1 - wrong / len(pairs))) < 1e-9


def test_scores_of_classes_have_intervals():
    made = score("macro_f1", ["a", "b", "a", "b"] * 20, ["a", "b", "b", "b"] * 20)
    assert made.low < made.value < made.high
    assert "classes:2" in made.signature


def test_the_most_frequent_confusion_comes_first():
    (first, second) = class_confusions(["a", "a", "b", "c"], ["b", "b", "b", "a"])
    assert (first.reference, first.hypothesis, first.count) == ("b", "a", 2)
    assert second.count == 1
