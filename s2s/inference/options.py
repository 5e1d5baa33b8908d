"""How to search: what a call may ask for instead of the model's own settings."""

import math
from dataclasses import dataclass, replace

from s2s.config.decoding import Search
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment

_MOST = 1000
"""Outputs of a text; as the widest beam."""


@dataclass(frozen=True)
class Sampling:
    """Draw outputs at random instead of searching for the best. RequestError for impossible values."""

    temperature: float = 1.0
    """Divides the logits: below 1 bolder, above 1 wilder."""
    top_k: int = 0
    """Draw from so many most probable tokens; 0: from all."""
    top_p: float = 1.0
    """Draw from the fewest tokens that hold so much of the probability."""
    seed: int = 0
    """Outputs are a function of the seed and the text, whatever else is translated along with it."""

    def __post_init__(self) -> None:
        check_whole(top_k=self.top_k, seed=self.seed)
        for name in ("temperature", "top_p"):
            value = getattr(self, name)
            if not isinstance(value, int | float):
                raise RequestError(f"{name} must be a number, not {value!r}")
        if not 0.001 <= self.temperature <= 1000:  # beyond, logits would overflow or vanish
            raise RequestError(f"temperature must be between 0.001 and 1000, not {self.temperature}")
        if self.top_k < 0:
            raise RequestError(f"top_k must be 0 or more, not {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise RequestError(f"top_p must be above 0 and at most 1, not {self.top_p}")


def choose_search(
    config: Experiment,
    n_best: int,
    sampling: Sampling | None,
    beam: int | None = None,
    length_penalty: float | None = None,
    coverage_penalty: float | None = None,
    batch_tokens: int | None = None,
) -> Search:
    """The model's own decoding with what a call asks for put in.

    The n best come out of the same beam as the best alone, which is therefore the first of them: a wider one is for the
    caller to ask for. RequestError for what cannot be.
    """
    check_whole(beam=beam, n_best=n_best, batch_tokens=batch_tokens)
    for name, value in (("length_penalty", length_penalty), ("coverage_penalty", coverage_penalty)):
        if value is not None and not (isinstance(value, int | float) and math.isfinite(value)):
            raise RequestError(f"{name} must be a number, not {value!r}")
    if not isinstance(sampling, Sampling | None):
        raise RequestError(f"sampling must be a Sampling, not {sampling!r}")
    check_n_best(n_best, None)
    if beam is not None and sampling is not None:
        raise RequestError("outputs that are drawn at random need no beam; leave out one of the two")
    own = config.decoding
    assert isinstance(own, Search)
    try:
        decoding = replace(
            own,
            beam=own.beam if beam is None else beam,
            length_penalty=own.length_penalty if length_penalty is None else length_penalty,
            coverage_penalty=own.coverage_penalty if coverage_penalty is None else coverage_penalty,
            batch=own.batch if batch_tokens is None else batch_tokens,
        )
        replace(config, decoding=decoding)  # does the model have what the decoding needs?
    except ValueError as error:
        raise RequestError(str(error)) from None
    check_n_best(n_best, decoding.beam if sampling is None else None)
    return decoding


def check_n_best(n_best: int, beam: int | None) -> None:
    """RequestError unless so many outputs can come out of a beam; None: they are drawn."""
    if n_best < 1:
        raise RequestError(f"n-best must be 1 or more, not {n_best}")
    if n_best > _MOST:
        raise RequestError(f"n-best must be at most {_MOST:,}, not {n_best}")
    if beam is not None and n_best > beam:
        raise RequestError(
            f"the {n_best} best need a beam of {n_best} or more, not {beam}; set it (--beam {n_best}), which "
            "may change the best one too"
        )


def check_whole(**numbers: object) -> None:
    """RequestError for an option that was given and is no whole number."""
    for name, number in numbers.items():
        if number is not None and not isinstance(number, int):
            raise RequestError(f"{name} must be a whole number, not {number!r}")
