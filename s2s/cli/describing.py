"""What a model is, by its config and the sizes of its vocabularies."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2s.config.experiment import Experiment
    from s2s.config.model import PlainDecoder, Recurrent

_FLOAT = 4  # bytes


def describe_model(config: "Experiment", sizes: Mapping[str, int]) -> Iterator[str]:
    """Architecture and size, the weights left out."""
    from s2s.bundle.unfilled import build_unfilled
    from s2s.config.model import EncoderDecoder, LanguageModel, Tagger
    from s2s.config.series import SeriesSource
    from s2s.config.source import ImageSource
    from s2s.config.target import written_by_head

    model = build_unfilled(config, sizes)
    count = sum(parameter.numel() for parameter in model.parameters())
    source, part = config.source, config.model
    named = {side: size for side, size in sizes.items() if side == "target" or not isinstance(source, SeriesSource)}
    vocabularies = " and ".join(f"{size:,}" for size in named.values())
    yield (
        f"{count:,} parameters ({count * _FLOAT / 1e6:.1f} MB), vocabular{'y' if len(named) == 1 else 'ies'} "
        f"of {vocabularies}"
    )
    if isinstance(source, ImageSource):
        yield (
            f"pictures {source.height} pixels high and up to {source.max_width:,} wide, "
            f"{'coloured' if source.colour else 'grey'}; {source.backbone.kind} backbone"
        )
    if isinstance(source, SeriesSource):
        front = source.front
        yield (
            f"features {source.features}, {front.layers} x {front.width} convolution{'s' * (front.layers > 1)} of "
            f"{front.kernel} rows, stride {front.stride}"
        )
    if isinstance(part, LanguageModel):
        yield _decoder(part.decoder)
        return
    if isinstance(part, EncoderDecoder):
        written = f"attention {part.attention.kind}, {_decoder(part.decoder)}"
    else:
        written = written_by_head(config.target)
    words = f", words {_layers(part.words)}" if isinstance(part, Tagger) else ""
    yield f"encoder {_layers(part.encoder)}{words}, {written}"


def describe_decoding(config: "Experiment") -> str:
    """How it searches unless asked otherwise."""
    from dataclasses import asdict

    named = {"length_penalty": "length penalty", "coverage_penalty": "coverage", "beam": "beam"}
    values = asdict(config.decoding)
    return ", ".join(f"{named[key]} {value}" for key, value in values.items() if key in named)


def _layers(part: "Recurrent") -> str:
    return f"{part.layers} x {part.hidden} {part.cell}{' both ways' if part.bidirectional else ''}"


def _decoder(part: "PlainDecoder") -> str:
    through = ", output recurrence" if part.recurrence == "output" else ""
    return f"decoder {part.layers} x {part.hidden} {part.cell}{through}"
