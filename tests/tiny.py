"""A translator small enough to be built anywhere: real subwords, random weights that end their outputs."""

from functools import cache

import torch

from s2s.bundle.bundle import TranslationBundle
from s2s.config.model import Attention, Decoder, Encoder, EncoderDecoder
from s2s.config.training import Batches
from s2s.config.translation import Decoding, Subwords, Translation
from s2s.nn.model import build
from s2s.text.codec import EOS
from s2s.text.train_subwords import train_subwords

TEXT = [
    "A dog runs over the green meadow.",
    "Ein Hund rennt über die grüne Wiese.",
    "Two men are talking in front of a shop.",
    "Zwei Männer reden vor einem Laden.",
    "The child sleeps; nobody speaks, nothing moves.",
    "Das Kind schläft, niemand spricht.",
] * 3


@cache
def codec(size: int = 330):
    return train_subwords(TEXT, Subwords(model="bpe", size=size))


def tiny_bundle(
    kind: str = "multihead",
    joint: bool = True,
    tied: bool = True,
    seed: int = 0,
    max_source: int | None = None,
    dtype: torch.dtype = torch.float32,
    beam: int = 3,
) -> TranslationBundle:
    source = codec()
    target = source if joint else codec(300)
    config = Translation(
        subwords=Subwords(model="bpe", size=330, joint=joint),
        model=EncoderDecoder(
            Encoder(embedding=8, hidden=4),
            Attention(kind=kind, size=8, heads=2),
            Decoder(embedding=8, hidden=8, tied=tied),
            share_embeddings=joint,
        ),
        batches=Batches(max_length=40),
        decoding=Decoding(beam=beam, max_ratio=1.5, max_extra=3),
    )
    torch.manual_seed(seed)
    model = build(config.model, len(source), len(target)).to(dtype).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.7)
        model.decoder.output.bias[EOS] = 5.0
    return TranslationBundle(model, config, source, target, ("en", "de"), max_source)
