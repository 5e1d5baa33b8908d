"""The text of a run: the splits to train and to validate on, and the vocabularies trained from the first."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from s2s.config.errors import RequestError
from s2s.config.translation import Subwords as Config
from s2s.data.corpus import Ints
from s2s.data.store import Prepared
from s2s.text.subwords import Subwords
from s2s.text.train_subwords import train_subwords

VALIDATION = ("val", "validation", "valid", "dev")
"""Names that a validation split goes by."""
HELD_OUT, MOST_HELD_OUT = 0.05, 1000
"""Share of the training split that is held out where there is no validation split, and at most how many pairs."""


@dataclass(frozen=True)
class Texts:
    """Sources and targets, line by line."""

    split: str
    source: list[str]
    target: list[str]

    def take(self, rows: Ints, split: str) -> "Texts":
        """Some of the lines as a split of their own."""
        return Texts(split, [self.source[row] for row in rows], [self.target[row] for row in rows])


def read_texts(data: Prepared, seed: int, say: Callable[[str], None]) -> tuple[Texts, Texts]:
    """Training and validation pairs; without a validation split, a seeded 5 % of the training split are held out."""
    train = Texts("train", *data.pairs("train"))
    name = next((name for name in VALIDATION if name in data.splits), None)
    if name is not None:
        validation = Texts(name, *data.pairs(name))
        if not validation.source:
            raise RequestError(f"{data.path}: the validation split {name} is empty")
        return train, validation
    held_out = min(MOST_HELD_OUT, int(len(train.source) * HELD_OUT))
    if not held_out:
        raise RequestError(f"{data.path}: no validation split, and too few training pairs to hold some out")
    say(f"no validation split: {held_out:,} of {len(train.source):,} training pairs are held out, chosen by the seed")
    order = np.random.default_rng(seed).permutation(len(train.source))
    validation = train.take(np.sort(order[:held_out]), f"{held_out} pairs held out")
    return train.take(np.sort(order[held_out:]), "train"), validation


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
