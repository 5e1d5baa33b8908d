"""A CTC recogniser as an ONNX graph, for any batch and any width, that other runtimes and languages can run.

The graph is written layer by layer, not traced: torch's exporters fix the sizes of a batch, and unroll or misread a
recurrent layer that holds still at padded steps, which ONNX's own layers do by their lengths.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from s2s.bundle.onnx_model import INPUTS, OUTPUTS, onnx_package
from s2s.config.source import ImageSource
from s2s.nn.backbones.convolution import Convolution, Residual, fold_norms
from s2s.nn.backbones.light import Light, MeanRow
from s2s.nn.image_encoder import ImageEncoder
from s2s.nn.model import EncoderHead
from s2s.nn.recurrent import BidirectionalLayer, RecurrentLayer

_OPSET = 17  # the first with LayerNormalization
_IR = 8  # of that time, which runtimes of today and of then read
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
    model = deepcopy(model).float().cpu().eval()
    fold_norms(model)
    graph = _Graph(onnx)
    _fill(graph, model)
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
        onnx.helper.make_graph(graph.nodes, "s2s", inputs, outputs, graph.constants),
        opset_imports=[onnx.helper.make_opsetid("", _OPSET)],
        ir_version=_IR,
        producer_name="s2s",
    )
    onnx.helper.set_model_props(made, {"labels": json.dumps(labels, ensure_ascii=False)})
    onnx.checker.check_model(made, full_check=True)
    content: bytes = made.SerializeToString()
    return content


class _Graph:
    """Nodes and constants of a graph that is being written; values go by their names."""

    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def __call__(self, kind: str, *inputs: str, to: str | None = None, **attributes: Any) -> str:
        """Add a node; the name of its first output, which is `to` if given."""
        name = to or f"{kind}_{len(self.nodes)}"
        if "to_type" in attributes:
            attributes["to"] = getattr(self._onnx.TensorProto, attributes.pop("to_type"))
        self.nodes.append(self._onnx.helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, value: Tensor | np.ndarray | np.generic | list[int] | int) -> str:
        """Add an array; whole numbers become int64."""
        array = value.detach().numpy() if isinstance(value, Tensor) else np.asarray(value)
        name = f"constant_{len(self.constants)}"
        self.constants.append(self._onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def _fill(graph: _Graph, model: EncoderHead) -> None:
    """All of `ImageEncoder.forward`, and the head."""
    images, widths = INPUTS
    encoder = model.encoder
    assert isinstance(encoder, ImageEncoder)
    features = _backbone(graph, encoder.backbone, _levels(graph, _repeat_edge(graph, images, widths)))
    values = graph("Transpose", graph("ReduceMean", features, axes=[2], keepdims=0), perm=[2, 0, 1])  # (S, B, D)
    before, after = (3, 0) if isinstance(encoder.backbone, Light) else (0, 1)  # as in `out_lengths`
    steps = graph("Div", graph("Add", widths, graph.constant(before)), graph.constant(4))
    steps = graph("Add", steps, graph.constant(after), to=OUTPUTS[1])
    lengths = graph("Cast", steps, to_type="INT32")
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
    graph("LogSoftmax", logits, axis=-1, to=OUTPUTS[0])


def _repeat_edge(graph: _Graph, images: str, widths: str) -> str:
    """Pictures whose padding is their last column."""
    size = graph("Shape", images)
    width = graph("Gather", size, graph.constant(3))
    columns = graph("Range", graph.constant(0), width, graph.constant(1))
    last = graph("Unsqueeze", graph("Sub", widths, graph.constant(1)), graph.constant([1]))
    columns = graph("Unsqueeze", graph("Min", columns, last), graph.constant([1, 2]))
    return graph("GatherElements", images, graph("Expand", columns, size), axis=3)


def _levels(graph: _Graph, images: str) -> str:
    """Levels from -1 to 1."""
    half = graph.constant(np.float32(127.5))
    return graph("Div", graph("Sub", graph("Cast", images, to_type="FLOAT"), half), half)


def _backbone(graph: _Graph, module: nn.Module, values: str) -> str:
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


def _convolution(graph: _Graph, module: nn.Conv2d, values: str) -> str:
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


def _recurrent(graph: _Graph, layer: BidirectionalLayer, values: str, lengths: str) -> str:
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
