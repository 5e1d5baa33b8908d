"""Models, joined from their parts as a config says."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from s2s.config import model as config
from s2s.config.recognition import Recognition
from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.encoders import TextEncoder
from s2s.nn.heads import CTCHead
from s2s.nn.image_encoder import ImageEncoder
from s2s.nn.memory import Bound, Output


class Model(nn.Module):
    """What all models have."""

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device


class EncoderDecoder(Model):
    """From a text or a picture to text: an encoder, and a decoder that looks at its memory."""

    def __init__(self, encoder: TextEncoder | ImageEncoder, decoder: RecurrentDecoder) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def encode(self, source: Tensor, lengths: Tensor) -> Bound:
        """Read `source`, padded on the right, of which `lengths` (B,) are real; bound for this decoder.

        It is (B, S) tokens, or (B, C, H, W) pictures and their lengths the widths in pixels.
        """
        return self.decoder.bind(self.encoder(source, lengths))

    def forward(self, source: Tensor, lengths: Tensor, target_in: Tensor, keep: Tensor | None = None) -> Output:
        """Teacher forcing: logits (B, T, V) after each of `target_in` (B, T), which begins with BOS.

        Only those at the N true positions of `keep` (B, T), as (N, V), if it is given.
        """
        return self.decoder(target_in, self.encode(source, lengths), keep=keep)


class CTCRecognizer(Model):
    """From a picture to text: an encoder, and the labels of every step of its memory."""

    def __init__(self, encoder: ImageEncoder, head: CTCHead) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head

    def forward(self, images: Tensor, widths: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, S, V) and the real steps (B,) of each row, for what `ImageEncoder` reads."""
        memory = self.encoder(images, widths)
        return self.head(memory), memory.lengths


def build(part: config.EncoderDecoder, source_vocabulary: int, target_vocabulary: int) -> EncoderDecoder:
    """A text-to-text model with fresh weights; on torch's meta device, one without any."""
    encoder = TextEncoder(part.encoder, source_vocabulary)
    decoder = RecurrentDecoder(part.decoder, target_vocabulary, part.attention, encoder.width)
    if part.share_embeddings:
        decoder.embedding.table.weight = encoder.embedding.table.weight
        if part.decoder.tied:
            decoder.output.weight = encoder.embedding.table.weight
    return EncoderDecoder(encoder, decoder)


def build_recognizer(config: Recognition, vocabulary: int) -> CTCRecognizer | EncoderDecoder:
    """A recogniser with fresh weights, or without any on torch's meta device.

    `vocabulary` counts the ids of the charset, its specials included.
    """
    part = config.model
    encoder = ImageEncoder(part.backbone, part.encoder, config.picture)
    if part.decoder == "ctc":
        return CTCRecognizer(encoder, CTCHead(encoder.width, vocabulary))
    return EncoderDecoder(encoder, RecurrentDecoder(part.attention_decoder, vocabulary, part.attention, encoder.width))
