"""Two processes, which torchrun starts, train what one trains; see ranks.py for what they do."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, contextmanager

import pytest
import torch

from s2s.config.errors import RequestError
from s2s.config.strict import to_yaml
from s2s.inference.load import load
from s2s.training.run import train
from tests.bars import TEXTS, write_folder
from tests.training.ranks import EVERYTHING, bars, freeze_norms, words
from tests.training.runs import assert_same, contents
from tests.training.tiny import silent, tiny

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m"]
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for name, texts in {"train": TEXTS[:60], "val": TEXTS[60:70]}.items():
        write_folder(folder / name, texts)
    return folder


@pytest.fixture(scope="module")
def two(data, pictures, tmp_path_factory):
    """The folder of the runs, and what each process saw."""
    out = tmp_path_factory.mktemp("two")
    command = [*TORCHRUN, "tests.training.ranks", *map(str, (data, pictures, out))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False, env=ONE_THREAD)
    assert done.returncode == 0, done.stderr
    return out, [json.loads((out / f"rank-{rank}.json").read_text(encoding="utf-8")) for rank in (0, 1)]


@pytest.fixture(scope="module")
def one(data, pictures, tmp_path_factory):
    """The folder of the same runs by one process, whose steps have the same batches, one after the other."""
    out = tmp_path_factory.mktemp("one")
    train(words(2), data, out / "words", device="cpu", console=silent())
    thaw = freeze_norms()
    try:
        train(bars(2), pictures, out / "bars", device="cpu", console=silent())
    finally:
        thaw()
    return out


def wait_for(path):
    deadline = time.monotonic() + 100
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def table(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        return [{key: value for key, value in row.items() if "second" not in key} for row in csv.DictReader(file)]


@pytest.mark.parametrize("task", ["words", "bars"])
def test_twenty_steps_of_two_processes_are_those_of_one(one, two, task):
    found, expected = (
        torch.load(folder / task / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
        for folder in (two[0], one)
    )
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("task", ["words", "bars"])
def test_validation_shared_out_over_two_processes_says_what_it_says_in_one(one, two, task):
    assert all(saw[task]["searched"] > 1 for saw in two[1])
    samples = [(folder / task / "samples.txt").read_text(encoding="utf-8") for folder in (two[0], one)]
    assert samples[0] == samples[1]
    assert samples[0].count("  output     ") >= 10
    assert two[1][0][task]["best"] == two[1][1][task]["best"]
    for row, expected in zip(table(two[0] / task), table(one / task), strict=True):
        numbers = [[float(value) for value in one.values() if value] for one in (row, expected)]
        assert numbers[0] == pytest.approx(numbers[1], rel=1e-6)


def test_what_two_processes_read_in_validation_is_what_their_model_reads(two, pictures):
    lines = (two[0] / "norms" / "samples.txt").read_text(encoding="utf-8").splitlines()
    outputs = [line.removeprefix("  output     ") for line in lines if line.startswith("  output")]
    read = load(two[0] / "norms", "cpu")(sorted((pictures / "val" / "images").iterdir()))
    assert outputs == [one.text for one in read]
    assert len(set(outputs)) > 5


@pytest.mark.parametrize(("task", "examples"), [("words", 100), ("bars", 60)])
def test_each_process_has_as_many_batches_and_each_example_comes_once_an_epoch(two, task, examples):
    shares = [saw[task]["batches"] for saw in two[1]]
    assert len(shares[0]) == len(shares[1]) == 20
    assert all(one != other for one, other in zip(*shares, strict=True))
    whole = {epoch for epoch, _ in shares[0]} - {max(epoch for epoch, _ in shares[0])}
    assert whole
    for epoch in whole:
        rows = Counter(row for share in shares for at, batch in share if at == epoch for row in batch)
        assert rows == Counter(range(examples))


@pytest.mark.parametrize("run", ["words", "norms"])
def test_two_processes_end_with_the_same_model_batch_norms_included(two, run):
    assert two[1][0][run]["sum"] == two[1][1][run]["sum"]


@pytest.mark.parametrize(("what", "out", "status"), [("interrupted", "resumed", 143), ("ctrl-c", "ctrl-c", 130)])
def test_a_signal_to_one_of_two_processes_ends_both_and_the_way_on_is_told_once(two, what, out, status):
    first, second = (saw[what] for saw in two[1])
    assert (first["status"], second["status"]) == (status, status)
    *_, told, command = first["err"].splitlines()
    assert told == "interrupted after step 7; go on with:"
    assert command.startswith("  torchrun --nproc-per-node 2 -m s2s train --resume ")
    assert command.endswith(f"/{out} --device cpu")
    assert second["out"] + second["err"] == ""


def test_two_interrupted_processes_go_on_to_the_bit(two):
    assert [saw["resumed"]["status"] for saw in two[1]] == [0, 0]
    resumed, whole = (contents(two[0] / name) for name in ("resumed", "whole"))
    del resumed[0]["s2s"]["info"], whole[0]["s2s"]["info"]  # where each of them is
    assert_same(resumed, whole)


def test_two_processes_draw_different_random_numbers(two):
    first, second = (saw["words"]["seed"] for saw in two[1])
    assert first == words(1).training.seed  # as if it were alone
    assert second != first


def test_a_run_of_two_processes_is_not_resumed_by_one(two, data):
    with pytest.raises(RequestError, match="is of a run of 2 processes, not 1; go on with as many"):
        train(tiny(**EVERYTHING), data, two[0] / "whole", resume=True, device="cpu", console=silent())


def test_a_run_that_gets_no_better_ends_in_both_processes_and_one_says_so(two):
    first, second = (saw["stopped"] for saw in two[1])
    assert (first["status"], second["status"]) == (0, 0)
    assert first["err"].splitlines()[-1] == "stopped after step 9: no better bleu since step 3"
    assert second["out"] + second["err"] == ""


@pytest.mark.parametrize(
    ("what", "status", "teller", "sentence"),
    [
        ("exists", 2, 0, "exists already; continue that run with --resume"),
        ("elsewhere", 2, 1, "absent"),
        ("failed", 1, 1, "the cable was pulled"),
    ],
)
def test_what_fails_in_one_process_fails_in_both_and_is_told_once(two, what, status, teller, sentence):
    ends = [saw[what] for saw in two[1]]
    assert [end["status"] for end in ends] == [status, status]
    errors = [[line for line in end["err"].splitlines() if "error" in line] for end in ends]
    assert [len(found) for found in errors] == [int(rank == teller) for rank in (0, 1)]
    assert sentence in errors[teller][0]


def test_torchrun_trains_by_the_command_line_and_sigterm_to_it_leaves_what_goes_on(data, tmp_path):
    (tmp_path / "config.yaml").write_text(to_yaml(tiny(training={"steps": 5000})), encoding="utf-8")
    command = [*TORCHRUN, "s2s", "train", tmp_path / "config.yaml", "--data", data, "--out", tmp_path / "run"]
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ONE_THREAD
    ) as process:
        wait_for(tmp_path / "run" / "checkpoints" / "previous.ckpt")
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    (line,) = [line for line in told.splitlines() if line.startswith("interrupted after step ")]
    checkpoint = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert line == f"interrupted after step {checkpoint['global_step']:,}; go on with:"
    assert "training subwords" in told
    assert told.count(" parameters, vocabulary ") == 1


@contextmanager
def srun(*arguments):
    """Two processes, started as SLURM's srun starts them; it is not at hand to be tested itself."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    job = {"SLURM_JOB_ID": "1", "SLURM_JOB_NAME": "s2s", "SLURM_NODELIST": "127.0.0.1", "SLURM_NODEID": "0"}
    job |= {"SLURM_NTASKS": "2", "SLURM_NTASKS_PER_NODE": "2", "SLURM_NNODES": "1", "MASTER_PORT": str(port)}
    command = [sys.executable, "-m", "s2s", *map(str, arguments)]
    tasks = [
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**ONE_THREAD, **job, "SLURM_PROCID": rank, "SLURM_LOCALID": rank},
        )
        for rank in ("0", "1")
    ]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.kill()
            task.communicate()


