"""The floating point of a run."""

import torch

from s2s.config.errors import RequestError

NAMES = {"32": "32-true", "64": "64-true", "bf16": "bf16-mixed", "16": "16-mixed"}
"""The config's names and Lightning's."""


def check_precision(precision: str, device: torch.device) -> None:
    """Raise RequestError where a device cannot train in a precision."""
    if precision == "16" and device.type != "cuda":
        raise RequestError("training.precision 16 needs a GPU; use 32, or bf16")
