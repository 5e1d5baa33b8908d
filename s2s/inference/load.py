"""`s2s.load`: a name to something that can be called."""

from pathlib import Path

from s2s.bundle.bundle import RecognitionBundle, TranslationBundle
from s2s.bundle.load import load as load_bundle
from s2s.inference.device import choose_device
from s2s.inference.recognizer import Recognizer
from s2s.inference.translator import Translator


def load(name: str | Path, device: str = "auto") -> Translator | Recognizer:
    """The translator or the recogniser of a model directory, run directory or checkpoint, on a GPU if there is one.

    RequestError where there is no such model or device, or the model is unsound.
    """
    place = choose_device(device)
    bundle = load_bundle(name, place)
    if isinstance(bundle, RecognitionBundle):
        return Recognizer.from_bundle(bundle, place)
    assert isinstance(bundle, TranslationBundle)
    return Translator.from_bundle(bundle, place)
