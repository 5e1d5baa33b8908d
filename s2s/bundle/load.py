"""Reading a model, whatever holds it."""

from pathlib import Path

import torch

from s2s.bundle.bundle import Bundle
from s2s.bundle.checkpoint import load_checkpoint
from s2s.bundle.description import read_description
from s2s.bundle.files import CONFIG, ONNX, WEIGHTS, find_model
from s2s.bundle.onnx_model import OnnxRecognizer, read_onnx
from s2s.bundle.unfilled import build_unfilled
from s2s.bundle.vocabularies import check_vocabularies, read_vocabularies
from s2s.bundle.weights import read_weights
from s2s.config.errors import RequestError

COMMANDS = {
    "translation": "translate",
    "recognition": "transcribe",
    "language": "generate",
    "classification": "predict",
    "tagging": "predict",
    "series-classification": "predict",
    "series-reading": "predict",
}
"""The command that uses the models of a task."""


def load(name: str | Path, device: torch.device | None = None) -> Bundle:
    """Read a model directory, the model of a run directory, or a trainer's checkpoint; on the CPU by default.

    The model is built without memory and checked against the header of the weights before anything is allocated.
    RequestError, one sentence, where there is no model or it is unsound.
    """
    path = find_model(name)
    device = device or torch.device("cpu")
    if path.is_file():
        return load_checkpoint(path, device)
    description = read_description(path / CONFIG)
    vocabularies = read_vocabularies(path, description.config)
    check_vocabularies(description.config, description.sizes, vocabularies, str(path))
    model = build_unfilled(description.config, description.sizes)
    if (path / ONNX).is_file():
        model = read_onnx(model, path / ONNX)
    else:
        read_weights(model, path / WEIGHTS, device)
    return description.of(model, vocabularies)


def need_weights(bundle: Bundle, name: str | Path) -> Bundle:
    """The bundle, if its model is torch's; RequestError, naming it, if onnxruntime has it."""
    if isinstance(bundle.model, OnnxRecognizer):
        raise RequestError(f"{name} is in ONNX, which is for reading only; use the model that it was exported from")
    return bundle


def need_task(bundle: Bundle, name: str | Path, *tasks: str) -> Bundle:
    """The bundle, if its task is one of `tasks`; RequestError, naming it and the command for it, if it is not."""
    task = bundle.config.task
    if task in tasks:
        return bundle
    raise RequestError(f"{name} is a model of task {task}, not {' or '.join(tasks)}; use it with s2s {COMMANDS[task]}")
