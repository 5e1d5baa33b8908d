"""Checks of the many chances and ranges that drive random pictures."""

from typing import Any

Range = tuple[float, float]
"""From low to high; a value is drawn evenly between them."""


def check_chances_and_ranges(config: Any) -> None:
    """Raise ValueError unless fields named `..._chance` are in [0, 1] and pairs go from low to high."""
    for name, value in vars(config).items():
        if name.endswith("_chance") and not 0 <= value <= 1:
            raise ValueError(f"{name} must be between 0 and 1, not {value}")
        if isinstance(value, tuple) and len(value) == 2 and value[0] > value[1]:
            raise ValueError(f"{name} must be a range from low to high, not {value}")
