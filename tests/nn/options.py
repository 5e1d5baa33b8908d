"""Every option of the encoder-decoder, one small config each: the tests of the model run over all of them."""

from dataclasses import replace

from s2s.config.experiment import experiment_from
from s2s.config.model import Attention, Decoder, Encoder, EncoderDecoder
from s2s.nn.model import EncoderDecoder as Network
from s2s.nn.model import build_model

SMALL = EncoderDecoder(
    encoder=Encoder(embedding=12, hidden=8, layers=1),
    attention=Attention(size=8, heads=2),
    decoder=Decoder(embedding=12, hidden=16, layers=1),
)


def encoder(**changes: object) -> EncoderDecoder:
    """SMALL with other encoder settings."""
    return replace(SMALL, encoder=replace(SMALL.encoder, **changes))


def decoder(**changes: object) -> EncoderDecoder:
    """SMALL with other decoder settings."""
    return replace(SMALL, decoder=replace(SMALL.decoder, **changes))


def attention(**changes: object) -> EncoderDecoder:
    """SMALL with other attention settings."""
    return replace(SMALL, attention=replace(SMALL.attention, **changes))


OPTIONS = {
    "default": SMALL,
    "encoder_gru": encoder(cell="gru"),
    "encoder_rnn": encoder(cell="rnn"),
    "encoder_one_direction": encoder(bidirectional=False, hidden=16),
    "encoder_three_layers": encoder(layers=3),
    "encoder_no_residual": encoder(layers=2, residual=False),
    "encoder_no_norm": encoder(layer_norm=False),
    "decoder_gru": decoder(cell="gru"),
    "decoder_rnn": decoder(cell="rnn"),
    "decoder_three_layers": decoder(layers=3),
    "decoder_no_residual": decoder(layers=2, residual=False),
    "decoder_no_norm": decoder(layer_norm=False),
    "decoder_untied": decoder(tied=False),
    "decoder_zero_bridge": decoder(bridge="zero"),
    "decoder_input_feeding": decoder(input_feeding=True),
    "decoder_input_feeding_two_layers": decoder(input_feeding=True, layers=2),
    "attention_additive": attention(kind="additive"),
    "attention_dot": attention(kind="dot"),
    "attention_general": attention(kind="general"),
    "attention_one_head": attention(heads=1),
    "attention_none": attention(kind="none"),
    "weight_drop": replace(
        SMALL, encoder=replace(SMALL.encoder, weight_drop=0.2), decoder=replace(SMALL.decoder, weight_drop=0.2)
    ),
    "word_dropout": replace(
        SMALL, encoder=replace(SMALL.encoder, word_dropout=0.1), decoder=replace(SMALL.decoder, word_dropout=0.1)
    ),
    "attention_dropout": attention(dropout=0.1),
    "share_embeddings": replace(SMALL, share_embeddings=True),
}
REFUSED = {"decoder_input_feeding", "decoder_input_feeding_two_layers", "weight_drop"}
"""Those that make no sense with output recurrence."""
OUTPUT = {
    f"output_{name}": replace(part, decoder=replace(part.decoder, recurrence="output"))
    for name, part in OPTIONS.items()
    if name not in REFUSED
}
"""The others, with a decoder whose only way through time is its last output."""


def build(part: EncoderDecoder, source: int, target: int) -> Network:
    """A model of text to text with fresh weights, of vocabularies of so many ids."""
    vocabulary = "source" if part.share_embeddings else {"kind": "unigram"}
    values = {"source": {"kind": "text"}, "target": {"kind": "text", "vocabulary": vocabulary}}
    config = replace(experiment_from(values, "the test"), model=part)
    return build_model(config, {"source": source, "target": target})
