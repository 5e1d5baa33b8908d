import csv
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from s2s.config.errors import WorkError
from s2s.data.atomic import append
from s2s.training.journal import EVERY, Journal
from s2s.training.module import Means
from s2s.training.validation_callback import Sample, ValidationResult


class Counting:
    """A task whose loss is its step."""

    accumulate = 1

    def __init__(self):
        self.sums = torch.zeros(5)
        self.steps = []

    def means(self):
        mean = sum(self.steps) / len(self.steps)
        return Means(mean, mean, 10, 0.5, 10)

    def read_sums(self):
        means = self.means()
        self.steps = []
        return means

    def rate(self, step):
        return step / 1000


def run(folder, first, last, every=30, of=200):
    folder.mkdir(exist_ok=True)
    journal, task = Journal(folder, ["bleu"], "tokens", print), Counting()
    trainer = SimpleNamespace(global_step=first - 1, max_steps=of)
    task.steps = list(range((first - 1) // EVERY * EVERY + 1, first))  # the sums of a checkpoint
    journal.on_train_start(trainer, task)
    for step in range(first, last + 1):
        trainer.global_step = step
        task.steps.append(step)
        journal.on_train_batch_end(trainer, task, None, SimpleNamespace(epoch=0), step)
        if step % every == 0:
            sample = Sample("a source", f"step {step}", "an output")
            journal.validated(ValidationResult({"loss": step / 7, "bleu": step / 3}, [sample]), step, step == 30, 0.1)
    journal.on_fit_end(trainer, task)
    return journal


def table(journal):
    with journal.metrics.open(newline="") as file:
        return [{key: value for key, value in row.items() if "second" not in key} for row in csv.DictReader(file)]


def test_a_row_of_means_every_so_many_steps_and_one_a_validation(tmp_path):
    rows = table(run(tmp_path, 1, 120, of=120))
    assert [row["step"] for row in rows] == ["30", "50", "60", "90", "100", "120", "120"]
    training = [row for row in rows if row["loss"]]
    assert [float(row["loss"]) for row in training] == [25.5, 75.5, 110.5]
    assert float(rows[0]["validation_bleu"]) == 10
    assert float(training[0]["learning_rate"]) == 0.049


@pytest.mark.parametrize("killed", [110, 120])  # before and after a validation without a checkpoint
def test_a_run_killed_and_resumed_leaves_the_files_of_an_uninterrupted_one(tmp_path, killed):
    whole = run(tmp_path / "whole", 1, 150)
    run(tmp_path / "killed", 1, killed)  # its last checkpoint is that of step 90
    resumed = run(tmp_path / "killed", 91, 150)
    assert table(resumed) == table(whole)
    assert resumed.samples.read_bytes() == whole.samples.read_bytes()


def test_what_was_cut_short_is_taken_back(tmp_path):
    whole = run(tmp_path / "whole", 1, 150)
    killed = run(tmp_path / "killed", 1, 110)
    for path in (killed.metrics, killed.samples):
        with path.open("a") as file:
            file.write("step 9" if path == killed.samples else "9")
    resumed = run(tmp_path / "killed", 91, 150)
    assert table(resumed) == table(whole)
    assert resumed.samples.read_bytes() == whole.samples.read_bytes()


def as_saved_by_a_spreadsheet(text):
    """With a mark at the beginning, semicolons, quotes, decimal commas and carriage returns."""
    rows = [[cell.replace(".", ",") for cell in line.split(",")] for line in text.splitlines()]
    return "\ufeff" + "".join(";".join(f'"{cell}"' if cell else "" for cell in row) + "\r\n" for row in rows)


@pytest.mark.parametrize(
    "edit",
    [
        as_saved_by_a_spreadsheet,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\n\n", 3) + "\n" + "," * text.split("\n")[0].count(",") + "\n",
        lambda text: text.replace(",", "\t"),
        lambda text: "".join(",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in text.splitlines()),
        lambda text: text.removesuffix("\n"),
    ],
)
def test_a_table_that_a_spreadsheet_has_saved_loses_nothing(tmp_path, edit, capsys):
    whole = run(tmp_path / "whole", 1, 150)
    killed = run(tmp_path / "killed", 1, 90)
    killed.metrics.write_bytes(edit(killed.metrics.read_text()).encode())
    resumed = run(tmp_path / "killed", 91, 150)
    assert table(resumed) == table(whole)
    assert capsys.readouterr().out == ""
    assert not list((tmp_path / "killed").glob("*as-found*"))


@pytest.mark.parametrize(
    ("edit", "losses"),
    [
        (lambda text: text.replace("\n50,", "\n5O,"), "1 unreadable row"),
        (lambda text: text.replace("\n30,", "\n,").replace("\n60,", "\n\u0663,"), "2 unreadable rows"),
        (lambda text: text.replace("\n30,", "\n" + "9" * 5000 + ","), "1 unreadable row"),
        (lambda text: text.replace("\n30,", "\n30,,,,,,,,,,,,,,"), "1 unreadable row"),
        (
            lambda text: "".join(f"{line},mine\n" for line in text.splitlines()).replace("bleu,mine", "bleu,note"),
            "note",
        ),
        (lambda text: "a letter\nto somebody\n", 'the column "a letter"'),
        (lambda text: text.replace("\n30,", "\n\0" + "a" * 200_000 + ","), "1 unreadable row"),
    ],
)
def test_what_cannot_be_kept_of_an_edited_table_is_counted_and_the_file_kept(tmp_path, edit, losses, capsys):
    killed = run(tmp_path, 1, 90)
    edited = edit(killed.metrics.read_text()).encode()
    for spare in ("metrics-as-found.csv", "metrics-as-found-2.csv"):
        killed.metrics.write_bytes(edited)
        resumed = run(tmp_path, 91, 90)
        assert losses in capsys.readouterr().out
        assert (tmp_path / spare).read_bytes() == edited
        assert resumed.metrics.read_text().startswith("step,epoch,")


@pytest.mark.parametrize("line", ["step", "step x  loss", "step " + "9" * 5000, "step \u0663  "])
def test_samples_that_were_edited_are_kept(tmp_path, line):
    killed = run(tmp_path, 1, 90)
    edited = f"{line}\n{killed.samples.read_text()}"
    killed.samples.write_text(edited)
    assert run(tmp_path, 91, 90).samples.read_text() == edited


@pytest.mark.parametrize("text", ["step 99  a sample that looks like a heading", "line\u2028separator"])
def test_samples_with_odd_text_survive_a_resume(tmp_path, text):
    journal = Journal(tmp_path, ["bleu"], "tokens", print)
    task, trainer = Counting(), SimpleNamespace(global_step=0, max_steps=100)
    journal.on_train_start(trainer, task)
    journal.validated(ValidationResult({"loss": 1.0, "bleu": 2.0}, [Sample(text, text, text)]), 10, True, 0.1)
    journal.on_fit_end(trainer, task)
    before = journal.samples.read_bytes()
    trainer.global_step = 10
    journal.on_train_start(trainer, task)
    journal.on_fit_end(trainer, task)
    assert journal.samples.read_bytes() == before


def test_tensorboard_gets_the_same_figures(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run(tmp_path, 1, 60)
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [(50, 25.5)]
    assert [event.step for event in events.Scalars("validation/bleu")] == [30, 60]


def test_a_full_disk_is_told_with_the_file(tmp_path, monkeypatch):
    with pytest.raises(WorkError, match=r"cannot write /dev/full: No space left"):
        append(Path("/dev/full"), "a row\n")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("s2s.training.journal.SummaryWriter.add_scalar", full)
    with pytest.raises(WorkError, match=r"cannot write .*tensorboard: No space left"):
        run(tmp_path, 1, 60)
