"""Where a run runs, and in which floating point."""

import torch

from s2s.config.errors import RequestError

PRECISIONS = {"32": "32-true", "64": "64-true", "bf16": "bf16-mixed", "16": "16-mixed"}
"""The config's names and Lightning's."""


def choose_device(name: str, precision: str) -> torch.device:
    """The device of `--device`; RequestError if it is not here, or cannot train in this precision."""
    found = torch.cuda.is_available()
    if name == "cuda" and not found:
        raise RequestError("--device cuda: no CUDA device is available; use --device cpu")
    device = torch.device("cuda" if found and name in ("auto", "cuda") else "cpu")
    if precision == "16" and device.type != "cuda":
        raise RequestError("training.precision 16 needs a GPU; use 32, or bf16")
    return device
