"""Range checks of config values; the strict reader adds the file, the line and the key to the message."""

from typing import Any


def at_least(minimum: float, config: Any, *names: str) -> None:
    """Raise ValueError unless every named field is `minimum` or more."""
    for name in names:
        if not getattr(config, name) >= minimum:
            raise ValueError(f"{name} must be {minimum} or more, not {getattr(config, name)}")


def at_most(maximum: float, config: Any, *names: str) -> None:
    """Raise ValueError unless every named field is `maximum` or less."""
    for name in names:
        if not getattr(config, name) <= maximum:
            raise ValueError(f"{name} must be at most {maximum:,}, not {getattr(config, name)}")


def probability(config: Any, *names: str) -> None:
    """Raise ValueError unless every named field is in [0, 1)."""
    for name in names:
        if not 0 <= getattr(config, name) < 1:
            raise ValueError(f"{name} must be at least 0 and below 1, not {getattr(config, name)}")
