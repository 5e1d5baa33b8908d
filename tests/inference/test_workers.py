import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from s2s.config.errors import RequestError, WorkError
from s2s.inference.workers import Workers
from tests.inference.errands import absent, clerk


@pytest.fixture(scope="module")
def workers():
    with Workers(clerk, 2) as made:
        yield made


def test_answers_come_in_order_from_processes_that_were_begun_once(workers):
    errands = [("sleep", (place % 3) / 100) for place in range(20)]
    answers = [list(workers(clerk(0), errands)) for _ in range(2)]
    for found in answers:
        assert [value for _, _, value in found] == [seconds for _, seconds in errands]
    seen = {(number, process) for found in answers for number, process, _ in found}
    assert {number for number, _ in seen} == {0, 1}
    assert len(seen) == 2
    assert os.getpid() not in {process for _, process in seen}


def test_a_long_job_keeps_one_process_and_not_the_others(workers):
    numbers = [number for number, _, _ in workers(clerk(0), [("sleep", 1.0), *[("do", 0)] * 9])]
    assert len(set(numbers[1:])) == 1


def test_no_jobs_have_no_answers(workers):
    assert list(workers(clerk(0), [])) == []


def test_what_is_raised_there_is_raised_here_and_the_others_are_not_disturbed():
    with Workers(clerk, 2) as workers, pytest.raises(RequestError, match=r"^no such line$"):
        workers(clerk(0), [("do", 1), ("refuse", "no such line"), ("do", 2)])


def test_a_call_after_one_that_raised_gets_its_own_answers():
    with Workers(clerk, 2) as workers:
        for _ in range(3):
            with pytest.raises(RequestError, match="no such line"):
                workers(clerk(0), [("refuse", "no such line"), ("sleep", 0.05), ("do", "a"), ("do", "b")])
            assert [value for _, _, value in workers(clerk(0), [("do", place) for place in "xyz"])] == ["x", "y", "z"]


def test_a_call_after_one_that_was_interrupted_gets_its_own_answers(monkeypatch):
    def interrupt(lines):
        raise KeyboardInterrupt

    with Workers(clerk, 2) as workers:
        monkeypatch.setattr("s2s.inference.workers.wait", interrupt)
        with pytest.raises(KeyboardInterrupt):
            workers(clerk(0), [("sleep", 0.05), ("do", "a"), ("do", "b")])
        monkeypatch.undo()
        assert [value for _, _, value in workers(clerk(0), [("do", place) for place in "xyz"])] == ["x", "y", "z"]


def test_answers_that_nobody_reads_do_not_reach_the_next_call(workers):
    abandoned = iter(workers(clerk(0), [("do", place) for place in "abcd"]))
    assert next(abandoned)[2] == "a"
    assert [value for _, _, value in workers(clerk(0), [("do", place) for place in "xyz"])] == ["x", "y", "z"]
    assert [value for _, _, value in abandoned] == ["b", "c", "d"]


def test_a_large_answer_that_nobody_waited_for_does_not_block_the_next_call():
    large = b"x" * 2**22  # more than a pipe holds, there and back
    with Workers(clerk, 2) as workers:
        with pytest.raises(RequestError):
            workers(clerk(0), [("refuse", "no"), ("do", large)])
        assert [value for _, _, value in workers(clerk(0), [("do", large), ("do", 1)])] == [large, 1]


def test_what_keeps_a_process_from_beginning_is_raised_here():
    with Workers(absent, 1) as workers, pytest.raises(RequestError, match="nothing to begin with"):
        workers(clerk(0), [("do", 1)])


def test_a_process_that_is_killed_is_one_sentence_and_none_is_left():
    with (
        Workers(clerk, 2) as workers,
        pytest.raises(WorkError, match=r"^one of the 2 processes ended with signal 9; if memory ran out"),
    ):
        workers(clerk(0), [("sleep", 100), ("die", None)])
    assert not any(process.is_alive() for process in workers.processes)


@contextmanager
def asking(how: str) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A program of its own that has processes, and their numbers."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.inference.errands", how],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as program:
        yield program, [int(word) for word in program.stdout.readline().split()]


def gone(processes: list[int]) -> bool:
    """Whether all of them end within ten seconds."""
    deadline = time.monotonic() + 10
    while (left := [process for process in processes if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not left


def _runs(process: int) -> bool:
    """Whether it is there, and not only as a body that nobody has fetched."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_ctrl_c_which_a_terminal_sends_to_all_ends_all_without_a_word():
    with asking("busy") as (program, others):
        time.sleep(0.2)
        os.killpg(program.pid, signal.SIGINT)
        _, told = program.communicate(timeout=30)
    assert program.returncode == 130
    assert told == ""
    assert gone(others)


def test_nobody_outlives_a_program_that_is_killed():
    with asking("idle") as (program, others):
        assert len(others) == 2
        assert all(map(_runs, others))
        program.kill()
    assert gone(others)
