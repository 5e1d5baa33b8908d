"""A checkpoint's file as plain values and tensors: checked before memory is taken, and read without running code.

torch.save writes a zip archive: a pickle, and beside it the bytes of every tensor, not compressed. torch itself reads
more than that, much of which takes any amount of memory (compressed or overlapping entries, bytearray(10 ** 11)) or
makes tensors that are no plain numbers (sparse, quantised, meta). So the directory of the archive and the names that
the pickle calls are read first, and torch sees a copy of the entries that were checked.
"""

import io
import pickletools
import shutil
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from s2s.config.errors import RequestError, WorkError
from s2s.nn.out_of_memory import is_out_of_memory

_MAX_DIRECTORY = 4 * 2**20
_MAX_PICKLE = 4 * 2**20
"""Some hundred bytes a tensor."""
_STORAGES = ("Double", "Float", "Half", "BFloat16", "Long", "Int", "Byte", "Bool")
_GLOBALS = {
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    *(f"torch {kind}Storage" for kind in _STORAGES),
}
"""All that torch.save calls for dense tensors."""


def open_checkpoint(path: Path) -> dict[str, Any]:
    """What torch.save wrote to a file: text, numbers, lists, mappings, and dense tensors on the CPU.

    RequestError where the file is damaged, holds anything else, or claims to be larger than it is; WorkError where
    memory does not suffice for it.
    """
    if not path.is_file():
        raise RequestError(f"{path} is not a file; name a checkpoint (.ckpt)")
    try:
        checkpoint = torch.load(_copy(path), map_location="cpu", weights_only=True)
        _check_tensors(checkpoint)
    except _Refused as error:
        raise RequestError(f"{path} is refused: {error}") from None
    except Exception as error:  # zipfile, pickle and torch raise a dozen kinds for bytes that are not what they seem
        if is_out_of_memory(error):
            raise WorkError(f"out of memory for {path}, of {path.stat().st_size:,} bytes") from None
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise RequestError(f"{path} is damaged or cut short, or not a checkpoint ({reason})") from None
    if not isinstance(checkpoint, dict):
        raise RequestError(f"{path} is not a checkpoint of an s2s model (it holds a {type(checkpoint).__name__})")
    return checkpoint


class _Refused(Exception):
    pass


class _File(io.FileIO):
    """A file that is not read in large pieces: zipfile would read a directory of any size at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:  # what is behind the directory, which is short
            size = _MAX_DIRECTORY
        if size > _MAX_DIRECTORY:
            raise _Refused(f"its directory has more than {_MAX_DIRECTORY:,} bytes")
        return super().read(size) or b""


def _copy(path: Path) -> io.BytesIO:
    """The entries of an archive, checked, in a new one."""
    copy = io.BytesIO()
    with _File(path) as file, zipfile.ZipFile(file) as archive, zipfile.ZipFile(copy, "w") as clean:
        entries = archive.infolist()
        names = {entry.filename.lower() for entry in entries}
        if len(names) < len(entries) or sum(name.endswith(".pkl") for name in names) != 1:
            raise _Refused("its archive has an entry twice, or not one pickle")
        if any(entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1 for entry in entries):
            raise _Refused("its archive is compressed or encrypted, which checkpoints are not")
        # Stored entries are as large as they say; together they are larger than the file only if some overlap.
        if sum(entry.file_size for entry in entries) > path.stat().st_size:
            raise _Refused("its entries claim more bytes than the file has")
        for entry in entries:
            with archive.open(entry) as source, clean.open(entry.filename, "w", force_zip64=True) as target:
                if entry.filename.lower().endswith(".pkl"):
                    if entry.file_size > _MAX_PICKLE:
                        raise _Refused(f"its pickle has more than {_MAX_PICKLE:,} bytes")
                    _check_pickle(source.read())
                    source.seek(0)
                shutil.copyfileobj(source, target, _MAX_DIRECTORY)
    copy.seek(0)
    return copy


def _check_pickle(content: bytes) -> None:
    """_Refused where a pickle calls anything that plain tensors do not need."""
    for opcode, argument, _ in pickletools.genops(content):
        if opcode.name == "EMPTY_SET" or (opcode.name == "GLOBAL" and argument not in _GLOBALS):
            what = str(argument).replace(" ", ".") if argument else "a set"
            raise _Refused(f"it carries more than numbers and text ({what[:80]})")


def _check_tensors(checkpoint: Any) -> None:
    """_Refused unless every tensor has its numbers one after the other, and nothing else."""
    waiting, seen = [checkpoint], set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, Tensor):
            if not each.is_contiguous() or each.requires_grad:
                raise _Refused(f"a tensor of shape {list(each.shape)} is a view of other numbers, or needs a gradient")
        elif isinstance(each, dict | list | tuple) and id(each) not in seen:
            seen.add(id(each))
            waiting += each.values() if isinstance(each, dict) else each
