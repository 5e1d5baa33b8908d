"""The soak sees what it is there to see."""

import sys

import pytest

from benchmarks.soak import Soaked, soak

COPY = "import sys, time\nfor line in sys.stdin: print(line, end='', flush=True); time.sleep(0.002)"
SWAP = "import sys\nlines = list(sys.stdin)\nlines[250:252] = lines[251:249:-1]\nprint(*lines, sep='', end='')"
LOSE = "import sys\nfor number, line in enumerate(sys.stdin):\n if number != 150: print(line, end='')"
HOARD = "import sys\nkept = []\nfor line in sys.stdin: kept.append(bytearray(99999)); print(line, end='', flush=True)"
INPUTS = [str(number).zfill(2000) for number in range(100)]
"""Wide enough that the pipe holds some thirty of them: a process cannot end long before its lines are looked at."""


def faults(program: str, count: int = 400) -> list[str]:
    return soak([sys.executable, "-c", program], INPUTS, count, every=0).faults()


def test_a_faithful_process_has_no_faults() -> None:
    assert faults(COPY) == []


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (SWAP, "2 lines differ"),
        (LOSE, "399 lines of 400"),
        (HOARD, "memory grew"),
        ("raise SystemExit(3)", "status 3"),
    ],
)
def test_lost_reordered_and_hoarded_lines_are_told(program: str, says: str) -> None:
    assert any(says in fault for fault in faults(program))


def test_a_run_too_short_to_judge_is_told() -> None:
    assert Soaked(4, 4, 0, 1.0, [(2, 10**8), (4, 10**8)], 0).faults() == ["the run was too short to judge its memory"]


def test_the_slope_is_that_of_the_last_three_quarters() -> None:
    memory = [(lines, 10**8 + 100 * max(lines, 250) + (10**9 if lines < 250 else 0)) for lines in range(0, 1001, 10)]
    soaked = Soaked(1000, 1000, 0, 2.0, memory, 0)
    assert soaked.slope() == pytest.approx(100)
    assert "slope +1.00 MB in 10,000 lines" in str(soaked)


def test_a_soak_ends_when_its_minutes_are_over_and_is_judged_by_what_went_in() -> None:
    done = soak([sys.executable, "-c", COPY], INPUTS, 10**9, every=0, minutes=0.01)
    assert done.lines == done.expected < 10**9
    assert done.record() == {
        "lines": done.lines,
        "different": 0,
        "seconds": done.seconds,
        "faults": done.faults(),
    }
