"""`s2s.load`: a name to something that can be called."""

from collections.abc import Mapping
from pathlib import Path

from s2s.bundle.load import load as load_bundle
from s2s.inference.classifier import Classifier
from s2s.inference.device import choose_device
from s2s.inference.language_model import LanguageModel
from s2s.inference.recognizer import Recognizer
from s2s.inference.tagger import SequenceTagger
from s2s.inference.translator import Translator

AnyPredictor = Translator | Recognizer | LanguageModel | Classifier | SequenceTagger

PREDICTORS: Mapping[str, type[AnyPredictor]] = {
    "language": LanguageModel,
    "translation": Translator,
    "recognition": Recognizer,
    "classification": Classifier,
    "tagging": SequenceTagger,
}
"""What calls the models of each task."""


def load(name: str | Path, device: str = "auto") -> AnyPredictor:
    """What calls the model of a model directory, run directory or checkpoint, on a GPU if there is one.

    RequestError where there is no such model or device, or the model is unsound.
    """
    place = choose_device(device)
    bundle = load_bundle(name, place)
    return PREDICTORS[bundle.config.task].from_bundle(bundle, place)
