"""What is ordinary for a translation model, so that a text which is not can be pointed out.

A model answers whatever it is asked; how sure it is of the answer, and how much of the input it has to spell byte by
byte, distinguish a text like its training data from others. Both are compared with what validation had.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from s2s.config.errors import RequestError
from s2s.inference.result import Result

LEAST = 50
"""Fewer validation examples say too little."""
_QUANTILE = 0.01
"""Share of validation that is unusual by each measure."""


@dataclass(frozen=True)
class Ordinary:
    """The borders of what is usual."""

    log_prob: float
    """Mean log-probability of a subword of the output, below which an output is unusual."""
    byte_share: float
    """Share of the input's subwords that are single bytes, above which an input is unusual."""
    examples: int
    """Validation examples that were looked at."""

    @classmethod
    def of(cls, results: Sequence[Result]) -> Self | None:
        """From what a model made of its validation sentences; None of too few."""
        found = [result for result in results if result.text]
        if len(found) < LEAST:
            return None
        unusual = math.floor(_QUANTILE * (len(found) - 1))
        log_probs = sorted(result.log_prob for result in found)
        shares = sorted((result.byte_share for result in found), reverse=True)
        return cls(round(log_probs[unusual], 6), round(shares[unusual], 6), len(found))

    @classmethod
    def read(cls, info: Mapping[str, Any]) -> Self | None:
        """From what a bundle knows of its making; None where it is older. RequestError for what cannot be."""
        found = info.get("training", {}).get("ordinary")
        if found is None:
            return None
        try:
            ordinary = cls(float(found["log_prob"]), float(found["byte_share"]), int(found["examples"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            ordinary = cls(math.nan, math.nan, 0)
        if not (math.isfinite(ordinary.log_prob) and 0 <= ordinary.byte_share <= 1):
            raise RequestError("the model's config.json is damaged (training.ordinary); copy the model again")
        return ordinary

    def record(self, info: Mapping[str, Any]) -> dict[str, Any]:
        """`info` of a bundle with this in it."""
        return {**info, "training": {**info.get("training", {}), "ordinary": asdict(self)}}

    def doubt(self, log_prob: float | None, byte_share: float) -> str | None:
        """Why a text is unlike the training data, if it is; `log_prob` is None where the output says nothing."""
        reasons = []
        if log_prob is not None and log_prob < self.log_prob:
            reasons.append(f"log-probability {log_prob:.2f} a subword, usually {self.log_prob:.2f} or more")
        if byte_share > self.byte_share:
            reasons.append(f"{byte_share:.0%} of it spelled in bytes, usually {self.byte_share:.0%} or less")
        return "; ".join(reasons) or None
