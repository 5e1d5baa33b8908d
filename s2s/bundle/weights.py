"""Weights in a safetensors file: tied ones stand there once; a file is checked before anything is allocated."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from s2s.config.errors import RequestError

_TYPES = {"F16": torch.float32, "F32": torch.float32, "F64": torch.float64, "I64": torch.int64}
"""Types of stored tensors, and what they are in memory: half precision is for the disk only."""
_NAMES = {torch.float16: "F16", torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}
_MAX_HEADER = 8 * 2**20


def stored(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and persistent buffers by name; what several names share, under the first of them."""
    tensors: dict[str, Tensor] = {}
    seen = set()
    for name, tensor in model.state_dict(keep_vars=True).items():
        if id(tensor) not in seen:
            seen.add(id(tensor))
            tensors[name] = tensor
    return tensors


def write_weights(model: nn.Module, path: Path, half: bool = False) -> None:
    """Write the weights to a safetensors file.

    `half` stores matrices and kernels in 16 bits, for half the size; vectors, such as biases and the running
    statistics of batch norm, are few and get 32. RequestError where a weight has no such number.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in stored(model).items()}
    if half:
        for name, tensor in tensors.items():
            if tensor.is_floating_point():
                tensors[name] = tensor.half() if tensor.ndim > 1 else tensor.float()
                if not bool(torch.isfinite(tensors[name]).all()):
                    raise RequestError(f"{name} has values beyond 65,504, which 16 bits cannot hold; leave out --half")
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(path.parent.stat().st_mode & 0o666)  # safetensors' own files are private


def read_shapes(path: Path) -> dict[str, tuple[list[int], str]]:
    """Shape and type of every tensor of a file, from its header. RequestError if it is damaged."""
    if not path.is_file():
        raise RequestError(f"{path} is missing; copy the whole model directory")
    try:
        with path.open("rb") as start:
            size = int.from_bytes(start.read(8), "little")
        if size > _MAX_HEADER:
            raise RequestError(f"{path} is refused: its header claims {size:,} bytes; the most is {_MAX_HEADER:,}")
        with safe_open(path, "pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118, not a dict
            return {name: (list(part.get_shape()), str(part.get_dtype())) for name, part in slices.items()}
    except (OSError, ValueError, SafetensorError) as error:
        raise RequestError(f"{path} is damaged or cut short ({error}); copy the model again") from None


def read_weights(model: nn.Module, path: Path, device: torch.device) -> None:
    """Fill a model that was built on the meta device. RequestError, before any tensor is read, unless all fit."""
    found = read_shapes(path)
    check_weights(model, found, str(path))
    with safe_open(path, "pt", device=str(device)) as file:
        assign(model, {name: in_memory(file.get_tensor(name)) for name in found}, str(path))


def type_name(tensor: Tensor) -> str:
    """The type of a tensor as a file of weights calls it."""
    return _NAMES.get(tensor.dtype, str(tensor.dtype))


def in_memory(tensor: Tensor) -> Tensor:
    """A stored tensor of one of the types that are read, in the type that the model has it in."""
    return tensor.to(_TYPES[type_name(tensor)])


def check_weights(model: nn.Module, found: Mapping[str, tuple[list[int], str]], where: str) -> None:
    """RequestError unless shapes and types of stored tensors are the model's."""
    _check_shapes(model, {name: shape for name, (shape, _) in found.items()}, where)
    _check_types(model, {name: kind for name, (_, kind) in found.items()}, where)


def _check_types(model: nn.Module, kinds: Mapping[str, str], where: str) -> None:
    """RequestError for a type that is not read, or that its tensor cannot have, or a second precision."""
    precisions: dict[torch.dtype, str] = {}
    for name, slot in stored(model).items():
        kind = kinds[name]
        if kind not in _TYPES:
            raise RequestError(f"{where}: {name} is stored as {kind}; s2s reads {', '.join(_TYPES)}")
        if _TYPES[kind].is_floating_point != slot.is_floating_point():
            raise RequestError(f"{where}: {name} is stored as {kind}, and the model has {slot.dtype} there")
        if slot.is_floating_point():
            precisions.setdefault(_TYPES[kind], name)
    if len(precisions) > 1:
        raise RequestError(f"{where}: {' and '.join(precisions.values())} differ in precision; copy the model again")


def _check_shapes(model: nn.Module, shapes: Mapping[str, list[int]], where: str) -> None:
    """RequestError, naming the first tensor that is missing, unknown or of another shape than the model's."""
    expected = {name: list(tensor.shape) for name, tensor in stored(model).items()}
    for name in expected.keys() - shapes.keys():
        raise RequestError(f"{where} does not fit its config: it has no {name}")
    for name in shapes.keys() - expected.keys():
        raise RequestError(f"{where} does not fit its config: {name} is not a part of the model")
    for name, shape in shapes.items():
        if shape != expected[name]:
            raise RequestError(
                f"{where} does not fit its config: {name} is {shape}, and the config says {expected[name]}"
            )


def assign(model: nn.Module, tensors: Mapping[str, Tensor], where: str) -> None:
    """Make `tensors` the model's weights, tied where the model ties them. RequestError if one has NaN or infinity."""
    by_tensor: dict[int, Tensor] = {}
    for name, slot in stored(model).items():
        tensor = tensors[name]
        if not bool(torch.isfinite(tensor).all()):
            raise RequestError(f"{where}: {name} has values that are not finite; this model is broken")
        by_tensor[id(slot)] = nn.Parameter(tensor) if isinstance(slot, nn.Parameter) else tensor
    complete = {name: by_tensor[id(slot)] for name, slot in model.state_dict(keep_vars=True).items()}
    model.load_state_dict(complete, assign=True)
