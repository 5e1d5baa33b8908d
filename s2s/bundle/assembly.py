"""A model, its description and its vocabularies, put together."""

from collections.abc import Mapping

from s2s.bundle.bundle import Bundle, RecognitionBundle, TranslationBundle
from s2s.bundle.description import Description
from s2s.config.recognition import Recognition
from s2s.nn.model import CTCRecognizer, EncoderDecoder
from s2s.text.charset import Charset
from s2s.text.codec import Codec
from s2s.text.subwords import Subwords


def assemble(description: Description, model: EncoderDecoder | CTCRecognizer, codecs: Mapping[str, Codec]) -> Bundle:
    """The bundle of a model that has its weights."""
    config, info = description.config, description.info
    model.eval()
    if isinstance(config, Recognition):
        charset = codecs["charset"]
        assert isinstance(charset, Charset)
        return RecognitionBundle(model, config, charset, info=info)
    source, target = codecs["source"], codecs["target"]
    assert isinstance(source, Subwords)
    assert isinstance(target, Subwords)
    assert isinstance(model, EncoderDecoder)
    assert description.languages is not None
    return TranslationBundle(model, config, source, target, description.languages, description.max_source, info=info)
