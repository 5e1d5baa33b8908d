"""A recogniser for onnxruntime, in 32 bits or in 8."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from s2s.bundle.bundle import Bundle
from s2s.bundle.onnx_graph import INPUTS, to_onnx
from s2s.bundle.onnx_model import OnnxRecognizer
from s2s.bundle.onnx_package import onnx_package
from s2s.bundle.unfilled import build_unfilled
from s2s.config.errors import RequestError
from s2s.config.source import ImageSource
from s2s.data.images.inputs import stack
from s2s.image.load import Pixels
from s2s.image.preprocessing import fit
from s2s.inference.recognizer import batches
from s2s.nn.model import EncoderHead

PICTURES = 500
"""As many as are looked through in some seconds."""
_PIXELS = 262_144  # a batch


def portable(bundle: Bundle, images: Sequence[Pixels] = ()) -> Bundle:
    """The model in ONNX; in 8 bits, for pictures like `images` in any form, if there are any.

    RequestError without the packages, for a model that has no CTC head, and for one in ONNX.
    """
    if isinstance(bundle.model, OnnxRecognizer):
        raise RequestError("the model is in ONNX already, which is for reading only; use what it was exported from")
    if not isinstance(bundle.model, EncoderHead):
        raise RequestError("the model writes character by character; only readers with a CTC head go into ONNX")
    source = bundle.config.source
    assert isinstance(source, ImageSource)
    content = to_onnx(bundle.model, source, bundle.charset.characters)
    if images:
        content = to_eight_bits(content, [fit(image, source) for image in images])
    unfilled = build_unfilled(bundle.config, bundle.sizes)
    assert isinstance(unfilled, EncoderHead)
    return replace(bundle, model=OnnxRecognizer(unfilled, content, "model.onnx"))


def to_eight_bits(content: bytes, images: Sequence[Pixels]) -> bytes:
    """The model.onnx of `s2s.bundle.onnx_graph` in 8 bits, for pictures like `images`, brought to the model's form.

    Weights are signed, a scale a channel, and take 7 of their 8 bits: CPUs without VNNI add their products in 16 bits,
    where sums of full ones would be cut off. Activations are unsigned, which is what CPUs multiply fastest, and scaled
    by the least and the most that the pictures gave. LSTMs scale their inputs anew at every call; GRUs and tanh RNNs,
    of which onnxruntime has none in 8 bits, stay in 32, and so does the head, which costs next to nothing.
    RequestError without the packages.
    """
    quantization = onnx_package("onnxruntime.quantization")
    with TemporaryDirectory() as folder, _silence():
        whole, half_way, all_of_it = (Path(folder, f"{number}.onnx") for number in range(3))
        whole.write_bytes(content)
        quantization.quantize_static(
            whole,
            half_way,
            _reader(quantization, images),
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            reduce_range=True,
        )
        quantization.quantize_dynamic(
            half_way,
            all_of_it,
            op_types_to_quantize=["LSTM"],
            weight_type=quantization.QuantType.QInt8,
            reduce_range=True,
        )
        return all_of_it.read_bytes()


@contextmanager
def _silence() -> Iterator[None]:
    """Without onnxruntime's advice to simplify a graph that has nothing to simplify."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _reader(quantization: Any, images: Sequence[Pixels]) -> Any:
    """The pictures in batches, as onnxruntime asks for them."""

    class Reader(quantization.CalibrationDataReader):
        def __init__(self) -> None:
            self._feeds = _feeds(images)

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self._feeds, None)

    return Reader()


def _feeds(images: Sequence[Pixels]) -> Iterator[dict[str, np.ndarray]]:
    for width, places in batches(images, _PIXELS):
        some = [images[place] for place in places]
        yield dict(zip(INPUTS, (stack(some, width).numpy(), np.array([one.shape[1] for one in some])), strict=True))
