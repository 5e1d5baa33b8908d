"""The text of a run: the splits to train and to validate on, and the vocabularies trained from the first."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment
from s2s.config.plural import counted
from s2s.config.source import TextSource
from s2s.config.target import TextTarget
from s2s.config.vocabulary import Pieces
from s2s.data.corpus import Ints
from s2s.data.store import Prepared
from s2s.text.labels import Labels
from s2s.text.normalisation import Normalisation, normalise, normalise_all
from s2s.text.subwords import Subwords
from s2s.text.tags import Tags, normalise_words, words
from s2s.text.train_subwords import train_subwords
from s2s.text.vocabulary import Vocabulary
from s2s.training.holding_out import hold_out, hold_out_pairs, validation_split

_SHOWN = 20
"""Classes that are listed, the most frequent ones."""


@dataclass(frozen=True)
class Texts:
    """Sources and targets, line by line."""

    split: str
    source: list[str]
    target: list[str]

    def normalised(
        self, read: Normalisation, written: Normalisation, say: Callable[[str], None], by_word: bool = False
    ) -> "Texts":
        """The same lines as the model sees them; what changes is counted. Done `by_word`, a source keeps its words."""
        changed: Counter[str] = Counter()
        way = normalise_words if by_word else normalise
        source, target = (
            normalise_all(self.source, read, changed, way),
            normalise_all(self.target, written, changed),
        )
        for reason, count in changed.items():
            say(f"{self.split}: {count:,} texts changed ({reason}), as vocabulary.normalization says")
        return Texts(self.split, source, target)

    def check_tags(self, path: Path) -> None:
        """RequestError unless each source has as many words as its target has tags."""
        for number, sides in enumerate(zip(self.source, self.target, strict=True), start=1):
            count, tags = (len(words(side)) for side in sides)
            if count != tags:
                raise RequestError(
                    f"{path}: example {number:,} of {self.split} has {counted(count, 'word')} and "
                    f"{counted(tags, 'tag')}; "
                    "a tagger needs a tag for each word, both separated by spaces"
                )

    def take(self, rows: Ints, split: str) -> "Texts":
        """Some of the lines as a split of their own."""
        return Texts(split, [self.source[row] for row in rows], [self.target[row] for row in rows])


def read_texts(
    data: Prepared, seed: int, say: Callable[[str], None], by_row: bool = False, labelled: bool = False
) -> tuple[Texts, Texts]:
    """Training and validation pairs; without a validation split, a seeded 5 % of the training split are held out.

    Copies are held out together, or `by_row` each by itself; of texts that are `labelled`, copies of the source.
    """
    train = Texts("train", *data.pairs("train"))
    name = validation_split(data.splits)
    if name is not None:
        validation = Texts(name, *data.pairs(name))
        if not validation.source:
            raise RequestError(f"{data.path}: the validation split {name} is empty")
        return train, validation
    if by_row:
        kept, held_out = hold_out(len(train.source), "pairs", data.path, seed, say)
    else:
        kept, held_out = hold_out_pairs(train.source, train.target, data.path, seed, say, labelled)
    return train.take(kept, "train"), train.take(held_out, f"{len(held_out)} pairs held out")


def train_vocabularies(
    texts: Texts, config: Experiment, names: Callable[[list[str]], Vocabulary] | None, say: Callable[[str], None]
) -> dict[str, Vocabulary]:
    """Vocabularies of the two sides, the same one if the target has the source's.

    Where targets are `names` rather than texts, that makes their vocabulary.
    """
    assert isinstance(config.source, TextSource)
    read = config.source.vocabulary
    if names is not None:
        return {"source": _train(texts.source, read, say), "target": names(texts.target)}
    assert isinstance(config.target, TextTarget)
    written = config.target.vocabulary
    if not isinstance(written, Pieces):
        joint = _train([*texts.source, *texts.target], read, say)
        return {"source": joint, "target": joint}
    return {"source": _train(texts.source, read, say), "target": _train(texts.target, written, say)}


def _train(lines: list[str], config: Pieces, say: Callable[[str], None]) -> Subwords:
    say(f"training subwords ({config.kind}, {config.size:,}) ...")
    vocabulary = train_subwords(lines, config)
    if len(vocabulary) < config.size:
        say(f"the text supports {len(vocabulary):,} subwords, not {config.size:,}")
    return vocabulary


def label_names(targets: list[str]) -> Labels:
    """Each target is a class."""
    return Labels(_classes(targets))


def tag_names(targets: list[str]) -> Tags:
    """Each word of a target is a tag."""
    return Tags(_classes([tag for line in targets for tag in words(line)]))


def frequencies(counts: Mapping[str, int], what: str) -> str:
    """Classes or tags and how often they occur, the most frequent first."""
    named = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    shown = ", ".join(f"{name} {count:,}" for name, count in named[:_SHOWN])
    rest = f" and {len(named) - _SHOWN:,} more" if len(named) > _SHOWN else ""
    return f"{len(named):,} {what}: {shown}{rest}; {100 * named[0][1] / sum(counts.values()):.1f} % are {named[0][0]}"


def _classes(labels: list[str]) -> list[str]:
    """The classes of a training split, by name. RequestError where there is only one."""
    names = sorted(set(labels))
    if len(names) == 1:
        raise RequestError(f'all training labels are "{names[0]}"; a classifier needs two classes or more')
    if 2 * len(names) > len(labels):
        raise RequestError(
            f"{len(labels):,} training examples have {len(names):,} different labels; is the target the column of the "
            "class?"
        )
    return names
