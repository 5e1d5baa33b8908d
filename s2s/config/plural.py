"""Counts in sentences."""


def counted(count: int, noun: str) -> str:
    """`1 problem`, `2,000 problems`."""
    return f"{count:,} {noun}{'s' * (count != 1)}"
