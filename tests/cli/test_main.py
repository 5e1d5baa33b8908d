"""The command line: quick to answer, one sentence for every error, the right exit status."""

import argparse
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import s2s
from s2s.cli import main as cli
from s2s.cli.main import COMMANDS, main
from s2s.cli.parser import split_overrides
from s2s.config.errors import RequestError, WorkError

HEAVY = ("torch", "lightning", "datasets", "sacrebleu", "sentencepiece", "numpy", "yaml", "babel", "matplotlib")
HEAVY += ("fastapi", "pydantic", "uvicorn")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[argparse.Namespace, list[str]], int]], None]:
    """Put a function in the place of `s2s translate`, with one option."""

    def install(run: Callable[[argparse.Namespace, list[str]], int]) -> None:
        def add_arguments(parser: argparse.ArgumentParser) -> None:
            parser.add_argument("model")
            parser.add_argument("--beam", type=int, default=5)

        made = SimpleNamespace(add_arguments=add_arguments, run=run)
        monkeypatch.setattr(cli, "import_module", lambda name: made)

    return install


def fail(error: BaseException) -> Callable[[argparse.Namespace, list[str]], int]:
    def run(arguments: argparse.Namespace, overrides: list[str]) -> int:
        raise error

    return run


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_help_names_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert all(f"  {name} " in printed for name in COMMANDS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"s2s {s2s.__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_tells_its_own_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: s2s {name} ")
    assert COMMANDS[name] in " ".join(printed.split())


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS), ["trian"]])
def test_help_and_typos_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from s2s.cli.main import main; main(sys.argv[1:]);"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = f"import sys, s2s; dir(s2s); print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_help_answers_in_less_than_half_the_time_of_importing_torch() -> None:
    def seconds(*arguments: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        return time.perf_counter() - start

    help_time = min(seconds("-m", "s2s", "--help") for _ in range(3))
    torch_time = min(seconds("-c", "import torch") for _ in range(3))
    assert help_time < torch_time / 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trian"], 'there is no command "trian"; did you mean "train"?'),
        (["translate", "m", "--baem", "3"], 's2s translate has no option "--baem"; did you mean "--beam"?'),
        (["translate", "--baem=3"], 's2s translate has no option "--baem"; did you mean "--beam"?'),
        (["translate", "m", "--bea", "3"], 's2s translate has no option "--bea"; did you mean "--beam"?'),
        (["translate"], "the following arguments are required: model; see s2s translate --help"),
        (["translate", "m", "n"], "unrecognized arguments: n; see s2s translate --help"),
        (["translate", "m", "--beam", "x"], "argument --beam: invalid int value: 'x'; see s2s translate --help"),
        (
            ["translate", "m", "--a.b", "1"],
            's2s translate has no option "--a.b"; only s2s train and s2s check take config keys',
        ),
    ],
)
def test_a_wrong_request_is_one_sentence_and_status_2(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    command(lambda arguments, overrides: 0)
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"s2s: error: {message}\n")


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (RequestError("no"), 2, "s2s: error: no\n"),
        (WorkError("the disk is full"), 1, "s2s: error: the disk is full\n"),
        (PermissionError(13, "Permission denied", "out"), 1, "s2s: error: out: Permission denied\n"),
        (OSError("no space"), 1, "s2s: error: no space\n"),
        (
            OSError(errno.ENAMETOOLONG, "File name too long", "a" * 300),
            2,
            f"s2s: error: {'a' * 40}...: the name is too long; choose a shorter one\n",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_how_a_command_ends_is_its_exit_status(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str], error: BaseException, status: int, message: str
) -> None:
    command(fail(error))
    assert main(["translate", "model"]) == status
    assert capsys.readouterr().err == message


def test_a_mistake_of_ours_keeps_its_traceback(command: Callable[..., None]) -> None:
    command(fail(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        main(["translate", "model"])


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_unwinds_and_is_the_exit_status(command: Callable[..., None], number: int, status: int) -> None:
    put_away = []

    def run(arguments: argparse.Namespace, overrides: list[str]) -> int:
        try:
            signal.raise_signal(number)
        finally:
            put_away.append(True)
        return 0

    command(run)
    before = signal.getsignal(number)
    assert main(["translate", "model"]) == status
    assert put_away == [True]
    assert signal.getsignal(number) is before


def test_a_signal_that_a_library_turns_into_its_own_error_shows_no_traceback(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    def run(arguments: argparse.Namespace, overrides: list[str]) -> int:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("half of a library") from None
        return 0

    command(run)
    assert main(["translate", "model"]) == 130
    assert capsys.readouterr().err == ""


def test_a_current_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    code = "import os, sys; os.rmdir(os.getcwd()); from s2s.cli.main import main; sys.exit(main(['translate', 'm']))"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    (tmp_path / "gone").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "gone",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "s2s: error: the current folder has been deleted; change to one that exists\n"


def test_a_reader_that_goes_away_is_met_with_silence(tmp_path: Path) -> None:
    code = (
        "import sys, types\nfrom s2s.cli import main as cli\n"
        "def run(arguments, overrides):\n    [print('line') for _ in range(100000)]\n    return 0\n"
        "made = types.SimpleNamespace(add_arguments=lambda parser: None, run=run)\n"
        "cli.import_module = lambda name: made\nsys.exit(cli.main(['translate']))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 141


def test_config_keys_are_told_from_options_wherever_they_stand() -> None:
    arguments = ["--a.b", "-1", "config", "--out=x.y", "--c.d_e.f=g=h", "--beam", "2.5", "--", "--not.this"]
    others, overrides = split_overrides(arguments)
    assert others == ["config", "--out=x.y", "--beam", "2.5", "--", "--not.this"]
    assert overrides == ["--a.b", "-1", "--c.d_e.f", "g=h"]
    with pytest.raises(RequestError, match=r"--a\.b needs a value"):
        split_overrides(["--a.b"])


@pytest.mark.parametrize(
    ("given", "expected"), [({}, "10000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "ACTIVE"}, None)]
)
def test_waiting_threads_give_way_unless_the_user_says_otherwise(
    given: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["s2s", "--version"])
    with pytest.raises(SystemExit):
        cli.script()
    assert os.environ.get("GOMP_SPINCOUNT") == expected
    os.environ.pop("GOMP_SPINCOUNT", None)


def test_out_of_memory_anywhere_is_one_sentence(command, capsys):
    command(fail(MemoryError()))
    assert main(["translate", "model"]) == 1
    assert capsys.readouterr().err == "s2s: error: out of memory\n"
