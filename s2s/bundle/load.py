"""Reading a model, whatever holds it."""

from pathlib import Path

import torch

from s2s.bundle.assembly import assemble
from s2s.bundle.bundle import Bundle, RecognitionBundle, TranslationBundle
from s2s.bundle.checkpoint import load_checkpoint
from s2s.bundle.codecs import check_vocabularies, read_codecs
from s2s.bundle.description import read_description
from s2s.bundle.files import CONFIG, ONNX, WEIGHTS, find_model
from s2s.bundle.onnx_model import OnnxRecognizer, read_onnx
from s2s.bundle.unfilled import build_unfilled
from s2s.bundle.weights import read_weights
from s2s.config.errors import RequestError


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
    codecs = read_codecs(path, description.sizes)
    check_vocabularies(description, codecs, str(path))
    model = build_unfilled(description.config, description.sizes)
    if (path / ONNX).is_file():
        model = read_onnx(model, path / ONNX)
    else:
        read_weights(model, path / WEIGHTS, device)
    return assemble(description, model, codecs)


def need_weights(bundle: Bundle, name: str | Path) -> Bundle:
    """The bundle, if its model is torch's; RequestError, naming it, if onnxruntime has it."""
    if isinstance(bundle.model, OnnxRecognizer):
        raise RequestError(f"{name} is in ONNX, which is for reading only; use the model that it was exported from")
    return bundle


def need_translation(bundle: Bundle, name: str | Path) -> TranslationBundle:
    """The bundle, if it translates; RequestError, naming it, if it does not."""
    if isinstance(bundle, TranslationBundle):
        return bundle
    raise RequestError(f"{name} reads pictures, it does not translate; use it with s2s transcribe")


def need_recognition(bundle: Bundle, name: str | Path) -> RecognitionBundle:
    """The bundle, if it reads pictures; RequestError, naming it, if it does not."""
    if isinstance(bundle, RecognitionBundle):
        return bundle
    raise RequestError(f"{name} translates text, it does not read pictures; use it with s2s translate")
