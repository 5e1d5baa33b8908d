"""A recogniser as model.onnx, run by onnxruntime: in the place of the torch model wherever pictures are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from s2s.bundle.onnx_check import check_graph
from s2s.bundle.onnx_graph import INPUTS, OUTPUTS
from s2s.bundle.onnx_package import onnx_package
from s2s.config.errors import RequestError, WorkError
from s2s.nn.model import EncoderHead

_TYPES = list(
    zip((*INPUTS, *OUTPUTS), ("tensor(uint8)", "tensor(int64)", "tensor(float)", "tensor(int64)"), strict=True)
)
_MOST_BYTES = 2**31 - 1  # what protobuf can hold


class OnnxRecognizer(EncoderHead):
    """A CTC recogniser whose parts have sizes and no weights; onnxruntime computes, on the CPU.

    Args:
        unfilled: the model it was made of, on the meta device.
        content: of model.onnx.
        where: what messages call it.

    Raises:
        RequestError: the packages are missing, or the content is not a graph of this model.
    """

    def __init__(self, unfilled: EncoderHead, content: bytes, where: str) -> None:
        super().__init__(unfilled.encoder, unfilled.head)
        self.content = content
        self._where = where
        self._session = _open(content, where, unfilled)
        labels = self.head.output.out_features
        parts = *self._session.get_inputs(), *self._session.get_outputs()
        shapes = [part.shape for part in parts]
        if [(part.name, part.type) for part in parts] != _TYPES or [len(shape) for shape in shapes] != [4, 1, 3, 1]:
            raise RequestError(f"{where} is not a graph that s2s has written; export the model again")
        if shapes[2][2] != labels:
            raise RequestError(
                f"{where} has {shapes[2][2]} labels, and the charset beside it asks for {labels}; they are not of one "
                "model"
            )

    @property
    def device(self) -> torch.device:
        """Where pictures are to be."""
        return torch.device("cpu")

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Itself. RequestError where that is not the CPU."""
        if any(torch.device(place).type != "cpu" for place in (*args, *kwargs.values())):
            raise RequestError("a model in ONNX runs on the CPU; use --device cpu")
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # nothing of it ever changes

    def forward(self, images: Tensor, widths: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities (B, S, V) and the real steps (B,) of each row, for `images` of uint8."""
        try:
            found = self._session.run(OUTPUTS, {"images": images.numpy(), "widths": widths.numpy()})
        except Exception as error:  # onnxruntime raises kinds of its own, all of them straight from Exception
            raise WorkError(f"{self._where} cannot be run: {_in_one_line(error)}; export the model again") from None
        log_probs, steps = map(torch.from_numpy, found)
        rows, labels = len(images), self.head.output.out_features
        sound = log_probs.shape == (rows, *log_probs.shape[1:2], labels) and steps.shape == (rows,)
        if not sound or int(steps.min()) < 0 or int(steps.max()) > log_probs.shape[1]:
            raise WorkError(f"{self._where} gives what is not the output of a reader; export the model again")
        return log_probs, steps


def read_onnx(unfilled: torch.nn.Module, path: Path) -> OnnxRecognizer:
    """The model of a directory that has a model.onnx. RequestError where it is unsound."""
    if not isinstance(unfilled, EncoderHead):
        raise RequestError(f"{path}: only models with a CTC head have a model.onnx; copy the model again")
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= _MOST_BYTES else b""
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    return OnnxRecognizer(unfilled, content, str(path))


def _open(content: bytes, where: str, unfilled: EncoderHead) -> Any:
    """A session of onnxruntime with torch's number of threads."""
    onnx, runtime = onnx_package("onnx"), onnx_package("onnxruntime")
    damaged = f"{where} is damaged or not a model; copy the model again"
    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf's own kinds, which differ between its versions
        raise RequestError(f"{damaged} ({type(error).__name__})") from None
    check_graph(model, unfilled, where)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 4  # what goes wrong is raised too
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise RequestError(f"{damaged} ({_in_one_line(error)})") from None


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
