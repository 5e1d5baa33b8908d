"""The table of trust counts what was seen, and sees what is not as it should be."""

import json
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.trust import kills as playing
from benchmarks.trust.__main__ import main
from benchmarks.trust.records import Records, read
from benchmarks.trust.report import write
from benchmarks.trust.scenarios import ALONE, PHASES, TOGETHER, draw
from tests.training.killing import MOMENTS


def test_scenarios_are_drawn_by_seed_and_number_and_come_to_every_phase_of_every_run() -> None:
    drawn = [draw(1, number) for number in range(100)]
    assert drawn == [draw(1, number) for number in range(100)]
    assert drawn != [draw(2, number) for number in range(100)]
    assert {(one.what, one.kills[0].phase) for one in drawn} == {(w, p) for w in (*ALONE, TOGETHER) for p in PHASES}
    every = [kill for one in drawn for kill in one.kills]
    assert {kill.moment.name for kill in every} == set(MOMENTS)
    assert {(kill.whom, kill.rank) for kill in every} >= {("self", 0), ("self", 1), ("launcher", 0), ("launcher", 1)}
    assert all(kill.moment.name == "after a step" for kill in every if kill.by == "SIGTERM")
    assert max(len(one.kills) for one in drawn) == 4


@pytest.fixture
def records(tmp_path: Path) -> Records:
    found = Records(tmp_path / "records")
    twice = draw(1, 3)
    deaths = [{**asdict(kill), "resumed": place > 0, "notes": ""} for place, kill in enumerate(twice.kills)]
    kinds = [
        ("translation", deaths, "identical"),
        ("recognition", deaths[:1], "identical"),
        ("recognition", [], "identical"),
    ]
    lines = [
        {"number": number, "what": what, "workers": 0, "kills": kills, "outcome": outcome, "seconds": 1.0}
        for number, (what, kills, outcome) in enumerate(kinds)
    ]
    found.kills(1).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return found


def test_the_table_counts_scenarios_kills_fuzz_cases_and_hours(records: Records, tmp_path: Path) -> None:
    for _ in range(2):
        with records.fuzz.open("a") as file:
            file.write(
                json.dumps({"surface": "bundles", "cases": 600, "outcomes": {"refused": 500, "read": 100}}) + "\n"
            )
        with records.soak.open("a") as file:
            soaked = {"command": "transcribe", "lines": 1000, "different": 1, "seconds": 5400, "faults": []}
            file.write(json.dumps(soaked) + "\n")
    assert write(tmp_path / "trust.md", records, 1)
    table = (tmp_path / "trust.md").read_text(encoding="utf-8")
    most = len(draw(1, 3).kills)
    assert f"| translation | 1 | {most} | {most} | 1 | 0 |" in table
    assert "| recognition | 1 | 1 | 1 | 1 | 0 |" in table
    assert f"| all | 2 | {most + 1} | {most} | 2 | 0 |" in table
    assert "1 more ended before their moment came" in table
    assert f"{most - 1} of the {most + 1} kills struck a run that was resumed already" in table
    assert "| bundles | 1,200 | read 200, refused 1,000 |" in table
    assert "| transcribe | 3.00 | 2,000 | 2 | none |" in table


def test_a_scenario_that_came_out_otherwise_is_named_and_fails(records: Records, tmp_path: Path) -> None:
    (line, *_) = read(records.kills(1))
    with records.kills(1).open("a") as file:
        file.write(json.dumps({**line, "number": 9, "outcome": "different: AssertionError"}) + "\n")
        file.write('{"number": 10, "torn')
    assert not write(tmp_path / "trust.md", records, 1)
    assert "- scenario 9, translation: different: AssertionError" in (tmp_path / "trust.md").read_text(encoding="utf-8")


def test_minutes_0_writes_the_table_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["trust", "--minutes", "0", "--records", str(tmp_path / "r"), "--write", str(tmp_path / "trust.md")]
    monkeypatch.setattr("sys.argv", command)
    assert main() == 0
    assert (tmp_path / "trust.md").read_text(encoding="utf-8").count("Not run yet.") == 3


def test_fuzz_tests_that_fail_fail_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["trust", "fuzz", "--records", str(tmp_path / "r"), "--write", str(tmp_path / "trust.md")]
    monkeypatch.setattr("sys.argv", command)
    for status in (0, 1):
        monkeypatch.setattr("subprocess.run", lambda *args, status=status, **kwargs: SimpleNamespace(returncode=status))
        monkeypatch.setattr("benchmarks.trust.records.commit", lambda: "here")
        assert main() == status


def test_scenarios_that_are_done_are_not_played_again(tmp_path: Path) -> None:
    class Played:
        def play(self, scenario: int) -> dict[str, object]:
            return {
                "number": scenario,
                "what": "it",
                "kills": [],
                "outcome": "different" if scenario == 3 else "identical",
            }

    records = tmp_path / "kills.jsonl"
    numbers = {0, 2}
    assert playing.go_through(Played(), int, numbers, records, 1e-4) in (True, False)
    found = [one["number"] for one in read(records)]
    assert found[:3] == [1, 3, 4]
    assert not playing.go_through(Played(), int, {*range(3)}, tmp_path / "again.jsonl", 1e-4)


def test_a_run_that_ended_otherwise_or_left_something_behind_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checkpoints").mkdir()
    for name in ("last.ckpt", "previous.ckpt"):
        (tmp_path / "checkpoints" / name).touch()
    monkeypatch.setattr(playing, "contents", lambda run: [1, 2])
    assert playing._compare(tmp_path, [1, 2], False) == "identical"
    assert playing._compare(tmp_path, [1, 3], False).startswith("different: AssertionError")
    (tmp_path / ".model.partial").mkdir()
    assert "left behind: ['.model.partial']" in playing._compare(tmp_path, [1, 2], False)


@pytest.mark.slow
def test_a_scenario_is_played_to_its_end(tmp_path: Path) -> None:
    scenario = next(
        one for one in (draw(1, number) for number in range(20)) if len(one.kills) > 1 and one.what in ALONE
    )
    found = playing.Kills(tmp_path).play(scenario)
    assert found["outcome"] == "identical"
    assert found["kills"]
