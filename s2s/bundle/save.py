"""Writing a model directory, whole or not at all."""

import os
import shutil
from pathlib import Path

from safetensors import SafetensorError

from s2s.bundle.bundle import Bundle
from s2s.bundle.card import card
from s2s.bundle.description import describe
from s2s.bundle.files import CARD, CONFIG, ONNX, WEIGHTS
from s2s.bundle.onnx_model import OnnxRecognizer
from s2s.bundle.vocabularies import write_vocabularies
from s2s.bundle.weights import write_weights
from s2s.config.errors import RequestError, WorkError


def save(directory: str | Path, bundle: Bundle, half: bool = False) -> None:
    """Write a model directory, in place of an older one; `half` stores its matrices in 16 bits.

    It is written beside and then renamed, so a process that dies leaves the old or the new one, never half of one; at
    worst the old one under its second name, and the next save puts it back. RequestError if something else is in the
    way, WorkError where the disk fails.
    """
    directory = Path(directory)
    if directory.exists() and not (directory / CONFIG).is_file() and (directory.is_file() or any(directory.iterdir())):
        raise RequestError(f"{directory} exists and is not a model; choose another place")
    directory.parent.mkdir(parents=True, exist_ok=True)
    partial, old = (directory.with_name(f".{directory.name}.{state}") for state in ("partial", "old"))
    if old.exists() and not directory.exists():
        old.rename(directory)
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir()
    try:
        _write(partial, bundle, half)
        if directory.exists():
            directory.rename(old)
        partial.rename(directory)
    except (OSError, SafetensorError) as error:  # the latter is how safetensors says that the disk is full
        reason = getattr(error, "strerror", None) or error
        raise WorkError(f"cannot write {directory}: {reason}; the model before it, if any, is intact") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if old.exists() and not directory.exists():
            old.rename(directory)
        shutil.rmtree(old, ignore_errors=True)


def _write(folder: Path, bundle: Bundle, half: bool) -> None:
    describe(bundle).write(folder / CONFIG)
    if isinstance(bundle.model, OnnxRecognizer):
        (folder / ONNX).write_bytes(bundle.model.content)
    else:
        write_weights(bundle.model, folder / WEIGHTS, half)
    write_vocabularies(folder, bundle.vocabularies)
    (folder / CARD).write_text(card(bundle), encoding="utf-8")
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
