"""Keys of configs on the command line."""

import pytest

from s2s.cli.main import main
from s2s.config.experiment import keys


def test_every_key_is_shown_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--keys"]) == 0
    printed = capsys.readouterr().out
    for key in keys("text", "text"):
        assert f"\n{key.name}  (" in f"\n{printed}"
        assert f"    {key.help}\n" in printed
    assert 'model.encoder.cell  (one of lstm, gru, rnn; default "lstm")\n' in printed
    assert "training.steps  (whole number; default 10000)\n" in printed


def test_the_keys_of_the_other_task_are_shown_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--keys", "recognition"]) == 0
    printed = capsys.readouterr().out
    assert all(f"\n{key.name}  (" in f"\n{printed}" for key in keys("image", "ctc"))
    assert main(["train", "--keys", "recogniton"]) == 2
    assert 'did you mean "recognition"?' in capsys.readouterr().err


@pytest.mark.parametrize(("option", "key"), [("--steps", "--training.steps"), ("--lr=1", "--optimizer.lr")])
def test_a_key_without_its_section_is_refused_with_the_whole_key(
    option: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "c", "--data", "d", "--out", "r", option, "5"]) == 2
    assert f'has no option "{option.split("=")[0]}"; did you mean "{key}"?' in capsys.readouterr().err
