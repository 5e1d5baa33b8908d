"""Whether a model.onnx holds the graph that s2s writes, in 32 bits or in 8: nothing else is run.

Weights are free; operators, their order, their attributes, the shapes of the weights and every whole number are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from s2s.bundle.onnx_graph import Draft, draft
from s2s.bundle.onnx_package import onnx_package
from s2s.config.errors import RequestError
from s2s.nn.model import EncoderHead

_ROUNDED = "_quantized"  # with which onnxruntime marks the names of weights in 8 bits
_IN_EIGHT_BITS = ("com.microsoft", "DynamicQuantizeLSTM")
_MOST_SCALES = 65_536  # numbers of an array of scales or zero points, of which a weight has one a channel

Operation = tuple[str, tuple[str, ...], dict[str, Any]]


def check_graph(model: Any, unfilled: EncoderHead, where: str) -> None:
    """RequestError unless the ModelProto `model` is the graph of `unfilled`, with weights of any value."""
    try:
        fault = next(_faults(model, draft(unfilled)), None)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError) as error:
        fault = f"it is damaged ({type(error).__name__})"
    if fault is not None:
        raise RequestError(f"{where} is not the graph that s2s writes for this model: {fault}; export the model again")


def _faults(model: Any, expected: Draft) -> Iterator[str]:
    graph = model.graph
    if model.functions or model.training_info or graph.sparse_initializer:
        yield "it has functions, training steps or sparse weights"
    constants = {one.name: one for one in graph.initializer}
    if len(constants) != len(graph.initializer) or constants.keys() & {one.name for one in graph.input}:
        yield "a weight is there twice"
    yield from _constant_faults(constants, expected)
    wanted: dict[str, Operation] = {
        one.output: (one.kind, one.inputs, {name: _plain(value) for name, value in one.attributes.items()})
        for one in expected.nodes
    }
    origins: dict[str, str] = {}  # of values that went through 8 bits
    for node in graph.node:
        if len(node.output) != 1 or len(node.output[0]) > 200:
            yield "a node has several outputs"
        if node.op_type in ("QuantizeLinear", "DequantizeLinear") and not node.domain:
            yield from _rounding_faults(node, constants)
            origins[node.output[0]] = _origin(node.input[0], origins)
        elif wanted.pop(node.output[0], None) != _operation(node, origins):
            yield f"it has {node.op_type[:40]} where another operation is expected"
    if wanted:
        yield f"{len(wanted):,} operations are missing"


def _constant_faults(constants: dict[str, Any], expected: Draft) -> Iterator[str]:
    """Weights of other shapes, other whole numbers, and what is there besides."""
    onnx = onnx_package("onnx")
    for name, one in constants.items():
        if one.data_location == onnx.TensorProto.EXTERNAL:
            yield "it takes weights from other files"
        known = expected.constants.get(name, expected.constants.get(name.removesuffix(_ROUNDED)))
        if known is None:
            if np.prod([max(1, size) for size in one.dims], dtype=np.float64) > _MOST_SCALES:
                yield f"{name[:40]} is too large"
            elif onnx.numpy_helper.to_array(one).shape != tuple(one.dims):
                yield f"{name[:40]} is incomplete"
            continue
        # An LSTM's matrices are turned over in 8 bits.
        same = list(one.dims) == list(known.shape) or (
            name.endswith(_ROUNDED) and sorted(one.dims) == sorted(known.shape)
        )
        whole = not known.is_floating_point()
        if not same or (whole and one.data_type != onnx.TensorProto.INT64):
            yield f"{name[:40]} has another shape or type"
        elif onnx.numpy_helper.to_array(one).shape != tuple(one.dims):
            yield f"{name[:40]} is incomplete"
        elif whole and not np.array_equal(onnx.numpy_helper.to_array(one), known.numpy()):
            yield f"{name[:40]} is another number"
    for name in expected.constants:
        if name not in constants and name + _ROUNDED not in constants:
            yield f"{name} is missing"


def _rounding_faults(node: Any, constants: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a node that goes to 8 bits or back, besides what it takes."""
    if len(node.input) != 3 or not all(name in constants for name in node.input[1:]):
        yield f"{node.op_type} has no constant scale"
    if any(one.name != "axis" for one in node.attribute):
        yield f"{node.op_type} has an unknown attribute"


def _origin(name: str, origins: dict[str, str]) -> str:
    """The value that this one is in 8 bits, or was."""
    return origins.get(name, name.removesuffix(_ROUNDED))


def _operation(node: Any, origins: dict[str, str]) -> Operation:
    """A node as it is in 32 bits; of another domain, one that is none of ours."""
    inputs = [_origin(name, origins) for name in node.input]
    kind = node.op_type if not node.domain else f"{node.domain}.{node.op_type}"
    if (node.domain, node.op_type) == _IN_EIGHT_BITS:
        kind, inputs = "LSTM", inputs[:5]
    helper = onnx_package("onnx").helper
    return kind, tuple(inputs), {one.name: _plain(helper.get_attribute_value(one)) for one in node.attribute}


def _plain(value: Any) -> Any:
    """An attribute's value, to be compared."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float):
        return float(np.float32(value))
    return list(value) if isinstance(value, list | tuple) or hasattr(value, "extend") else value
