import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch

from s2s.bundle.load import load
from s2s.cli.main import main
from s2s.config.strict import to_yaml
from s2s.training.interruption import Interruption
from tests.training.tiny import numbers, tiny, write_dataset


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    pairs = numbers()
    splits = {"train": pairs.keep(list(range(60))), "val": pairs.keep(list(range(60, 70)))}
    return write_dataset(tmp_path_factory.mktemp("cli") / "data", splits)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "tiny.yaml"
    path.write_text(to_yaml(tiny(training={"steps": 6}, validation={"every": 3})), encoding="utf-8")
    return path


def test_train_tells_where_the_model_is_and_overrides_reach_the_run(config, data, tmp_path, capsys):
    arguments = ["train", str(config), "--data", str(data), "--out", str(tmp_path / "run"), "--device", "cpu"]
    assert main([*arguments, "--seed", "7", "--validation.metric", "chrf", "--training.steps=4"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{tmp_path / 'run' / 'model'}: the best by validation, chrf ")
    resolved = (tmp_path / "run" / "config.yaml").read_text()
    assert "seed: 7" in resolved
    assert "metric: chrf" in resolved
    assert "steps: 4" in resolved
    assert "step 4/4" in printed.err
    card = (tmp_path / "run" / "model" / "README.md").read_text()
    for line in (f"- path: {data}", "- terms: for tests only", "- seed: 7"):
        assert line in card.splitlines()


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (["--optimizer.weight_decy", "1"], 'did you mean "weight_decay"'),
        (["--threads", "0"], "--threads must be 1 or more, not 0"),
        (["--validation.metric", "blue"], 'did you mean "bleu"'),
        (["--resume"], "is not a run"),
        (["--seed", str(2**63)], "seed must be at most"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_status_2(config, data, tmp_path, capsys, extra, message):
    status = main(["train", str(config), "--data", str(data), "--out", str(tmp_path / "run"), *extra])
    printed = capsys.readouterr().err
    assert status == 2
    assert printed.count("\n") == 1
    assert message in printed
    assert not (tmp_path / "run").exists()


def test_a_place_where_no_run_can_be_is_refused_before_work(config, data, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["train", str(config), "--data", str(data), "--out", str(tmp_path / "file" / "run")]) == 2
    assert capsys.readouterr().err.endswith(f"{tmp_path / 'file'} is not a folder\n")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_prints_the_command_that_goes_on(
    config, data, tmp_path, capsys, monkeypatch, number, status
):
    step = Interruption.on_step_end

    def interrupt(self, trainer, task, batch):
        if trainer.global_step == 2:
            os.kill(os.getpid(), number)
        step(self, trainer, task, batch)

    monkeypatch.setattr(Interruption, "on_step_end", interrupt)
    arguments = ["train", str(config), "--data", str(data), "--out", str(tmp_path / "run")]
    monkeypatch.setenv("PATH", "/usr/bin")  # of a shell that does not know s2s
    monkeypatch.setattr(sys, "argv", [".venv/bin/s2s", *arguments])
    assert main(arguments) == status
    monkeypatch.undo()
    *_, told, command = capsys.readouterr().err.splitlines()
    assert told == "interrupted after step 2; go on with:"
    assert command.split() == [".venv/bin/s2s", "train", "--resume", str(tmp_path / "run")]
    assert main(command.split()[1:]) == 0
    assert "step 6/6" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["the run alone", "as it was begun", "before the config", "the run and its config"])
def test_a_run_is_resumed_by_its_folder_alone_and_by_the_command_that_began_it(
    config, data, tmp_path, capsys, monkeypatch, form
):
    monkeypatch.chdir(data.parent)
    began = [str(config), "--data", data.name, "--out", str(tmp_path / "run"), "--training.steps"]
    assert main(["train", *began, "2"]) == 0
    monkeypatch.chdir(tmp_path)
    arguments = {
        "the run alone": ["--resume", "run", "--training.steps", "4"],
        "as it was begun": [*began, "4", "--resume"],
        "before the config": ["--resume", *began, "4"],
        "the run and its config": [str(config), "--resume", "run", "--training.steps=4"],
    }[form]
    assert main(["train", *[str(data) if one == data.name else one for one in arguments]]) == 0
    assert "this run goes on with training.steps 2, now 4" in capsys.readouterr().err
    assert main(["train", "--resume", "run", "--optimizer.lr", "1"]) == 2
    assert "was begun with optimizer.lr" in capsys.readouterr().err


def test_a_run_without_a_checkpoint_begins_again_from_the_model_it_was_begun_from(config, data, tmp_path, monkeypatch):
    out = ["--data", str(data), "--out"]
    assert main(["train", str(config), *out, str(tmp_path / "first"), "--training.steps", "2"]) == 0
    lasting = ["--optimizer.lr", "1e-12", "--training.steps", "1"]
    begun = ["train", str(config), *out, str(tmp_path / "run"), "--from", str(tmp_path / "first"), *lasting]
    monkeypatch.setattr(sys, "argv", ["s2s", *begun])
    assert main(begun) == 0
    shutil.rmtree(tmp_path / "run" / "checkpoints")
    assert main(["train", "--resume", str(tmp_path / "run")]) == 0
    first, again = (load(tmp_path / name) for name in ("first", "run"))
    for name, value in first.model.state_dict().items():
        torch.testing.assert_close(again.model.state_dict()[name], value, rtol=0, atol=1e-6)
    assert again.info["training"]["command"].startswith("s2s train " + str(config))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: CONFIG, --data, --out; see s2s train --help"),
        (["--resume"], "are required"),
        (["--resume", "nothing"], "nothing is not a run"),
        (["--resume", "old"], "repeat the command that began it, with --resume at its end"),
        (["--resume", "old", "--from", "model"], "--charset and --vocabulary-of are for a new run"),
        (["--resume", "old", "--out", "other"], "name two runs"),
    ],
)
def test_what_is_missing_to_resume_is_named(arguments, message, config, tmp_path, capsys, monkeypatch):
    (tmp_path / "old").mkdir()
    shutil.copyfile(config, tmp_path / "old" / "config.yaml")
    monkeypatch.chdir(tmp_path)
    assert main(["train", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_killed_run_goes_on_and_nothing_but_our_own_lines_is_printed(config, data, tmp_path):
    arguments = ["train", str(config), "--data", str(data), "--out", str(tmp_path / "run"), "--batches.workers", "1"]
    arguments += ["--training.steps", "2000"]
    command = [sys.executable, "-m", "s2s", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + 120
            while not (tmp_path / "run" / "checkpoints" / "previous.ckpt").exists() and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            process.send_signal(signal.SIGKILL)
    done = [*command[:-1], "30", "--resume"]
    resumed = subprocess.run(done, capture_output=True, text=True, timeout=120, check=False)
    assert (resumed.returncode, resumed.stdout.split(":")[0]) == (0, str(tmp_path / "run" / "model"))
    beginnings = ("step ", "validation at step ", "  source ", "  reference ", "  output ")
    lines = [line for line in resumed.stderr.splitlines() if line.strip() and not line.startswith(beginnings)]
    assert [line.split()[1] for line in lines] == ["run", "parameters,", "pairs,", "steps"]


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_run_whose_folder_is_deleted_ends_in_one_sentence(config, data, tmp_path, capsys, monkeypatch):
    step = Interruption.on_step_end

    def delete(self, trainer, task, batch):
        if trainer.global_step == 2:
            shutil.rmtree(tmp_path / "run")
        step(self, trainer, task, batch)

    monkeypatch.setattr(Interruption, "on_step_end", delete)
    assert main(["train", str(config), "--data", str(data), "--out", str(tmp_path / "run"), "--device", "cpu"]) == 1
    *_, last = capsys.readouterr().err.splitlines()
    assert last.startswith(f"s2s: error: cannot write {tmp_path / 'run'}")


@pytest.mark.parametrize(
    "error",
    [
        ImportError("libtorch.so: failed to map segment from shared object"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_memory_that_runs_out_anywhere_is_one_sentence(config, data, tmp_path, capsys, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr("s2s.training.run.set_up", fail)
    assert main(["train", str(config), "--data", str(data), "--out", str(tmp_path / "run")]) == 1
    assert capsys.readouterr().err.endswith("s2s: error: out of memory\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_on_the_way_out_is_no_traceback(number):
    leaving = "import atexit, os; atexit.register(os.kill, os.getpid(), {}); from s2s.cli.main import script; script()"
    command = [sys.executable, "-c", leaving.format(int(number)), "--version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (-number, "")
