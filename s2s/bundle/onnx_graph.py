"""A CTC recogniser as an ONNX graph, for any batch and any width, that other runtimes and languages can run.

The graph is written layer by layer, not traced: torch's exporters fix the sizes of a batch, and unroll or misread a
recurrent layer that holds still at padded steps, which ONNX's own layers do by their lengths.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from s2s.bundle.onnx_package import onnx_package
from s2s.config.source import ImageSource
from s2s.nn.backbones.convolution import Convolution, Residual, fold_norms
from s2s.nn.backbones.light import Light, MeanRow
from s2s.nn.image_encoder import ImageEncoder
from s2s.nn.model import EncoderHead
from s2s.nn.recurrent import BidirectionalLayer, RecurrentLayer

INPUTS, OUTPUTS = ("images", "widths"), ("log_probs", "steps")
_OPSET = 17  # the first with LayerNormalization
_IR = 8  # of that time, which runtimes of today and of then read
_FLOAT, _INT32 = 1, 6  # of TensorProto
# ONNX's order of the gates, in torch's: i o f c from i f g o, z r h from r z n.
_ORDER = {"lstm": (0, 3, 1, 2), "gru": (1, 0, 2), "rnn": (0,)}


@torch.no_grad()
def to_onnx(model: EncoderHead, picture: ImageSource, characters: str) -> bytes:
    """The content of a model.onnx.

    It takes `images` (B, C, H, W), levels 0 to 255 (uint8), and `widths` (B,), their real columns (int64), and gives
    `log_probs` (B, S, V) and `steps` (B,), the real ones of each row. What the V labels write, the blank first, is in
    its metadata as JSON, `labels`. RequestError without the package onnx.
    """
    onnx = onnx_package("onnx")
    labels = ["", *characters]
    graph = draft(model)
    nodes = [
        onnx.helper.make_node(one.kind, list(one.inputs), [one.output], name=one.output, **one.attributes)
        for one in graph.nodes
    ]
    constants = [onnx.numpy_helper.from_array(_array(value), name) for name, value in graph.constants.items()]
    channels = 3 if picture.colour else 1
    types = onnx.TensorProto
    inputs = [
        onnx.helper.make_tensor_value_info(INPUTS[0], types.UINT8, ["batch", channels, picture.height, "width"]),
        onnx.helper.make_tensor_value_info(INPUTS[1], types.INT64, ["batch"]),
    ]
    outputs = [
        onnx.helper.make_tensor_value_info(OUTPUTS[0], types.FLOAT, ["batch", "steps", len(labels)]),
        onnx.helper.make_tensor_value_info(OUTPUTS[1], types.INT64, ["batch"]),
    ]
    made = onnx.helper.make_model(
        onnx.helper.make_graph(nodes, "s2s", inputs, outputs, constants),
        opset_imports=[onnx.helper.make_opsetid("", _OPSET)],
        ir_version=_IR,
        producer_name="s2s",
    )
    onnx.helper.set_model_props(made, {"labels": json.dumps(labels, ensure_ascii=False)})
    onnx.checker.check_model(made, full_check=True)
    content: bytes = made.SerializeToString()
    return content


@torch.no_grad()
def draft(model: EncoderHead) -> Draft:
    """The graph of a model; of one on the meta device, with constants that have a shape and, if of weights, no values.

    What loads a model.onnx holds it against this: a change of what is written here shuts out what was written before.
    """
    model = deepcopy(model).float().eval()
    fold_norms(model)
    graph = Draft()
    _fill(graph, model)
    return graph


@dataclass(frozen=True)
class Node:
    """An operation of a graph; values go by their names."""

    kind: str
    inputs: tuple[str, ...]
    output: str
    attributes: dict[str, Any]


class Draft:
    """Nodes and constants of a graph that is being written."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, Tensor] = {}

    def __call__(self, kind: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Add a node; the name of its first output, which is `output` if given."""
        name = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(Node(kind, inputs, name, attributes))
        return name

    def constant(self, value: Tensor | np.generic | list[int] | int) -> str:
        """Add an array; whole numbers become int64."""
        name = f"constant_{len(self.constants)}"
        self.constants[name] = torch.atleast_1d(value if isinstance(value, Tensor) else torch.as_tensor(value))
        return name


def _array(value: Tensor) -> np.ndarray:
    return np.ascontiguousarray(value.cpu().numpy())


def _fill(graph: Draft, model: EncoderHead) -> None:
    """All of `ImageEncoder.forward`, and the head."""
    images, widths = INPUTS
    encoder = model.encoder
    assert isinstance(encoder, ImageEncoder)
    features = _backbone(graph, encoder.backbone, _levels(graph, _repeat_edge(graph, images, widths)))
    values = graph("Transpose", graph("ReduceMean", features, axes=[2], keepdims=0), perm=[2, 0, 1])  # (S, B, D)
    before, after = (3, 0) if isinstance(encoder.backbone, Light) else (0, 1)  # as in `out_lengths`
    steps = graph("Div", graph("Add", widths, graph.constant(before)), graph.constant(4))
    steps = graph("Add", steps, graph.constant(after), output=OUTPUTS[1])
    lengths = graph("Cast", steps, to=_INT32)
    stack = encoder.stack
    for number, (layer, norm) in enumerate(zip(stack.layers, stack.norms, strict=True)):
        assert isinstance(layer, BidirectionalLayer)
        read = _recurrent(graph, layer, values, lengths)
        if isinstance(norm, nn.LayerNorm):
            weights = graph.constant(norm.weight), graph.constant(norm.bias)
            read = graph("LayerNormalization", read, *weights, axis=-1, epsilon=norm.eps)
        values = graph("Add", read, values) if stack.residual and number > 0 else read
    logits = graph("MatMul", graph("Transpose", values, perm=[1, 0, 2]), graph.constant(model.head.output.weight.T))
    logits = graph("Add", logits, graph.constant(model.head.output.bias))
    graph("LogSoftmax", logits, axis=-1, output=OUTPUTS[0])


def _repeat_edge(graph: Draft, images: str, widths: str) -> str:
    """Pictures whose padding is their last column."""
    size = graph("Shape", images)
    width = graph("Gather", size, graph.constant(3))
    columns = graph("Range", graph.constant(0), width, graph.constant(1))
    last = graph("Unsqueeze", graph("Sub", widths, graph.constant(1)), graph.constant([1]))
    columns = graph("Unsqueeze", graph("Min", columns, last), graph.constant([1, 2]))
    return graph("GatherElements", images, graph("Expand", columns, size), axis=3)


def _levels(graph: Draft, images: str) -> str:
    """Levels from -1 to 1."""
    half = graph.constant(np.float32(127.5))
    return graph("Div", graph("Sub", graph("Cast", images, to=_FLOAT), half), half)


def _backbone(graph: Draft, module: nn.Module, values: str) -> str:
    match module:
        case nn.Sequential():
            for part in module:
                values = _backbone(graph, part, values)
            return values
        case Convolution():
            values = _convolution(graph, module.convolution, values)
            return graph("Relu", values) if module.relu else values
        case Residual():
            read = _backbone(graph, module.second, _backbone(graph, module.first, values))
            return graph("Relu", graph("Add", read, _backbone(graph, module.shortcut, values)))
        case nn.Identity():
            return values
        case MeanRow():
            return graph("ReduceMean", values, axes=[2], keepdims=1)
        case nn.MaxPool2d():
            kernel, stride, padding = _pair(module.kernel_size), _pair(module.stride), _pair(module.padding)
            return graph("MaxPool", values, kernel_shape=kernel, strides=stride, pads=padding * 2)
    raise TypeError(f"no ONNX for {module}")


def _convolution(graph: Draft, module: nn.Conv2d, values: str) -> str:
    assert module.bias is not None
    assert isinstance(module.padding, tuple)
    return graph(
        "Conv",
        values,
        graph.constant(module.weight),
        graph.constant(module.bias),
        kernel_shape=list(module.kernel_size),
        strides=list(module.stride),
        pads=list(module.padding) * 2,
    )


def _pair(size: int | tuple[int, ...]) -> list[int]:
    return [size, size] if isinstance(size, int) else list(size)


def _recurrent(graph: Draft, layer: BidirectionalLayer, values: str, lengths: str) -> str:
    """(S, B, D) to (S, B, width)."""
    directions = [layer.ahead] if layer.back is None else [layer.ahead, layer.back]
    cell = layer.ahead.cell
    weights = [torch.stack([_gates(part, name) for part in directions]) for name in ("weight_ih", "weight_hh")]
    biases = torch.stack([torch.cat([_gates(part, "bias_ih"), _gates(part, "bias_hh")]) for part in directions])
    options: dict[str, Any] = {"linear_before_reset": 1} if cell == "gru" else {}  # as torch has it
    read = graph(
        cell.upper(),
        values,
        *(graph.constant(weight) for weight in weights),
        graph.constant(biases),
        lengths,
        direction="forward" if layer.back is None else "bidirectional",
        hidden_size=layer.ahead.hidden,
        **options,
    )
    read = graph("Transpose", read, perm=[0, 2, 1, 3])  # (S, directions, B, H) to (S, B, directions, H)
    return graph("Reshape", read, graph.constant([0, 0, -1]))


def _gates(layer: RecurrentLayer, name: str) -> Tensor:
    """A parameter with its gates in ONNX's order."""
    gates = getattr(layer, name).split(layer.hidden)
    return torch.cat([gates[place] for place in _ORDER[layer.cell]])
