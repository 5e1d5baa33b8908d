"""Confidences are compared with how often they were right."""

import numpy as np
import pytest

from s2s.metrics.calibration import calibration


def test_confidences_that_hold_have_no_error_and_those_that_do_not_have_theirs():
    half = calibration([0.5] * 10, [True, False] * 5)
    assert (half.error, half.confidence, half.accuracy, half.bins) == (0, 50, 50, [(0.5, 0.5, 10)])
    assert calibration([1.0] * 4, [False] * 4).error == 100
    two = calibration([0.95] * 3 + [0.25], [True, True, False, False])
    assert two.error == pytest.approx(100 * (3 * (0.95 - 2 / 3) + 0.25) / 4)
    assert [count for _, _, count in two.bins] == [1, 3]


def test_answers_drawn_by_their_confidence_are_calibrated_within_noise():
    generator = np.random.default_rng(1)
    confidences = generator.uniform(0.3, 1, 20_000)
    assert calibration(confidences, generator.random(20_000) < confidences).error < 2


def test_without_answers_there_is_nothing_to_compare():
    with pytest.raises(ValueError, match="0 confidences"):
        calibration([], [])
