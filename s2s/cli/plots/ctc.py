"""CTC: the picture, and under each column how probable the characters of the text are there (Graves et al. 2006)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from s2s.cli.plots.plot import COLOURS, Plot, style
from s2s.config.errors import RequestError
from s2s.data.images.inputs import stack
from s2s.image.geometry import bucket
from s2s.image.preprocessing import fit
from s2s.inference.picture import open_picture
from s2s.nn.heads import BLANK, SHIFT
from s2s.nn.model import EncoderHead

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from s2s.inference.recognizer import Recognizer


def plot_ctc(reader: "Recognizer", pictures: Sequence[str], name: str) -> list[Plot]:
    """One of each picture, read as one line. RequestError for a reader without CTC."""
    if not isinstance(reader.model, EncoderHead):
        raise RequestError(f"{name} reads with a decoder, not with CTC; there is nothing of CTC to draw")
    return [_plot(reader, picture, f"ctc-{number}", name) for number, picture in enumerate(pictures, 1)]


def _plot(reader: "Recognizer", picture: str, file: str, name: str) -> Plot:
    image = fit(open_picture(picture, reader.source.colour), reader.source)
    (reading,) = reader.read([image])
    inputs = stack([image], bucket(image.shape[1])).to(reader.device)
    with torch.inference_mode():
        logits, steps = reader.model(inputs, torch.tensor([image.shape[1]], device=reader.device))
    probabilities = logits[0, : int(steps[0])].float().softmax(1).cpu()
    assert isinstance(reader.model, EncoderHead)
    stride, pieces = reader.model.encoder.stride, reader.charset.pieces(reading.tokens)
    spans = [(piece, stride * start, stride * end) for piece, (start, end) in zip(pieces, reading.spans, strict=True)]
    columns = [stride * (step + 0.5) for step in range(len(probabilities))]
    blank = probabilities[:, BLANK].tolist()
    curves = {
        piece: probabilities[:, token - SHIFT].tolist() for piece, token in zip(pieces, reading.tokens, strict=True)
    }

    def draw(figure: "Figure") -> None:
        above, below = figure.subplots(2, sharex=True, height_ratios=(1, 2))
        above.imshow(image, cmap="gray", aspect="auto", extent=(0, image.shape[1], image.shape[0], 0))
        above.set_yticks([])
        below.plot(columns, blank, color="0.6", label="blank")
        for number, (piece, curve) in enumerate(curves.items()):
            below.plot(columns, curve, **style(number), label="space" if piece.isspace() else piece)
        for piece, start, end in spans:
            colour = COLOURS[list(curves).index(piece) % len(COLOURS)]
            below.plot([start, end], [1.04, 1.04], color=colour, linewidth=4, solid_capstyle="butt")
            below.annotate("␣" if piece.isspace() else piece, ((start + end) / 2, 1.07), ha="center")
        below.set_ylim(0, 1.2)
        below.set_xlabel(f"column of the picture, scaled to a height of {image.shape[0]} pixels")
        below.set_ylabel("probability")
        below.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize="small")

    text = reader.charset.decode(reading.tokens)
    values = {"kind": "ctc", "text": text, "columns": columns, "blank": blank, "characters": curves, "spans": spans}
    return Plot(file, f"{name}: {text}", values, draw, (max(6.0, image.shape[1] / 25), 4.0))
