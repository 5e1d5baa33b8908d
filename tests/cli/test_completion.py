"""`s2s completion`: Tab, in each shell."""

import shutil
import subprocess

import pytest

from s2s.cli.main import COMMANDS, main


@pytest.fixture
def script(tmp_path, capsys):
    """Writes a shell's script and gives its path."""

    def write(shell):
        assert main(["completion", shell]) == 0
        (tmp_path / "_s2s").write_text(capsys.readouterr().out)
        return tmp_path / "_s2s"

    return write


def answers(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (["tra"], ["train", "translate", "transcribe"]),
        (["translate", "--n-"], ["--n-best"]),
        (["translate", "m", "--format", ""], ["text", "tsv", "jsonl"]),
        (["train", "--model.encoder.hid"], ["--model.encoder.hidden"]),
        (["completion", "z"], ["zsh"]),
        (["translate", "m"], []),  # left to the shell, which completes files
        (["translate", "--format", "text", "--n-"], ["--n-best"]),
    ],
)
def test_bash_completes(typed, found, script):
    words = " ".join(f"'{one}'" for one in ["s2s", *typed])
    ask = f"COMP_WORDS=({words}); COMP_CWORD={len(typed)}; _s2s; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    assert [one for one in answers("bash", "-c", f". {script('bash')}; {ask}") if one] == found


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
@pytest.mark.parametrize(
    ("typed", "found"),
    [("tra", ["train", "transcribe", "translate"]), ("translate --n-b", ["--n-best"]), ("completion z", ["zsh"])],
)
def test_fish_completes(typed, found, script):
    ask = f"source {script('fish')}; complete -C 's2s {typed}'"
    assert [one.split("\t")[0] for one in answers("fish", "-c", ask)] == found


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_zsh_understands_the_script(script):
    ask = "autoload -U compinit; compinit -u -D; . $1; print $_comps[s2s]"
    assert answers("zsh", "-f", "-c", ask, "zsh", str(script("zsh"))) == ["_s2s"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_is_in_every_script(shell, script):
    text = script(shell).read_text()
    assert all(name in text for name in COMMANDS)
    assert "coverage-penalty" in text
