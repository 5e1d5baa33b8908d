import os

import pytest
import torch

from s2s.config.errors import RequestError, WorkError
from s2s.training.checkpoints import AtomicCheckpointIO, read_checkpoints, set_aside, standing


def write(folder, *numbers):
    for number in numbers:
        content = {"s2s": {"format": 1}, "number": number, "weights": torch.arange(5000)}
        AtomicCheckpointIO().save_checkpoint(content, folder / "last.ckpt")


def read(folder):
    said = []
    path, checkpoint = next(read_checkpoints(folder, said.append))
    return path.name, checkpoint["number"], said


def test_the_last_checkpoint_and_the_one_before_are_kept(tmp_path):
    write(tmp_path, 1, 2, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["last.ckpt", "previous.ckpt"]
    assert read(tmp_path) == ("last.ckpt", 3, [])
    (tmp_path / "last.ckpt").unlink()  # the process died between the two renames
    assert read(tmp_path) == ("previous.ckpt", 2, [])


@pytest.mark.parametrize("damage", ["torn", "flipped", "empty", "half"])
def test_a_damaged_checkpoint_is_recognised_and_the_one_before_is_used(tmp_path, damage):
    write(tmp_path, 1, 2)
    path = tmp_path / "last.ckpt"
    content = bytearray(path.read_bytes())
    if damage == "torn":
        content = content[:-100]
    elif damage == "flipped":
        content[len(content) // 2] ^= 1
    elif damage == "empty":
        content = bytearray()
    else:
        content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    name, number, said = read(tmp_path)
    assert (name, number) == ("previous.ckpt", 1)
    (warning,) = said
    assert warning.startswith(f"{path} is ")
    assert warning.endswith("; the one before it is used if there is one")


class Code:
    def __reduce__(self):
        return print, ("run",)


def test_a_checkpoint_that_carries_code_is_not_run(tmp_path, capsys):
    torch.save({"s2s": {"format": 1}, "number": Code()}, tmp_path / "last.ckpt")
    assert list(read_checkpoints(tmp_path, lambda line: None)) == []
    assert capsys.readouterr().out == ""


def test_where_there_never_was_a_checkpoint_there_is_none(tmp_path):
    assert (standing(tmp_path), list(read_checkpoints(tmp_path, print))) == ([], [])


def test_a_damaged_checkpoint_does_not_take_the_place_of_the_good_one(tmp_path):
    write(tmp_path, 1, 2)
    (tmp_path / "last.ckpt").write_bytes(b"damaged")
    set_aside(tmp_path / "previous.ckpt")
    write(tmp_path, 3)
    (tmp_path / "last.ckpt").unlink()
    assert read(tmp_path) == ("previous.ckpt", 1, [])


@pytest.mark.parametrize("instead", ["list", "folder", "pipe"])
def test_what_is_no_checkpoint_at_all_is_damaged(tmp_path, instead):
    write(tmp_path, 1, 2)
    path = tmp_path / "last.ckpt"
    path.unlink()
    if instead == "list":
        torch.save([1, 2], path)
    elif instead == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    name, number, said = read(tmp_path)
    assert (name, number) == ("previous.ckpt", 1)
    assert said[0].startswith(f"{path} is ")


def test_a_checkpoint_of_another_format_is_refused(tmp_path):
    torch.save({"s2s": {"format": 3, "version": "7.5"}}, tmp_path / "last.ckpt")
    with pytest.raises(RequestError, match=r"format 3, written by s2s 7\.5; .*install s2s 7\.5$"):
        read(tmp_path)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("unexpected pos 64 vs 0")])
def test_a_write_that_fails_leaves_the_last_checkpoint_whole(tmp_path, monkeypatch, error):
    write(tmp_path, 1)

    def full(content, file):
        file.write(b"half")
        raise error

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(WorkError, match=r"cannot write .*last\.ckpt.*(No space|disk full).*intact"):
        write(tmp_path, 2)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["last.ckpt"]
    assert read(tmp_path)[:2] == ("last.ckpt", 1)


def test_memory_that_runs_out_is_not_taken_for_damage(tmp_path, monkeypatch):
    write(tmp_path, 1, 2)

    def exhausted(*_, **options):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    monkeypatch.setattr(torch, "load", exhausted)
    with pytest.raises(WorkError, match=r"out of memory for .*last\.ckpt"):
        read(tmp_path)
    assert (tmp_path / "last.ckpt").exists()
