"""The nearest neighbour that models of series are measured against."""

from functools import cache

import numpy as np

from benchmarks.series import costs, neighbour, ranks


def test_dynamic_time_warping_is_the_least_cost_of_all_alignments():
    generator = np.random.default_rng(1)
    one, others = generator.standard_normal((5, 2)), generator.standard_normal((6, 7, 2))
    lengths = np.array([1, 2, 4, 5, 6, 7])

    def least(other):
        @cache
        def cost(at, to):
            local = float(((one[at] - other[to]) ** 2).sum())
            if at == to == 0:
                return local
            steps = [(at - 1, to), (at, to - 1), (at - 1, to - 1)]
            return local + min(cost(*step) for step in steps if min(step) >= 0)

        return cost(len(one) - 1, len(other) - 1)

    wanted = [least(other[:length]) for other, length in zip(others, lengths, strict=True)]
    assert np.allclose(costs(one, others, lengths), wanted)


def test_warping_finds_what_is_late_and_ranks_share_equal_places():
    steps = np.arange(20.0)[:, None]
    train = [np.sin(steps / 3), np.cos(steps / 3)]
    late = [np.sin(np.maximum(steps - 3, 0) / 3)]
    assert neighbour(train, ["sin", "cos"], late, warped=True) == ["sin"]
    assert ranks({"a": 90.0, "b": 90.0, "c": 80.0}) == {"a": 1.5, "b": 1.5, "c": 3.0}
