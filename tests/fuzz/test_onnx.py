"""Whatever a model.onnx holds: the graph that s2s writes, which then runs, or a refusal of one line."""

from random import Random

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from s2s.bundle.onnx_graph import to_onnx
from s2s.bundle.onnx_model import OnnxRecognizer
from s2s.bundle.unfilled import build_unfilled
from s2s.config.errors import RequestError, WorkError
from s2s.inference.portable import to_eight_bits
from tests.bars import random_bundle
from tests.fuzz.cases import Outcomes, cases

pytestmark = pytest.mark.fuzz
BUNDLE = random_bundle(model={"backbone": {"width": 0.1}, "encoder": {"hidden": 4, "layers": 2}})
UNFILLED = build_unfilled(BUNDLE.config, BUNDLE.sizes)
NUMBERS = [0, 1, -1, 2, 7, 20_000_000, 2**31, 2**62, -(2**63)]


@pytest.fixture(scope="module")
def contents():
    whole = to_onnx(BUNDLE.model, BUNDLE.config.source, BUNDLE.charset.characters)
    noise = np.random.default_rng(0).integers(0, 256, (2, 32, 40), dtype=np.uint8)
    return whole, to_eight_bits(whole, list(noise))


def bytes_changed(content: bytes, random: Random) -> bytes:
    for _ in range(random.choice([1, 1, 3])):
        at = random.randrange(len(content))
        content = content[:at] + random.randbytes(random.choice([0, 1, 4])) + content[at + random.choice([0, 1, 4]) :]
    return content[: random.randrange(len(content))] if random.random() < 0.1 else content


def node_changed(content: bytes, random: Random) -> bytes:
    made = onnx.load_model_from_string(content)
    nodes = made.graph.node
    node = random.choice(nodes)
    match random.randrange(7):
        case 0:
            node.op_type = random.choice(
                ["Loop", "If", "Scan", "Tile", "Pad", "Mul", "Add", "Where", "Range", "Expand"]
            )
        case 1:
            node.domain = random.choice(["com.microsoft", "evil", "ai.onnx.ml"])
        case 2:
            values = {value for other in nodes for value in (*other.input, *other.output)}
            node.input[random.randrange(len(node.input))] = random.choice(sorted(values))
        case 3:
            node.attribute.append(
                helper.make_attribute(random.choice(["axis", "clip", "pads", "to"]), random.choice(NUMBERS))
            )
        case 4:
            nodes.remove(node)
        case 5:
            nodes.add().CopyFrom(node)
            nodes[-1].output[0] += "_again"
        case _:
            for attribute in node.attribute:
                attribute.i = random.choice(NUMBERS)
                attribute.ints[:] = [random.choice(NUMBERS) for _ in attribute.ints]
    return made.SerializeToString()


def constant_changed(content: bytes, random: Random) -> bytes:
    made = onnx.load_model_from_string(content)
    one = random.choice(made.graph.initializer)
    match random.randrange(5):
        case 0:
            one.dims[:] = [random.choice(NUMBERS) for _ in range(random.randrange(4))]
        case 1:
            one.data_type = random.randrange(20)
        case 2:
            one.raw_data = one.raw_data[: len(one.raw_data) // 2]
        case 3:
            kind = {TensorProto.INT64: np.int64, TensorProto.FLOAT: np.float32}.get(one.data_type, np.uint8)
            values = np.full(tuple(one.dims), random.choice(NUMBERS) % 2**63).astype(kind)
            one.CopyFrom(numpy_helper.from_array(values, one.name))
        case _:
            one.name = random.choice(made.graph.initializer).name
    return made.SerializeToString()


def edge_changed(content: bytes, random: Random) -> bytes:
    made = onnx.load_model_from_string(content)
    edge = random.choice([*made.graph.input, *made.graph.output])
    match random.randrange(3):
        case 0:
            edge.type.tensor_type.elem_type = random.randrange(17)
        case 1:
            edge.type.tensor_type.shape.dim[0].dim_value = random.choice(NUMBERS)
        case _:
            edge.name = random.choice(["images", "widths", "steps", "Relu_13"])
    return made.SerializeToString()


def read(content: bytes) -> None:
    model = OnnxRecognizer(UNFILLED, content, "model.onnx")
    images, widths = torch.zeros(2, 1, 32, 48, dtype=torch.uint8), torch.tensor([48, 9])
    try:
        log_probs, steps = model(images, widths)
    except WorkError as error:
        raise RequestError(str(error)) from None
    assert log_probs.shape == (2, 13, len(BUNDLE.charset.characters) + 1) or log_probs.shape[1] == 12
    assert (steps <= log_probs.shape[1]).all()


@pytest.mark.parametrize("bits", [32, 8])
def test_a_changed_graph_is_refused_or_runs(contents, bits):
    with Outcomes(f"model.onnx in {bits} bits") as outcomes:
        content = contents[bits == 8]
        assert outcomes.add("unchanged", lambda: read(content) or True)
        for random in cases(8):
            for change in (bytes_changed, node_changed, constant_changed, edge_changed):
                outcomes.add(change.__name__, lambda change=change, random=random: read(change(content, random)))
