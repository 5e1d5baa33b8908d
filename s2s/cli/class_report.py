"""What `s2s evaluate` reports of a classifier besides its scores: which classes it takes for which others."""

from collections.abc import Sequence
from typing import Any

SHOWN = 12
"""Mistakes that are shown on the screen; the report has all."""


def confused_classes(hypotheses: Sequence[str], references: Sequence[str]) -> list[dict[str, Any]]:
    """Every kind of mistake for the report, the most frequent first."""
    from s2s.metrics.classes import class_confusions

    return [
        {"reference": one.reference, "hypothesis": one.hypothesis, "count": one.count}
        for one in class_confusions(hypotheses, references)
    ]


def class_line(rows: Sequence[dict[str, Any]]) -> str:
    """The most frequent ones, as people read them: `spam taken for ham 12, ham taken for spam 7`."""
    if not rows:
        return "no mistakes"
    shown = [f"{row['reference']} taken for {row['hypothesis'] or 'no class'} {row['count']:,}" for row in rows[:SHOWN]]
    return f"mistakes: {', '.join(shown)}{', ...' if len(rows) > SHOWN else ''}"
