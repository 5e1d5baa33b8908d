"""Memory or disk that does not suffice: one sentence, and what was there before is intact and can be gone on with."""

import os
import resource
import signal
from contextlib import contextmanager

import pytest
import torch

from s2s.config.errors import WorkError
from s2s.data.batches import Examples
from s2s.training.module import TrainingModule
from s2s.training.objectives import DecoderObjective
from s2s.training.run import train
from tests.bars import TEXTS, bars_config, write_folder
from tests.training.tiny import silent, tiny

SHARED = {"training": {"steps": 10}, "validation": {"every": 5}}


def run(data, out, config=None, **options):
    return train(config or tiny(**SHARED), data, out, console=silent(), **options)


def exhausting(function, when):
    """The function, which asks for more memory than there is when it is time to."""

    def greedy(self, *arguments):
        if when(self):
            torch.empty(1 << 55, dtype=torch.uint8)
        return function(self, *arguments)

    return greedy


@contextmanager
def file_size(most):
    """No file may grow beyond so many bytes: a disk that is full for large files, without having to fill one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_out_of_memory_in_a_step_names_the_batch_and_the_key(data, tmp_path, monkeypatch):
    at = exhausting(TrainingModule.training_step, lambda task: task.at_hand and task.global_step == 7)
    monkeypatch.setattr(TrainingModule, "training_step", at)
    message = r"memory for step 8, a batch of \d+ examples of up to \d+ tokens; .*intact; lower batches\.tokens"
    with pytest.raises(WorkError, match=message) as caught:
        run(data, tmp_path / "run")
    assert "\n" not in str(caught.value)
    monkeypatch.undo()
    assert run(data, tmp_path / "run", resume=True).step == 10


def test_out_of_memory_with_pictures_names_their_size(tmp_path, monkeypatch):
    write_folder(tmp_path / "data", TEXTS[:40])
    at = exhausting(TrainingModule.training_step, lambda task: task.global_step == 2)
    monkeypatch.setattr(TrainingModule, "training_step", at)
    with pytest.raises(WorkError, match=r"step 3, a batch of \d+ examples of 32 x \d+ pixels; .*batches\.pixels"):
        run(tmp_path / "data", tmp_path / "run", bars_config())


def test_out_of_memory_in_a_validation_is_told_as_such(data, tmp_path, monkeypatch):
    at = exhausting(DecoderObjective.validation_sums, lambda objective: True)
    monkeypatch.setattr(DecoderObjective, "validation_sums", at)
    with pytest.raises(WorkError, match=r"the validation after step 5; lower batches\.tokens or decoding\.batch "):
        run(data, tmp_path / "run")


def test_a_worker_that_the_system_kills_ends_the_run_in_words(data, tmp_path, monkeypatch):
    make, here = Examples.__getitem__, os.getpid()

    def die(self, plan):
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return make(self, plan)

    monkeypatch.setattr(Examples, "__getitem__", die)
    with pytest.raises(WorkError, match=r"^out of memory for step 1; the last checkpoint, if any, is intact; lower"):
        run(data, tmp_path / "run", tiny(batches={"workers": 1}, **SHARED))


@pytest.mark.parametrize(("most", "file"), [(300, "config.yaml"), (4000, "model"), (100_000, "last.ckpt")])
def test_a_disk_that_is_full_is_told_with_the_file_and_the_run_goes_on_later(data, tmp_path, most, file):
    with file_size(most), pytest.raises(WorkError, match=rf"cannot write .*{file}: .*(large|full)") as caught:
        run(data, tmp_path / "run")
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "run").rglob(".*")) if (tmp_path / "run").exists() else True
    assert run(data, tmp_path / "run", resume=(tmp_path / "run").exists()).step == 10


def test_pixels_that_do_not_fit_on_the_disk_are_told_with_the_place(tmp_path):
    write_folder(tmp_path / "data", TEXTS[:40])
    with file_size(5000), pytest.raises(WorkError, match=r"cannot write the pictures' pixels into .*; .*TMPDIR"):
        run(tmp_path / "data", tmp_path / "run", bars_config())
    assert not (tmp_path / "run").exists()
