import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from s2s.training.module import Means
from s2s.training.progress import Screen, clock
from s2s.training.validation_callback import Sample, ValidationResult


def show(terminal, width=150):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=width)
    screen = Screen(console, SimpleNamespace(latest=lambda task: (Means(2.5, 2.25, 1000, 0.5, 1000), 3210.4)))
    trainer = SimpleNamespace(global_step=0, max_steps=4)
    task = SimpleNamespace(rate=lambda step: 0.001, accumulate=1, unit="tokens")
    screen.on_train_start(trainer, task)
    for step in range(1, 5):
        trainer.global_step = step
        screen.on_train_batch_end(trainer, task, None, SimpleNamespace(epoch=6), step)
    samples = [Sample("[bold]a dog", "ein Hund", "ein Hund")]
    screen.validated(ValidationResult({"loss": 1.5, "bleu": 37.25}, samples), 4, True, 2.0)
    screen.on_train_end(trainer, task)
    return console.file.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_tells_step_loss_speed_rate_time_left_and_the_scores_with_samples(terminal):
    text = show(terminal)
    for part in (
        "loss 2.500",
        "3,210 tokens/s",
        "lr 1.00e-03",
        "0:00 left",
        "epoch 7",
        "loss 1.500  bleu 37.25",
        "best so far",
    ):
        assert part in text
    assert "source    [bold]a dog" in text
    assert ("4/4" in text) if terminal else ("step 4/4  0:00 left" in text)


def test_without_a_terminal_lines_are_plain_and_few():
    text = show(False)
    assert "\x1b" not in text
    assert "\r" not in text
    assert [line.split()[1] for line in text.splitlines() if line.startswith("step")] == ["1/4", "4/4"]


def test_clock_reads_like_one():
    assert [clock(seconds) for seconds in (0, 61, 3599.6, 36061)] == ["0:00", "1:01", "1:00:00", "10:01:01"]


def test_the_live_line_stays_one_line_on_a_narrow_terminal():
    text = show(True, width=60).split("validation at")[0]
    assert "4/4" in text
    assert "\n" not in text.rsplit("4/4", 1)[0].split("1/4")[1]


def test_long_lines_are_not_broken_where_there_is_no_terminal():
    text = show(False, width=40)
    assert any(line.startswith("step 4/4") and line.endswith("lr 1.00e-03") for line in text.splitlines())
