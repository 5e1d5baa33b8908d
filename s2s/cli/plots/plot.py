"""A picture that can be drawn, and the numbers behind it."""

import io
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import fill
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

_LETTERS = 11
"""Of a title on an inch."""
STYLES = ("-", "--", ":", "-.")
"""Of lines side by side, which colour alone does not distinguish in print."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Those of Okabe and Ito (2008), which stay apart for every kind of colour vision."""


@dataclass(frozen=True)
class Plot:
    """What there is to see."""

    name: str
    """Of the file."""
    title: str
    values: dict[str, Any]
    """The numbers, as JSON can hold them."""
    draw: Callable[[Figure], None]
    size: tuple[float, float]
    """Inches."""

    def content(self, form: str) -> bytes:
        """The file: a picture, or the numbers with the title."""
        if form == "json":
            return f"{json.dumps({'title': self.title, **self.values}, ensure_ascii=False, indent=1)}\n".encode()
        written = io.BytesIO()
        # The same bytes for the same picture: no date, and names of parts that do not change.
        with rc_context({"svg.hashsalt": self.name}), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")  # shown as boxes
            figure = Figure(figsize=self.size, layout="constrained")
            self.draw(figure)
            figure.suptitle(fill(self.title, round(_LETTERS * self.size[0])), fontsize="medium")
            metadata = {"Date": None} if form == "svg" else {"Software": None}
            figure.savefig(written, format=form, dpi=150, metadata=metadata)
        return written.getvalue()


def style(number: int) -> dict[str, str]:
    """Colour and dashes of one of several lines."""
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": STYLES[number // len(COLOURS) % len(STYLES)]}
