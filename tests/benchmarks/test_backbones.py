"""The benchmark of the backbones runs."""

from benchmarks.backbones import measure, table


def test_networks_are_measured_and_compared_with_the_first() -> None:
    rows = measure(["light"], rows=2, rounds=1)
    assert [row.name for row in rows] == ["light"]
    assert rows[0].forward > 0
    assert rows[0].training > 0
    assert "(1.0x)" in table(rows)
