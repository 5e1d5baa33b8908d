"""Attention: which subwords of the source each subword of the output looked at (Bahdanau et al. 2015, figure 3)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2s.cli.plots.plot import Plot
from s2s.config.errors import RequestError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from s2s.inference.translator import Translator

_INCH = 0.28
"""Of a subword."""
_MOST = 150
"""Subwords on a side that can be drawn."""


def plot_attention(translator: "Translator", texts: Sequence[str], model: str) -> list[Plot]:
    """One of each text that is not blank. RequestError where the model has no attention, or a text is too long."""
    plots = []
    for number, (text, result) in enumerate(zip(texts, translator(texts, alignment=True), strict=True), 1):
        if not text.strip():
            continue
        weights, source = result.alignment, result.source_tokens
        if weights is None or source is None:
            raise RequestError(f"{model} has no attention (model.attention.kind none); there is nothing to draw")
        if max(len(source), len(result.tokens)) > _MOST:
            raise RequestError(f"text {number} has more than {_MOST} subwords, or its output; cut it into several")
        plots.append(_plot(f"attention-{number}", f"{model}: {result.text}", source, result.tokens, weights))
    return plots


def _plot(name: str, title: str, source: list[str], tokens: list[str], weights: list[list[float]]) -> Plot:
    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot()
        shown = axes.imshow(weights or [[0.0] * len(source)], cmap="Greys", vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(len(source)), source, rotation=60, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(tokens)), tokens)
        axes.set_xlabel("source subwords")
        axes.set_ylabel("output subwords")
        figure.colorbar(shown, ax=axes, label="attention weight")

    values = {"kind": "attention", "source": source, "output": tokens, "weights": weights}
    size = max(4.0, 2.5 + _INCH * len(source)), max(3.0, 1.8 + _INCH * len(tokens))
    return Plot(name, title, values, draw, size)
