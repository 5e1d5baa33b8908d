"""What is warned about before a run begins, and what is refused: settings that do not suit the data."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from s2s.config.errors import RequestError
from s2s.config.training import Schedule
from s2s.text.labels import Labels
from s2s.text.tags import Tags

WARN, STOP = 0.05, 0.5
"""Shares of the training examples that may be lost without a warning, and at all."""
FEW = 50
"""Validation examples below which a score says little."""


def doubt_schedule(schedule: Schedule, steps: int) -> str | None:
    """A warning of a warm-up that the run does not get to the end of."""
    if schedule.warmup < max(2, steps):
        return None
    return (
        f"warning: schedule.warmup {schedule.warmup} is not shorter than the run (training.steps {steps}), so that the "
        "learning rate rises to its end; lower schedule.warmup or raise training.steps"
    )


def doubt_lost(lost: int, total: int, where: Path, why: str, remedy: str, begun: bool) -> str | None:
    """A warning of training examples that are left out for a reason, and what to do about it.

    RequestError where more than half are, unless the run has begun already.
    """
    if not lost:
        return None
    line = f"{lost:,} of {total:,} training examples ({100 * lost / total:.1f} %) are left out: {why}"
    if lost <= WARN * total:
        return line
    if lost > STOP * total and not begun:
        raise RequestError(f"{where}: {line}; {remedy}")
    return f"warning: {line}; {remedy}"


def doubt_validation(count: int, noun: str) -> str | None:
    """A warning of a validation that is too small to choose a model by."""
    if count >= FEW:
        return None
    return (
        f"warning: validation on {count:,} {noun} is small, and may take a worse model for the best; give a split val "
        f"of {FEW} or more"
    )


def doubt_capitals(texts: Sequence[str]) -> str | None:
    """A warning of labels without one small letter, as some sets have them whatever their pictures show."""
    letters = [c for text in texts for c in text if c.isalpha() and c.lower() != c.upper()]
    if len(texts) < FEW or not letters or any(c.islower() for c in letters):
        return None
    return (
        f"warning: not one of {len(texts):,} labels has a small letter; if the pictures have some, the model learns to "
        "write capitals for them, and only scores in any case (--metrics cer_lc word_accuracy) show how it reads"
    )


def doubt_labels(labels: Labels, trained: Sequence[str], validated: Sequence[str], split: str) -> list[str]:
    """A warning of validation labels that are not classes; RequestError where training labels are not.

    Both are targets, of which the vocabulary says what labels, one or more, they hold.
    """
    trained, validated = ([name for text in texts for name in labels.words(text)] for texts in (trained, validated))
    what = "words" if isinstance(labels, Tags) else "examples"
    if strange := _outside(labels, trained):
        raise RequestError(
            f"{sum(strange.values()):,} training {what} have labels that the model to start from does not know, such "
            f'as "{next(iter(strange))}"; train without --from'
        )
    if strange := _outside(labels, validated):
        names = ", ".join(f'"{name}" {count:,}' for name, count in strange.most_common(5))
        more = ", ..." if len(strange) > 5 else ""
        return [
            f"warning: {sum(strange.values()):,} of {len(validated):,} {what} of {split} have labels that no "
            f"training example has ({names}{more}); they count as wrong and are left out of the loss"
        ]
    return []


def _outside(labels: Labels, found: Sequence[str]) -> Counter[str]:
    """Labels that are not classes, with their counts."""
    return Counter(label for label in found if label not in labels)
