"""`s2s train --keys`."""

import pytest

from s2s.cli.main import main
from s2s.config.describe import describe
from s2s.config.translation import Translation


def test_every_key_is_shown_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--keys"]) == 0
    printed = capsys.readouterr().out
    for key in describe(Translation):
        assert f"\n{key.name}  (" in f"\n{printed}"
        assert f"    {key.help}\n" in printed
    assert 'model.encoder.cell  (one of lstm, gru, rnn; default "lstm")\n' in printed
    assert "training.steps  (whole number; default 10000)\n" in printed
