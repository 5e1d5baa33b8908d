"""The benchmark of the backbones runs and counts right."""

import pytest

from benchmarks.backbones import build, gflop, measure, table


def test_networks_are_measured_and_compared_with_the_first() -> None:
    rows = measure(["light"], rows=2, rounds=1)
    assert [row.name for row in rows] == ["light"]
    assert rows[0].forward > 0
    assert rows[0].training > 0
    assert "(1.0x)" in table(rows)


def test_operations_of_the_recurrent_layers_are_counted() -> None:
    model = build("vgg")
    # 512 features into 2 directions of 4 gates of 256 units at 26 steps, then the same from 512 outputs, 96 labels.
    lstm = 2 * 26 * 2 * 2 * 4 * 256 * (512 + 256)
    assert gflop(model) == pytest.approx((1.266e9 + lstm + 2 * 26 * 512 * 96) / 1e9, rel=0.01)
