"""What `s2s evaluate` has a model do: a split of a dataset, to be translated or read."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2s.bundle.bundle import TranslationBundle
    from s2s.data.store import Prepared
    from s2s.inference.recognizer import Recognizer
    from s2s.inference.translator import Translator


@dataclass(frozen=True)
class Exam:
    """Questions, right answers, and how the model answers."""

    path: Path
    fingerprint: str
    split: str
    references: list[list[str]]
    """Streams of right answers."""
    language: str | None
    """Of the answers, if it is known."""
    take: Callable[[], list[str]]
    """Gives the model's answers, and tells on standard error what went wrong."""


def translation_exam(bundle: "TranslationBundle", translator: "Translator", where: str) -> Exam:
    """Translating the split `where` of a prepared dataset. RequestError where there is none."""
    from s2s.data.store import open_dataset, parse_split

    data, split = parse_split(where, open_dataset)
    _compare_languages(bundle, data)
    sources = data.pairs(split)[0]

    def take() -> list[str]:
        results = translator(sources)
        total = len(results)
        _count(
            sum(result.parts > 1 for result in results),
            total,
            "inputs are longer than in training and were translated in parts",
        )
        _count(sum(result.cut for result in results), total, "outputs reached their length limit and were cut")
        _count(sum(bool(result.unlike_training) for result in results), total, "inputs look unlike the training data")
        return [result.text for result in results]

    return Exam(data.path, data.fingerprint, split, data.references(split), data.languages[1], take)


def recognition_exam(reader: "Recognizer", where: str, against: str | None = None) -> Exam:
    """Reading the split `where` of a data set of pictures; one that cannot be read counts as read as nothing.

    Pictures that look like one of the split `against`, on which the reader was trained, are told.
    """
    from s2s.data.images.duplicates import near_duplicates
    from s2s.data.images.store import open_pictures
    from s2s.data.store import parse_split
    from s2s.image.load import BadImage
    from s2s.inference.stream import read_each
    from s2s.text.charset import nfc

    data, split = parse_split(where, open_pictures)
    found = data.read(split)
    for problem in found.problems:
        print(problem, file=sys.stderr)
    _count(len(found.problems), len(found.problems) + len(found.examples), "have no part in the score")
    if against is not None:
        other, other_split = parse_split(against, open_pictures, "train")
        duplicates = near_duplicates(found.examples, other.read(other_split).examples)
        for duplicate in duplicates:
            print(duplicate, file=sys.stderr)
        print(f"{len(duplicates):,} of {len(found.examples):,} look like one of {against}", file=sys.stderr)

    def take() -> list[str]:
        texts, broken = [], 0
        for result in read_each(reader, found.examples, pages=False):  # a label is of one line
            if isinstance(result, BadImage):
                print(result, file=sys.stderr)
                broken += 1
            texts.append("" if isinstance(result, BadImage) else result.text)
        _count(broken, len(texts), "cannot be read, and count as wrong")
        return texts

    labels = [nfc(example.text) for example in found.examples]
    return Exam(data.path, data.fingerprint, split, [labels], None, take)


def _compare_languages(bundle: "TranslationBundle", data: "Prepared") -> None:
    if tuple(bundle.languages) != tuple(data.languages):
        print(
            f"the model translates {' to '.join(bundle.languages)}, the data is {' to '.join(data.languages)}",
            file=sys.stderr,
        )


def _count(count: int, total: int, what: str) -> None:
    if count:
        print(f"{count:,} of {total:,} {what}", file=sys.stderr)
