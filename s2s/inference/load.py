"""`s2s.load`: a name to something that can be called."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from s2s.bundle.load import load as load_bundle
from s2s.inference.classifier import Classifier
from s2s.inference.device import choose_device
from s2s.inference.guidance import Guidance, guide
from s2s.inference.language_model import LanguageModel
from s2s.inference.recognizer import Recognizer
from s2s.inference.series import SeriesClassifier, SeriesReader
from s2s.inference.tagger import SequenceTagger
from s2s.inference.translator import Translator
from s2s.search.ensemble import Mean

AnyPredictor = Translator | Recognizer | LanguageModel | Classifier | SequenceTagger | SeriesClassifier | SeriesReader

PREDICTORS: Mapping[str, type[AnyPredictor]] = {
    "language": LanguageModel,
    "translation": Translator,
    "recognition": Recognizer,
    "classification": Classifier,
    "tagging": SequenceTagger,
    "series-classification": SeriesClassifier,
    "series-reading": SeriesReader,
}
"""What calls the models of each task."""


def load(
    name: str | Path,
    device: str = "auto",
    *,
    lm: str | Path | None = None,
    lm_weight: float | None = None,
    lm_bonus: float | None = None,
    lexicon: str | Path | None = None,
    lexicon_weight: float | None = None,
    ensemble: Sequence[str | Path] = (),
    ensemble_mean: Mean | None = None,
) -> AnyPredictor:
    """What calls the model of a model directory, run directory or checkpoint, on a GPU if there is one.

    The other arguments are what its search is to know besides: see `s2s.inference.guidance.Guidance`. What the language
    model or the lexicon cannot be used for is a warning.

    RequestError where there is no such model or device, the model is unsound, or it cannot be guided so.
    """
    place = choose_device(device)
    guidance = Guidance(lm, lm_weight, lm_bonus, lexicon, lexicon_weight, ensemble, ensemble_mean)
    bundle = load_bundle(name, place)
    predictor = PREDICTORS[bundle.config.task].from_bundle(bundle, place)
    guide(predictor, guidance, name, say=lambda line: warnings.warn(line, stacklevel=2))
    return predictor
