"""Recurrent sequence models: `s2s.load(model)` gives what calls it, of one of these classes.

`Sampling` is what a translator or a language model takes to draw outputs at random, `Phrases` what a translator's
outputs must and must not have. What goes wrong on purpose raises
`RequestError` (the request was wrong) or `WorkError` (the work failed), one sentence each.

Nothing heavy is imported before one of them is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Classifier",
    "LanguageModel",
    "Phrases",
    "Recognizer",
    "RequestError",
    "Sampling",
    "SequenceTagger",
    "SeriesClassifier",
    "SeriesReader",
    "Translator",
    "WorkError",
    "__version__",
    "load",
]

if TYPE_CHECKING:
    from s2s.config.errors import RequestError, WorkError
    from s2s.inference.classifier import Classifier
    from s2s.inference.language_model import LanguageModel
    from s2s.inference.load import load
    from s2s.inference.options import Sampling
    from s2s.inference.phrases import Phrases
    from s2s.inference.recognizer import Recognizer
    from s2s.inference.series import SeriesClassifier, SeriesReader
    from s2s.inference.tagger import SequenceTagger
    from s2s.inference.translator import Translator

_HOMES = {
    "LanguageModel": "s2s.inference.language_model",
    "Classifier": "s2s.inference.classifier",
    "Phrases": "s2s.inference.phrases",
    "Recognizer": "s2s.inference.recognizer",
    "RequestError": "s2s.config.errors",
    "Sampling": "s2s.inference.options",
    "SequenceTagger": "s2s.inference.tagger",
    "SeriesClassifier": "s2s.inference.series",
    "SeriesReader": "s2s.inference.series",
    "Translator": "s2s.inference.translator",
    "WorkError": "s2s.config.errors",
    "load": "s2s.inference.load",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 's2s' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
