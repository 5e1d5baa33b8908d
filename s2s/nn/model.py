"""Models, joined from their parts as an experiment says: one table for what is read, one for what is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from s2s.config import model as parts
from s2s.config.experiment import Experiment
from s2s.config.series import SeriesSource
from s2s.config.source import ImageSource
from s2s.config.target import LabelTarget, TagsTarget
from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.encoders import TextEncoder
from s2s.nn.heads import FIRST_LABEL, CTCHead, LabelHead, TaggingHead
from s2s.nn.image_encoder import ImageEncoder
from s2s.nn.memory import Bound, DecoderState, Output
from s2s.nn.series_encoder import SeriesEncoder
from s2s.nn.word_encoder import WordEncoder

Encoder = TextEncoder | ImageEncoder | SeriesEncoder


class Model(nn.Module):
    """What all models have."""

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device


class EncoderDecoder(Model):
    """From an input to text: an encoder, and a decoder that looks at its memory."""

    def __init__(self, encoder: Encoder, decoder: RecurrentDecoder) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def encode(self, source: Tensor, lengths: Tensor) -> Bound:
        """Read `source`, padded on the right, of which `lengths` (B,) are real; bound for this decoder.

        It is (B, S) tokens, or (B, C, H, W) pictures and their lengths the widths in pixels, or (B, T, F) series.
        """
        return self.decoder.bind(self.encoder(source, lengths))

    def forward(self, source: Tensor, lengths: Tensor, target_in: Tensor, keep: Tensor | None = None) -> Output:
        """Teacher forcing: logits (B, T, V) after each of `target_in` (B, T), which begins with BOS.

        Only those at the N true positions of `keep` (B, T), as (N, V), if it is given.
        """
        return self.decoder(target_in, self.encode(source, lengths), keep=keep)


class LanguageModel(Model):
    """From a text to what comes next: a decoder with nothing bound."""

    def __init__(self, decoder: RecurrentDecoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, tokens: Tensor, keep: Tensor | None = None, state: DecoderState | None = None) -> Output:
        """Logits (B, T, V) after each of `tokens` (B, T), which go on from `state`; see RecurrentDecoder."""
        return self.decoder(tokens, None, state, keep)


class EncoderHead(Model):
    """From an input to labels: an encoder, and a head on its memory."""

    def __init__(self, encoder: Encoder | WordEncoder, head: CTCHead | LabelHead | TaggingHead) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head

    def forward(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, S, V), or (B, V) of a class, and the real steps (B,) of each row, for what the encoder reads.

        `lengths` are those of the source (B,), or of each of its words (B, W), and then a step is a word.
        """
        memory = self.encoder(source, lengths)
        return self.head(memory), memory.lengths


AnyModel = EncoderDecoder | EncoderHead | LanguageModel


def build_model(config: Experiment, sizes: Mapping[str, int]) -> AnyModel:
    """A model with fresh weights; on torch's meta device, one without any.

    `sizes` counts the ids of its vocabularies, specials included, by side: `source`, where it has one, and `target`.
    The ids of a source of series are its columns.
    """
    encoder = ENCODERS[config.source.kind](config, sizes)
    return JOINED[config.target.kind](config, encoder, sizes["target"])


def _read_nothing(config: Experiment, sizes: Mapping[str, int]) -> None:
    return None


def _read_text(config: Experiment, sizes: Mapping[str, int]) -> Encoder:
    assert not isinstance(config.model, parts.LanguageModel)
    assert isinstance(config.model.encoder, parts.Encoder)
    return TextEncoder(config.model.encoder, sizes["source"])


def _read_images(config: Experiment, sizes: Mapping[str, int]) -> Encoder:
    assert isinstance(config.source, ImageSource)
    assert not isinstance(config.model, parts.LanguageModel)
    return ImageEncoder(config.source, config.model.encoder)


def _read_series(config: Experiment, sizes: Mapping[str, int]) -> Encoder:
    assert isinstance(config.source, SeriesSource)
    assert not isinstance(config.model, parts.LanguageModel)
    return SeriesEncoder(config.source, config.model.encoder, sizes["source"] - FIRST_LABEL)


def _written_by_itself(config: Experiment, encoder: Encoder | None, vocabulary: int) -> LanguageModel:
    assert isinstance(config.model, parts.LanguageModel)
    return LanguageModel(RecurrentDecoder(config.model.decoder, vocabulary))


def _written_by_decoder(config: Experiment, encoder: Encoder | None, vocabulary: int) -> EncoderDecoder:
    part = config.model
    assert isinstance(part, parts.EncoderDecoder)
    assert encoder is not None
    decoder = RecurrentDecoder(part.decoder, vocabulary, part.attention, encoder.width)
    if part.share_embeddings:
        assert isinstance(encoder, TextEncoder)
        decoder.embedding.table.weight = encoder.embedding.table.weight
        if part.decoder.tied:
            decoder.output.weight = encoder.embedding.table.weight
    return EncoderDecoder(encoder, decoder)


def _written_by_ctc(config: Experiment, encoder: Encoder | None, vocabulary: int) -> EncoderHead:
    assert encoder is not None
    return EncoderHead(encoder, CTCHead(encoder.width, vocabulary))


def _written_as_label(config: Experiment, encoder: Encoder | None, vocabulary: int) -> EncoderHead:
    assert isinstance(config.target, LabelTarget)
    assert encoder is not None
    return EncoderHead(encoder, LabelHead(encoder.width, vocabulary, config.target.pooling))


def _written_as_tags(config: Experiment, encoder: Encoder | None, vocabulary: int) -> EncoderHead:
    assert isinstance(config.target, TagsTarget)
    assert isinstance(config.model, parts.Tagger)
    assert isinstance(encoder, TextEncoder)
    words = WordEncoder(encoder, config.model.words, config.target.pooling)
    return EncoderHead(words, TaggingHead(words.width, vocabulary - FIRST_LABEL))


ENCODERS: Mapping[str, Callable[[Experiment, Mapping[str, int]], Encoder | None]] = {
    "none": _read_nothing,
    "text": _read_text,
    "image": _read_images,
    "series": _read_series,
}
"""What reads each kind of source, given the sizes of the vocabularies."""
JOINED: Mapping[str, Callable[[Experiment, Encoder | None, int], AnyModel]] = {
    "next": _written_by_itself,
    "text": _written_by_decoder,
    "ctc": _written_by_ctc,
    "label": _written_as_label,
    "tags": _written_as_tags,
}
"""The whole model for each kind of target, given its encoder and the size of the target's vocabulary."""
