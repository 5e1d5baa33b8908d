from itertools import pairwise

import pytest

from s2s.config.training import Optimizer, Schedule
from s2s.training.schedules import first_moment_decay, gold_share, learning_rate, rate_share

STEPS = 100


def shares(**settings):
    schedule = Schedule(**settings)
    return [rate_share(schedule, step, STEPS) for step in range(STEPS)]


@pytest.mark.parametrize("kind", ["constant", "inverse_sqrt", "cosine", "one_cycle"])
def test_every_schedule_warms_up_in_a_line_to_the_peak_and_never_exceeds_it(kind):
    rates = shares(kind=kind, warmup=10)
    assert rates[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert max(rates) == pytest.approx(1)
    assert min(rates) > 0


def test_constant_stays():
    assert set(shares(kind="constant", warmup=0)) == {1.0}


def test_inverse_sqrt_halves_when_steps_are_four_times_the_warmup():
    assert shares(kind="inverse_sqrt", warmup=10)[39] == pytest.approx(0.5)


@pytest.mark.parametrize("kind", ["cosine", "one_cycle"])
def test_cosine_falls_to_its_final_share_at_the_last_step(kind):
    rates = shares(kind=kind, warmup=10, final=0.05)
    assert rates[10] == pytest.approx(1)
    assert rates[-1] == pytest.approx(0.05)
    assert all(later < earlier for earlier, later in pairwise(rates[10:]))


def test_a_run_shorter_than_its_warmup_is_allowed():
    assert rate_share(Schedule(warmup=400), 9, 10) == pytest.approx(10 / 400)


def test_one_cycle_lowers_the_momentum_as_the_rate_rises_and_the_others_leave_it():
    optimizer = Optimizer(beta1=0.95)
    cycle = Schedule(kind="one_cycle", warmup=10)
    momenta = [first_moment_decay(optimizer, cycle, step, STEPS) for step in range(STEPS)]
    assert min(momenta) == momenta[9] == pytest.approx(0.85)
    assert momenta[-1] == pytest.approx(0.95 - 0.1 * 0.02)
    assert first_moment_decay(optimizer, Schedule(warmup=10), 9, STEPS) == 0.95


def test_the_learning_rate_is_a_share_of_the_peak():
    assert learning_rate(Optimizer(lr=0.5), Schedule(warmup=10), 4, STEPS) == pytest.approx(0.25)


def test_gold_inputs_fall_in_a_line_from_all_to_the_configured_share():
    assert [gold_share(0.6, step, 5) for step in range(5)] == pytest.approx([1, 0.9, 0.8, 0.7, 0.6])
    assert gold_share(1.0, 3, 5) == 1
