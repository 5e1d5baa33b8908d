"""Where to compute, and with how many threads."""

import torch

from s2s.config.errors import RequestError

_MOST_THREADS = 1024  # torch dies of some thousands


def choose_device(name: str = "auto") -> torch.device:
    """The device of `--device`: auto is a GPU if there is one. RequestError where the one asked for is missing."""
    if name not in ("auto", "cpu", "cuda"):
        raise RequestError(f'there is no device "{name}"; choose auto, cpu or cuda')
    found = torch.cuda.is_available()
    if name == "cuda" and not found:
        raise RequestError("device cuda: no CUDA device is available; use cpu")
    return torch.device("cuda" if found and name != "cpu" else "cpu")


def use_threads(count: int | None) -> None:
    """Compute with so many CPU threads; None is what torch chooses. RequestError for a number that cannot be."""
    if count is None:
        count = torch.get_num_threads()  # set all the same: MKL then no longer takes fewer when it sees fit
    if count < 1:
        raise RequestError(f"--threads must be 1 or more, not {count}")
    if count > _MOST_THREADS:
        raise RequestError(f"--threads must be at most {_MOST_THREADS:,}, not {count}")
    torch.set_num_threads(count)
