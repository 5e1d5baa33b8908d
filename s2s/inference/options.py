"""How to search: what a call may ask for instead of the model's own settings."""

import math
from dataclasses import dataclass, replace
from typing import Any, TypedDict

from s2s.config.decoding import Search
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment
from s2s.config.nearest import did_you_mean

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


class Settings(TypedDict, total=False):
    """What a call may set instead of the model's own `decoding`; see there. None: the model's own."""

    beam: int | None
    length_penalty: float | None
    coverage_penalty: float | None
    min_length: int | None
    no_repeat_ngram: int | None
    repetition_penalty: float | None
    batch_tokens: int | None


_WHOLE = ("beam", "min_length", "no_repeat_ngram", "batch_tokens")
_KEYS = {"batch_tokens": "batch"}
"""Keys of `decoding` that have other names than the settings."""


def choose_search(
    config: Experiment, n_best: int, sampling: Sampling | None, settings: Settings | None = None
) -> Search:
    """The model's own decoding with what a call asks for put in.

    The n best come out of the same beam as the best alone, which is therefore the first of them: a wider one is for the
    caller to ask for. RequestError for what cannot be, TypeError for a setting that there is not.
    """
    given: dict[str, Any] = {name: value for name, value in (settings or {}).items() if value is not None}
    for name, value in given.items():
        if name not in Settings.__annotations__:
            raise TypeError(f'there is no option "{name}"{did_you_mean(name, Settings.__annotations__)}')
        if name in _WHOLE:
            check_whole(**{name: value})
        elif not (isinstance(value, int | float) and math.isfinite(value)):
            raise RequestError(f"{name} must be a number, not {value!r}")
    if not isinstance(sampling, Sampling | None):
        raise RequestError(f"sampling must be a Sampling, not {sampling!r}")
    check_whole(n_best=n_best)
    check_n_best(n_best, None)
    if "beam" in given and sampling is not None:
        raise RequestError("outputs that are drawn at random need no beam; leave out one of the two")
    own = config.decoding
    assert isinstance(own, Search)
    try:
        decoding = replace(own, **{_KEYS.get(name, name): value for name, value in given.items()})
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


def check_widths(beam: int, sampling: Sampling | None) -> None:
    """RequestError unless there is a beam, whose slots can be shared out among outputs with phrases and without."""
    if sampling is not None:
        raise RequestError("phrases that are required need a beam; leave them out of sampling, or sampling itself")
    if beam == 1:
        raise RequestError("phrases that are required need a beam of 2 or more, and 1 is greedy; set it (--beam 5)")


def check_whole(**numbers: object) -> None:
    """RequestError for an option that was given and is no whole number."""
    for name, number in numbers.items():
        if number is not None and not isinstance(number, int):
            raise RequestError(f"{name} must be a whole number, not {number!r}")
