"""The characters that a run writes: chosen from the config, the data and the model it starts from."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from s2s.bundle.bundle import Bundle
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment
from s2s.config.training import AUTO
from s2s.config.vocabulary import Characters
from s2s.nn.heads import SHIFT
from s2s.nn.model import EncoderHead
from s2s.text.charset import DEFAULT, Charset, Merge, Policy, learn, merge, show
from s2s.training.origin import Origin

_PLAIN = re.compile("[0-9a-z]*")


def with_metric(config: Experiment, texts: Callable[[], Iterable[str]]) -> Experiment:
    """The config with the metric that sees all that `texts` have, if it leaves it to them: case and marks."""
    if config.validation.metric != AUTO:
        return config
    metric = "word_accuracy" if all(map(_PLAIN.fullmatch, texts())) else "word_accuracy_exact"
    return replace(config, validation=replace(config.validation, metric=metric))


def vocabulary_of(config: Experiment) -> Characters:
    """The characters that a config asks for."""
    found = getattr(config.target, "vocabulary", None)
    assert isinstance(found, Characters)
    return found


def choose_charset(
    origin: Origin[Any], texts: Sequence[str], start: Bundle | None, policy: Policy
) -> tuple[Charset, Merge | None]:
    """The characters that the model is to write, and how they come from those of the model it starts from."""
    part = vocabulary_of(origin.config)
    if (start is not None and policy != "new") or part.alphabet == "data":
        own = learn(texts)
    else:
        own = Charset(part.characters or DEFAULT)
    if start is None:
        return own, None
    merged = merge(start.charset, own, policy)
    if part.characters and merged.charset.characters != Charset(part.characters).characters:
        raise RequestError(
            f"target.vocabulary.characters cannot be: --charset {policy} begins with the characters of the model to "
            "start from; add --charset new, or leave target.vocabulary out of the config"
        )
    origin.place.say(f"charset: {merged.summary()}")
    return merged.charset, merged


def unwritable(config: Experiment, named: Sequence[tuple[str, str]], charset: Charset, noun: str) -> dict[int, str]:
    """Which of some labels, each with a name, hold characters that the charset lacks, and what they are.

    RequestError if they must not be left out; `noun` is what has the labels.
    """
    found = {row: unknown for row, (_, text) in enumerate(named) if (unknown := charset.unknown(text))}
    if found and vocabulary_of(config).unknown == "refuse":
        name, text = named[next(iter(found))]
        raise RequestError(
            f"{len(found):,} training labels hold characters that the charset lacks, as "
            f'{name}: "{text}"; add them '
            "(--target.vocabulary.alphabet data, or --charset union with --from), "
            f"or leave those {noun} out (--target.vocabulary.unknown skip)"
        )
    return {row: f"the charset lacks {show(unknown)}" for row, unknown in found.items()}


def taken_rows(model: nn.Module, merged: Merge) -> dict[str, Tensor]:
    """For each weight with a row a character: the rows of the other model's that ours are."""
    rows = torch.tensor(merged.rows)
    if isinstance(model, EncoderHead):
        labels = rows[SHIFT:] - SHIFT  # the blank is where the end of text would be, and stays there
        labels[rows[SHIFT:] < 0] = -1
        return {"head.output.weight": labels, "head.output.bias": labels}
    return dict.fromkeys(("decoder.embedding.table.weight", "decoder.output.weight", "decoder.output.bias"), rows)
