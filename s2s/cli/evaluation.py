"""What `s2s evaluate` has a model do: a split of a dataset, to be translated or read."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2s.cli.printing import notice

if TYPE_CHECKING:
    from s2s.bundle.bundle import Bundle
    from s2s.data.images.pictures import Pictures
    from s2s.data.store import Prepared
    from s2s.inference.classifier import Classifier
    from s2s.inference.language_model import LanguageModel
    from s2s.inference.recognizer import Recognizer
    from s2s.inference.series import SeriesClassifier, SeriesReader
    from s2s.inference.tagger import SequenceTagger
    from s2s.inference.translator import Translator
    from s2s.metrics.score import Score
    from s2s.text.labels import Labels

_NAMED = 5
"""Unknown labels that are listed."""


@dataclass(frozen=True)
class Foreseen:
    """How well a language model foresees a text."""

    scores: list["Score"]
    lines: int
    tokens: int
    """Ends of lines included."""
    characters: int
    """Line breaks included."""


@dataclass(frozen=True)
class Evaluation:
    """Questions, right answers, and how the model answers."""

    path: Path
    fingerprint: str
    split: str
    references: list[list[str]]
    """Streams of right answers."""
    language: str | None
    """Of the answers, if it is known."""
    outputs: Callable[[], list[str]]
    """Gives the model's answers, and reports on standard error what went wrong; none of a language model."""
    scores: Callable[[tuple[str, ...]], "Foreseen"] | None = None
    """Of a language model: the scores of these names, and what was scored."""
    confidences: list[float] = field(default_factory=list)
    """The probability of each answer, once there are any; empty where answers have none."""


def evaluate_text(
    predictor: "Translator | Classifier | SequenceTagger",
    where: str,
    against: str | None = None,
    allow_outside: bool = False,
) -> Evaluation:
    """Translating, classifying or tagging the split `where` of a prepared dataset. RequestError where there is none."""
    from s2s.config.errors import RequestError
    from s2s.data.store import open_dataset, parse_split
    from s2s.inference.classifier import Classified
    from s2s.text.labels import Labels

    if against is not None:
        raise RequestError("--against is for readers of pictures; prepare counts sentences that test shares with train")
    data, split = parse_split(where, open_dataset)
    _compare_languages(predictor.bundle, data)
    sources = data.pairs(split)[0]

    def outputs() -> list[str]:
        names = predictor.bundle.vocabularies["target"]
        if isinstance(names, Labels):
            _report_unknown(names, data.references(split)[0])
        results = predictor(sources)
        for happened, what in REMARKS[predictor.config.task]:
            _count(sum(map(happened, results)), len(results), what)
        confidences.extend(result.probability for result in results if isinstance(result, Classified))
        return [result.text for result in results]

    confidences: list[float] = []
    references, language = data.references(split), data.languages[1]
    return Evaluation(data.path, data.fingerprint, split, references, language, outputs, None, confidences)


def evaluate_images(
    reader: "Recognizer", where: str, against: str | None = None, allow_outside: bool = False
) -> Evaluation:
    """Reading the split `where` of a data set of pictures; one that cannot be read counts as read as nothing.

    Pictures that look like one of the split `against`, on which the reader was trained, are named.
    `allow_outside` takes in pictures from outside the folders.
    """
    from s2s.data.images.duplicates import near_duplicates
    from s2s.data.images.store import open_pictures
    from s2s.data.store import parse_split
    from s2s.image.load import BadImage
    from s2s.inference.stream import read_each
    from s2s.text.charset import nfc

    def opened(path: str) -> "Pictures":
        return open_pictures(path, allow_outside)

    data, split = parse_split(where, opened)
    found = data.read(split)
    for problem in found.problems:
        notice(problem)
    _count(len(found.problems), len(found.problems) + len(found.examples), "have no part in the score")
    if against is not None:
        other, other_split = parse_split(against, opened, "train")
        duplicates = near_duplicates(found.examples, other.read(other_split).examples)
        for duplicate in duplicates:
            notice(duplicate)
        notice(f"{len(duplicates):,} of {len(found.examples):,} look like one of {against}")

    def outputs() -> list[str]:
        texts, broken = [], 0
        for result in read_each(reader, found.examples, pages=False):  # a label is of one line
            if isinstance(result, BadImage):
                notice(result)
                broken += 1
            texts.append("" if isinstance(result, BadImage) else result.text)
        _count(broken, len(texts), "cannot be read, and count as wrong")
        return texts

    labels = [nfc(example.text) for example in found.examples]
    return Evaluation(data.path, data.fingerprint, split, [labels], None, outputs)


