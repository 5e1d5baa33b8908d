"""What every search raises where a model computes no probabilities."""

from s2s.config.errors import WorkError


def broken_model() -> WorkError:
    """The error for logits that are infinite or not numbers, as finite weights give that overflow."""
    return WorkError(
        "the model computes probabilities that are not numbers, so its weights are damaged or too large; "
        "use another checkpoint or a fresh copy of it"
    )
