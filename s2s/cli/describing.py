"""What a model is, told from its config and the sizes of its vocabularies."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2s.config.experiment import Config
    from s2s.config.model import Decoder, Recurrent

_FLOAT = 4  # bytes


def describe_model(config: "Config", sizes: Mapping[str, int]) -> Iterator[str]:
    """Architecture and size, the weights left out."""
    from s2s.bundle.unfilled import build_unfilled
    from s2s.config.recognition import Recognition

    model = build_unfilled(config, sizes)
    count = sum(parameter.numel() for parameter in model.parameters())
    vocabularies = " and ".join(f"{size:,}" for size in sizes.values())
    yield (
        f"{count:,} parameters ({count * _FLOAT / 1e6:.1f} MB), vocabular{'y' if len(sizes) == 1 else 'ies'} "
        f"of {vocabularies}"
    )
    part = config.model
    if isinstance(config, Recognition):
        picture = config.picture
        yield (
            f"pictures {picture.height} pixels high and up to {picture.max_width:,} wide, "
            f"{'coloured' if picture.colour else 'grey'}; {config.model.backbone.kind} backbone"
        )
        reads = f"attention {part.attention.kind}, {_decoder(config.model.attention_decoder)}"
        yield f"{_encoder(part.encoder)}, {'CTC' if config.model.decoder == 'ctc' else reads}"
    else:
        yield f"{_encoder(part.encoder)}, attention {part.attention.kind}, {_decoder(config.model.decoder)}"


def describe_decoding(config: "Config") -> str:
    """How it searches unless told otherwise."""
    from s2s.config.recognition import Recognition

    if isinstance(config, Recognition):
        return f"beam {config.decoding.beam}"
    decoding = config.decoding
    return f"beam {decoding.beam}, length penalty {decoding.length_penalty}, coverage {decoding.coverage_penalty}"


def _encoder(part: "Recurrent") -> str:
    return f"encoder {part.layers} x {part.hidden} {part.cell}{' both ways' if part.bidirectional else ''}"


def _decoder(part: "Decoder") -> str:
    return f"decoder {part.layers} x {part.hidden} {part.cell}"