def test_a_wrong_request_ends_both_tasks_of_slurm_with_status_2_and_is_told_once(data, tmp_path):
    with srun("train", tmp_path / "absent.yaml", "--data", data, "--out", tmp_path / "run") as tasks:
        told = [task.communicate(timeout=100)[1] for task in tasks]
    assert [task.returncode for task in tasks] == [2, 2]
    assert told[0].startswith("s2s: error: ")
    assert (told[0].count("\n"), told[1]) == (1, "")


@pytest.mark.slow
def test_a_process_that_is_killed_ends_the_other_with_a_sentence(data, tmp_path):
    (tmp_path / "config.yaml").write_text(to_yaml(tiny(training={"steps": 50_000})), encoding="utf-8")
    with srun("train", tmp_path / "config.yaml", "--data", data, "--out", tmp_path / "run") as tasks:
        wait_for(tmp_path / "run" / "checkpoints" / "last.ckpt")
        tasks[1].kill()
        told = tasks[0].communicate(timeout=100)[1]
    assert tasks[0].returncode == 1
    assert told.endswith("s2s: error: another process of this run is gone; the last checkpoint, if any, is intact\n")
    assert "Traceback" not in told


@pytest.mark.slow
def test_torchrun_has_a_wrong_request_told_once(data, tmp_path):
    command = [*TORCHRUN, "s2s", "train", tmp_path / "absent.yaml", "--data", data, "--out", tmp_path / "run"]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=100, check=False, env=ONE_THREAD
    )
    assert done.stderr.count("s2s: error: ") == 1
    assert "exitcode  : 2" in done.stderr
    assert "main.py" not in done.stderr  # none of our own frames in a traceback
