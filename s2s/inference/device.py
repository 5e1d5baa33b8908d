"""Where to compute."""

import torch

from s2s.config.errors import RequestError


def choose_device(name: str = "auto") -> torch.device:
    """The device of `--device`: auto is a GPU if there is one. RequestError where the one asked for is missing."""
    if name not in ("auto", "cpu", "cuda"):
        raise RequestError(f'there is no device "{name}"; choose auto, cpu or cuda')
    found = torch.cuda.is_available()
    if name == "cuda" and not found:
        raise RequestError("device cuda: no CUDA device is available; use cpu")
    return torch.device("cuda" if found and name != "cpu" else "cpu")
