"""The text of a run: the splits to train and to validate on, and the vocabularies trained from the first."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from s2s.config.errors import RequestError
from s2s.config.translation import Subwords as Config
from s2s.data.corpus import Ints
from s2s.data.store import Prepared
from s2s.text.normalisation import Normalisation, normalise_all
from s2s.text.subwords import Subwords
from s2s.text.train_subwords import train_subwords
from s2s.training.holding_out import hold_out, hold_out_pairs, validation_split


@dataclass(frozen=True)
class Texts:
    """Sources and targets, line by line."""

    split: str
    source: list[str]
    target: list[str]

    def normalised(self, kind: Normalisation, say: Callable[[str], None]) -> "Texts":
        """The same lines as the model sees them; what changes is said."""
        changed: Counter[str] = Counter()
        source, target = (normalise_all(side, kind, changed) for side in (self.source, self.target))
        for reason, count in changed.items():
            say(f"{self.split}: {count:,} texts changed ({reason}); subwords.normalization is {kind}")
        return Texts(self.split, source, target)

    def take(self, rows: Ints, split: str) -> "Texts":
        """Some of the lines as a split of their own."""
        return Texts(split, [self.source[row] for row in rows], [self.target[row] for row in rows])


def read_texts(data: Prepared, seed: int, say: Callable[[str], None], by_row: bool = False) -> tuple[Texts, Texts]:
    """Training and validation pairs; without a validation split, a seeded 5 % of the training split are held out.

    Copies are held out together, or `by_row` each by itself.
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
        kept, held_out = hold_out_pairs(train.source, train.target, data.path, seed, say)
    return train.take(kept, "train"), train.take(held_out, f"{len(held_out)} pairs held out")


def train_codecs(texts: Texts, config: Config, say: Callable[[str], None]) -> tuple[Subwords, Subwords]:
    """Vocabularies of the two sides, the same one if they are joint."""
    say(f"training subwords ({config.model}, {config.size:,}) ...")
    if config.joint:
        joint = train_subwords([*texts.source, *texts.target], config)
        codecs = joint, joint
    else:
        codecs = train_subwords(texts.source, config), train_subwords(texts.target, config)
    fewer = sorted({len(codec) for codec in codecs if len(codec) < config.size})
    for size in fewer:
        say(f"the text supports {size:,} subwords, not {config.size:,}")
    return codecs
