"""Models, joined from their parts as a config says."""

from __future__ import annotations

from torch import Tensor, nn

from s2s.config import model as config
from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.encoders import TextEncoder
from s2s.nn.memory import Bound, Output


class EncoderDecoder(nn.Module):
    """Text to text: an encoder, and a decoder that looks at its memory."""

    def __init__(self, part: config.EncoderDecoder, source_vocabulary: int, target_vocabulary: int) -> None:
        super().__init__()
        self.encoder = TextEncoder(part.encoder, source_vocabulary)
        self.decoder = RecurrentDecoder(part.decoder, target_vocabulary, part.attention, self.encoder.width)
        if part.share_embeddings:
            self.decoder.embedding.table.weight = self.encoder.embedding.table.weight
            if part.decoder.tied:
                self.decoder.output.weight = self.encoder.embedding.table.weight

    def encode(self, source: Tensor, lengths: Tensor) -> Bound:
        """Read `source` (B, S), padded on the right, of which `lengths` (B,) are real; bound for this decoder."""
        return self.decoder.bind(self.encoder(source, lengths))

    def forward(self, source: Tensor, lengths: Tensor, target_in: Tensor, keep: Tensor | None = None) -> Output:
        """Teacher forcing: logits (B, T, V) after each of `target_in` (B, T), which begins with BOS.

        Only those at the N true positions of `keep` (B, T), as (N, V), if it is given.
        """
        return self.decoder(target_in, self.encode(source, lengths), keep=keep)


def build(part: config.EncoderDecoder, source_vocabulary: int, target_vocabulary: int) -> EncoderDecoder:
    """A model with fresh weights; on torch's meta device, one without any."""
    return EncoderDecoder(part, source_vocabulary, target_vocabulary)