def evaluate_series(
    predictor: "SeriesClassifier | SeriesReader", where: str, against: str | None = None, allow_outside: bool = False
) -> Evaluation:
    """Classifying or reading the split `where` of a prepared data set of series."""
    from s2s.config.errors import RequestError
    from s2s.data.series.store import open_series
    from s2s.data.store import parse_split
    from s2s.inference.classifier import Classified
    from s2s.text.charset import nfc
    from s2s.text.labels import Labels

    if against is not None:
        raise RequestError("--against is for readers of pictures; prepare counts series that test shares with train")
    data, split = parse_split(where, open_series)
    found = data.read(split)
    names = predictor.bundle.vocabularies["target"]
    references = list(found.targets) if isinstance(names, Labels) else [nfc(text) for text in found.targets]

    def outputs() -> list[str]:
        if isinstance(names, Labels):
            _report_unknown(names, references)
        results = predictor(found.series)
        confidences.extend(result.probability for result in results if isinstance(result, Classified))
        return [result.text for result in results]

    confidences: list[float] = []
    return Evaluation(data.path, data.fingerprint, split, [references], None, outputs, None, confidences)


def evaluate_language(
    model: "LanguageModel", where: str, against: str | None = None, allow_outside: bool = False
) -> Evaluation:
    """Foreseeing the split `where` of a prepared dataset, read in order; of pairs, the targets."""
    from s2s.config.errors import RequestError
    from s2s.data.store import open_dataset, parse_split
    from s2s.inference.language_model import streams
    from s2s.metrics.foresight import score_foresight

    if against is not None:
        raise RequestError("--against is for readers of pictures")
    data, split = parse_split(where, open_dataset)

    def outputs() -> list[str]:
        raise RequestError("a language model gives no outputs to compare; --hypotheses is for other models")

    def scores(names: tuple[str, ...]) -> Foreseen:
        found = model.score_text(data.lines(split))
        tokens, characters = (sum(getattr(one, name) for one in found) for name in ("tokens", "characters"))
        counts = [(-one.log_prob, one.tokens, one.characters) for one in found]
        how = f"streams:{streams(tokens)}|unit:{model.unit}"
        return Foreseen([score_foresight(name, counts, how) for name in names], len(found), tokens, characters)

    return Evaluation(data.path, data.fingerprint, split, [[]], None, outputs, scores)


REMARKS: Mapping[str, tuple[tuple[Callable[[Any], bool], str], ...]] = {
    "translation": (
        (lambda one: one.parts > 1, "inputs are longer than in training and were translated in parts"),
        (lambda one: one.cut, "outputs reached their length limit and were cut"),
        (lambda one: bool(one.unlike_training), "inputs look unlike the training data"),
    ),
    "classification": (
        (lambda one: one.parts > 1, "inputs are longer than in training and were read in windows"),
        (lambda one: not one.label, "inputs are blank, have no class, and count as wrong"),
    ),
    "tagging": (
        (lambda one: one.parts > 1, "sentences are longer than in training and were read in windows"),
        (lambda one: not one.tags, "sentences are blank and have no tags"),
    ),
}
"""What is counted of the answers to texts, by task."""
EVALUATIONS: Mapping[str, Callable[[Any, str, str | None, bool], Evaluation]] = {
    "text": evaluate_text,
    "image": evaluate_images,
    "none": evaluate_language,
    "series": evaluate_series,
}
"""By kind of source: a predictor, DATA[:SPLIT], the training set that look-alikes are looked for in, and whether
pictures may lie outside the folders."""


def _compare_languages(bundle: "Bundle", data: "Prepared") -> None:
    if bundle.languages is not None and tuple(bundle.languages) != tuple(data.languages):
        notice(f"the model was trained on {' to '.join(bundle.languages)}, the data is {' to '.join(data.languages)}")


def _count(count: int, total: int, what: str) -> None:
    if count:
        notice(f"{count:,} of {total:,} {what}")


def _report_unknown(labels: "Labels", references: Sequence[str]) -> None:
    """Report classes or tags in the data that the model was not trained on."""
    found = [name for text in references for name in labels.words(text)]
    strange = Counter(name for name in found if name not in labels)
    named = ", ".join(f'"{name}" {count:,}' for name, count in strange.most_common(_NAMED))
    more = ", ..." if len(strange) > _NAMED else ""
    _count(strange.total(), len(found), f"labels are unknown to the model and count as wrong: {named}{more}")
