"""The paired bootstrap is sacreBLEU's, works for every metric, and tells luck from difference."""

import random

import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.significance import PairedTest

from s2s.config.errors import RequestError
from s2s.metrics.names import METRICS
from s2s.metrics.score import score
from s2s.metrics.significance import compare
from tests.metrics.suited import suited

DRAW = random.Random(3)
REFERENCES = [" ".join(DRAW.choices("abcdefgh", k=9)) for _ in range(80)]


def noisy(rate: float) -> list[str]:
    return ["".join("x" if c != " " and DRAW.random() < rate else c for c in line) for line in REFERENCES]


GOOD, ALIKE, BAD = noisy(0.1), noisy(0.11), noisy(0.4)


@pytest.mark.parametrize(("name", "metric"), [("bleu", BLEU()), ("chrf", CHRF())])
def test_p_values_are_those_of_sacrebleu(name: str, metric) -> None:
    systems = {"good": GOOD, "alike": ALIKE, "bad": BAD}
    _, theirs = PairedTest(list(systems.items()), {name: metric}, [REFERENCES], test_type="bs", n_samples=300)()
    results = next(rows for key, rows in theirs.items() if key != "System")
    for ours, expected in zip(compare(name, systems, REFERENCES, samples=300), results, strict=True):
        assert ours.score.value == pytest.approx(expected.score)
        assert (ours.score.high - ours.score.low) / 2 == pytest.approx(expected.ci, rel=1e-4)
        assert ours.p_value == (None if expected.p_value is None else pytest.approx(expected.p_value))


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.of_outputs])
def test_a_real_difference_is_told_from_luck(name: str) -> None:
    systems = {key: suited(name, it) for key, it in {"good": GOOD, "alike": ALIKE, "bad": BAD}.items()}
    references = suited(name, REFERENCES)
    first, alike, bad = compare(name, systems, references, samples=200)
    assert (first.delta, first.p_value) == (None, None)
    assert [first.score, bad.score] == [score(name, systems[key], references, bootstrap=200) for key in ("good", "bad")]
    assert bad.delta == pytest.approx(bad.score.value - first.score.value)
    assert (bad.delta < 0) == METRICS[name].higher_is_better
    assert bad.p_value < 0.05 < alike.p_value


@pytest.mark.parametrize("name", ["bleu", "cer"])
def test_a_system_does_not_differ_from_itself(name: str) -> None:
    _, again = compare(name, {"one": GOOD, "copy": list(GOOD)}, REFERENCES, samples=100)
    assert (again.delta, again.p_value) == (0.0, 1.0)


def test_bad_requests_are_refused() -> None:
    with pytest.raises(RequestError, match="two systems or more, not 1"):
        compare("bleu", {"good": GOOD}, REFERENCES)
    with pytest.raises(RequestError, match="bad: 79 hypotheses cannot be scored against 80 references"):
        compare("bleu", {"good": GOOD, "bad": BAD[1:]}, REFERENCES)
