"""What `s2s evaluate` reports of a reader of pictures besides its scores: its cost and its mistakes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from s2s.bundle.bundle import Bundle

SHOWN = 12
"""Mistakes that are shown on the screen; the report has all."""
PROPORTION = 100 / 32
"""Width by height of the picture that the cost is given for, the one of the literature."""


def reading_cost(bundle: "Bundle") -> dict[str, Any]:
    """Operations of reading a picture of the usual shape, in thousands of millions, for the report."""
    import torch

    from s2s.nn.cost import reading_operations
    from s2s.nn.model import LanguageModel

    picture: Any = bundle.config.source
    shape = (1, 3 if picture.colour else 1, picture.height, round(picture.height * PROPORTION))
    assert not isinstance(bundle.model, LanguageModel)
    image = torch.zeros(shape, dtype=torch.uint8, device=next(bundle.model.encoder.parameters()).device)
    return {"gflop": reading_operations(bundle.model, image) / 1e9, "gflop_of": f"a picture of {shape[2]} x {shape[3]}"}


def confusion_rows(hypotheses: Sequence[str], references: Sequence[str]) -> list[dict[str, Any]]:
    """Every kind of mistake for the report, the most frequent first."""
    from s2s.metrics.confusions import confusions

    return [
        {"reference": one.reference, "hypothesis": one.hypothesis, "count": one.count}
        for one in confusions(hypotheses, references)
    ]


def confusion_line(rows: Sequence[dict[str, Any]]) -> str:
    """The most frequent ones, as people read them: `o read as 0 12, l missed 7`."""
    if not rows:
        return "no mistakes"
    shown = []
    for row in rows[:SHOWN]:
        meant, read = (" ".join("space" if c == " " else c for c in row[key]) for key in ("reference", "hypothesis"))
        what = f"{meant} missed" if not read else f"{read} added" if not meant else f"{meant} read as {read}"
        shown.append(f"{what} {row['count']:,}")
    return f"mistakes: {', '.join(shown)}{', ...' if len(rows) > SHOWN else ''}"
