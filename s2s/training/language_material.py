"""What a run is made of that learns what comes next in a text."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from s2s.bundle.bundle import Bundle
from s2s.bundle.vocabularies import unpack_vocabularies
from s2s.config.errors import RequestError
from s2s.config.target import NextTarget
from s2s.config.training import StreamBatches
from s2s.data.batches import Examples
from s2s.data.corpus import Ints
from s2s.data.report import line_fingerprint
from s2s.data.sampler import Plan
from s2s.data.store import Prepared
from s2s.data.streams import NoInputs, Windows
from s2s.inference.language_model import LanguageModel, streams
from s2s.text.charset import Policy
from s2s.text.normalisation import normalise_all
from s2s.text.train_subwords import train_subwords
from s2s.text.vocabulary import EOS, Vocabulary
from s2s.training.holding_out import HELD_OUT, validation_split
from s2s.training.material import Answers, Material, Outputs, Validated
from s2s.training.origin import Origin
from s2s.training.processes import ranks
from s2s.training.start import doubt_vocabulary

_SAMPLE = 80
"""Characters of a sample."""


@dataclass(frozen=True)
class Lines:
    """The lines of a split, in order."""

    split: str
    lines: list[str]

    @property
    def characters(self) -> int:
        """Of all lines, line breaks included."""
        return sum(len(line) + 1 for line in self.lines)


def gather_lines(
    origin: Origin[Prepared], checkpoint: Mapping[str, Any] | None, start: Bundle | None, policy: Policy
) -> Material:
    """Read the splits and train or take over the vocabulary; see `s2s.training.experiment.build_experiment`."""
    config, say = origin.config, origin.place.say
    assert isinstance(config.batches, StreamBatches)
    assert isinstance(config.target, NextTarget)
    if ranks() > 1:
        raise RequestError("a language model is trained by one process: its text is read in order; start only one")
    pieces = config.target.vocabulary
    train, held = (_normalised(one, config.target, say) for one in read_in_order(origin.data, say))
    if checkpoint is not None:
        vocabulary = unpack_vocabularies(checkpoint["s2s"], config, "the checkpoint")["target"]
    elif start is not None:
        vocabulary = start.vocabularies["target"]
    elif origin.vocabulary_of is not None:
        vocabulary = origin.vocabulary_of.vocabularies["target"]
        say(f"the vocabulary is the other model's ({pieces.kind}, {len(vocabulary):,}), whatever the config says")
    else:
        say(f"training the vocabulary ({pieces.kind}, {pieces.size:,}) ...")
        vocabulary = train_subwords(train.lines, pieces)
    text, seen = encode(train.lines, vocabulary), encode(held.lines, vocabulary)
    wide = config.batches.tokens // config.target.window
    windows = Windows(text, wide, config.target.window)
    # One example, and one batch, is a whole stream: the objective reads it piece by piece.
    alone = Windows(seen, streams(len(seen)), len(seen))

    def known_by(row: int) -> dict[str, str]:
        ids = windows.cut(np.array([row]))[1][0].tolist()
        return {"text": _shown(ids, vocabulary)}

    def outputs(bundle: Bundle) -> Outputs:
        model = LanguageModel(bundle, origin.place.device)
        return lambda rows: Answers([_line(model.generate(f"{held.lines[row]}\n", _SAMPLE)) for row in rows])

    return Material(
        {"target": vocabulary},
        Examples(NoInputs(windows), windows, known_by),
        windows.plan,
        Validated(
            held.split,
            Examples(NoInputs(alone), alone, lambda row: {}),
            [Plan(0, 0, np.arange(alone.streams), 0)],
            held.lines[:-1],
            held.lines[1:],
            line_fingerprint(held.lines),
            held.characters,
        ),
        outputs,
        lambda plans, steps: _account(train, text, len(vocabulary), windows, steps, wide),
        doubts=[] if start is None or checkpoint is not None else [*doubt_vocabulary(start, {"target": train.lines})],
    )


def read_in_order(data: Prepared, say: Callable[[str], None]) -> tuple[Lines, Lines]:
    """Lines to train and to validate on; without a validation split, the last 5 % of the text are held out."""
    train = data.lines("train")
    name = validation_split(data.splits)
    if name is not None:
        found = Lines("train", train), Lines(name, data.lines(name))
    else:
        ends = list(accumulate(len(line) + 1 for line in train))
        kept = sum(end <= (1 - HELD_OUT) * ends[-1] for end in ends)
        say(f"no validation split: the last {len(train) - kept:,} of {len(train):,} training lines are held out")
        found = Lines("train", train[:kept]), Lines(f"last {len(train) - kept} lines held out", train[kept:])
    for one in found:
        if len(one.lines) < 2:
            raise RequestError(f"{data.path}: the split {one.split} has fewer than two lines")
    return found


def encode(lines: Sequence[str], vocabulary: Vocabulary) -> Ints:
    """The tokens of some lines, one after the other, each line followed by the end mark."""
    return np.array([token for line in lines for token in (*vocabulary.encode(line), EOS)], np.int64)


def _normalised(text: Lines, target: NextTarget, say: Callable[[str], None]) -> Lines:
    changed: Counter[str] = Counter()
    lines = normalise_all(text.lines, target.vocabulary.normalization, changed)
    for reason, count in changed.items():
        say(f"{text.split}: {count:,} lines changed ({reason}), as vocabulary.normalization says")
    return Lines(text.split, lines)


def _shown(ids: Sequence[int], vocabulary: Vocabulary) -> str:
    """The text of tokens, of which some end a line."""
    ends = [place for place, token in enumerate(ids) if token == EOS]
    return "\n".join(
        vocabulary.decode(ids[a:b]) for a, b in zip([0, *[e + 1 for e in ends]], [*ends, len(ids)], strict=True)
    )


def _line(text: str) -> str:
    """The first line of a text that is not blank."""
    return next((line for line in text.split("\n") if line.strip()), "")


def _account(train: Lines, text: Ints, vocabulary: int, windows: Windows, steps: int, wide: int) -> list[str]:
    fewer = "" if windows.streams == wide else f" (the text is too short for {wide:,})"
    return [
        f"vocabulary {vocabulary:,}",
        f"{len(train.lines):,} lines, {len(text):,} tokens, {train.characters:,} characters",
        f"{steps:,} step{'s' * (steps > 1)} an epoch of {windows.streams:,} streams{fewer} x {windows.window:,} tokens",
    ]
