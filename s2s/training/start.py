"""Starting a run from the vocabulary and the weights of a model: what is refused, what is warned about."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from torch import Tensor, nn

from s2s.bundle.bundle import Bundle
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment
from s2s.config.strict import flat, to_dict
from s2s.config.target import NextTarget, TextTarget
from s2s.config.vocabulary import Pieces, PlainPieces
from s2s.text.vocabulary import Vocabulary

_OWN = ("sample", "alpha")
"""Settings of subwords that are of the run and not of the vocabulary."""
_FREE = ("source.vocabulary.", "source.augmentation.")
"""Settings that may differ: vocabularies are compared by themselves."""
_BYTE = re.compile("<0x[0-9A-F]{2}>")
_BYTES = 0.05
"""Share of pieces that are single bytes, above which a vocabulary is not made for a text."""
_LOOKED_AT = 1000
"""Lines that this is measured on."""


def adopt_vocabulary(config: Experiment, start: Bundle, given: Collection[str] | None) -> Experiment:
    """The config with the vocabulary of the model that a run starts from; how it is sampled stays the config's own.

    RequestError for a setting of another vocabulary among the keys `given`; None: any that is not the default.
    """
    lost: list[tuple[str, object, object]] = []
    adopted: dict[str, Any] = {}
    for side in ("source", "target"):
        part = getattr(config, side)
        ours, theirs = (getattr(getattr(one, side), "vocabulary", None) for one in (config, start.config))
        if not isinstance(ours, PlainPieces) or not isinstance(theirs, PlainPieces):
            continue
        default = type(part)().vocabulary
        plain = default if isinstance(default, PlainPieces) else Pieces()
        for name in [one.name for one in fields(ours) if one.name not in _OWN]:
            key, value, other = f"{side}.vocabulary.{name}", getattr(ours, name), getattr(theirs, name)
            asked = value != getattr(plain, name) if given is None else key in given
            if asked and value != other:
                lost.append((key, value, other))
        own = {name: getattr(ours, name) for name in _OWN if hasattr(ours, name)}
        adopted[side] = replace(part, vocabulary=replace(theirs, **own))
    joint = [getattr(one.target, "vocabulary", None) == "source" for one in (config, start.config)]
    asked = not joint[0] if given is None else any(key.startswith("target.vocabulary") for key in given)
    if asked and joint[0] != joint[1]:
        words = {True: "source", False: "of its own"}
        lost.append(("target.vocabulary", words[joint[0]], words[joint[1]]))
    if lost:
        settings = " and ".join(f"{key} {_plain(value)}" for key, value, _ in lost)
        remedy = " ".join(f"--{key} {_plain(other)}" for key, _, other in lost)
        raise RequestError(
            f"{settings} cannot be: a run --from a model has the model's vocabulary; add {remedy}, or train without "
            "--from"
        )
    if isinstance(config.target, TextTarget):
        adopted.setdefault("target", start.config.target)
    try:
        return replace(config, **adopted)
    except ValueError as error:
        raise RequestError(f"the config does not suit the vocabulary of the model to start from: {error}") from None


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def take_vocabulary(config: Experiment, other: Bundle, name: object) -> Experiment:
    """The config of a language model that writes in the target vocabulary of another model, called `name`.

    RequestError for any other config, and for a model that does not write in pieces of text.
    """
    if not isinstance(config.target, NextTarget):
        raise RequestError("--vocabulary-of is for language models; other models train their own, or start --from one")
    theirs = getattr(other.config.target, "vocabulary", None)
    theirs = getattr(other.config.source, "vocabulary", None) if theirs == "source" else theirs
    if not isinstance(theirs, Pieces):
        raise RequestError(
            f"{name} does not write in pieces of text; a language model for a reader is one of characters, with a "
            "vocabulary of its own: leave out --vocabulary-of, and add --target.vocabulary.kind char"
        )
    return replace(config, target=replace(config.target, vocabulary=replace(theirs, sample=0.0)))


def doubt_start(start: Bundle, config: Experiment) -> Iterator[str]:
    """Warnings of settings that change what the weights of a model mean, though they fit."""
    for section in ("model", "source"):
        theirs, ours = (flat(to_dict(getattr(one, section)), f"{section}.") for one in (start.config, config))
        for key in ours:
            own = key.startswith(_FREE) or key.endswith(("dropout", "_drop", "_width"))
            if not own and ours[key] != theirs.get(key):
                yield f"warning: the model to start from was trained with {key} {theirs.get(key)}, not {ours[key]}"


def doubt_languages(start: Bundle, languages: tuple[str, str]) -> Iterator[str]:
    """A warning of data in other languages than the model's."""
    if start.languages is not None and tuple(start.languages) != tuple(languages):
        yield (
            f"warning: the model to start from was trained on {' to '.join(start.languages)}, the data is "
            f"{' to '.join(languages)}"
        )


def doubt_vocabulary(start: Bundle, texts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Warnings of texts, by side, in a script that the model's vocabulary spells in bytes."""
    for side, lines in texts.items():
        pieces, of_bytes, looked_at = _count(lines, start.vocabularies[side])
        if of_bytes > _BYTES * pieces:
            yield (
                f"warning: the vocabulary of the model to start from spells {100 * of_bytes / pieces:.0f} % of the "
                f"{side} in bytes, {pieces / looked_at:.0f} subwords a line; train without --from for one that suits it"
            )


def _count(lines: Sequence[str], vocabulary: Vocabulary) -> tuple[int, int, int]:
    """Pieces, those of them that are single bytes, and lines, of lines spread over a text."""
    some = lines[:: max(1, len(lines) // _LOOKED_AT)]
    pieces = [piece for line in some for piece in vocabulary.pieces(vocabulary.encode(line))]
    return len(pieces), sum(_BYTE.fullmatch(piece) is not None for piece in pieces), len(some)


def start_from(model: nn.Module, other: nn.Module, rows: dict[str, Tensor] | None = None) -> None:
    """Copy the weights of another model; RequestError unless all of them fit.

    `rows` is for models whose vocabularies differ: by the name of a weight, for every row of ours the row of the other
    model's that it takes; -1 leaves ours as it is.
    """
    ours, theirs = model.state_dict(), other.state_dict()
    for key, taken in (rows or {}).items():
        merged = ours[key].clone()
        merged[taken >= 0] = theirs[key][taken[taken >= 0]].to(merged.dtype)
        theirs[key] = merged
    for key in sorted(ours.keys() | theirs.keys()):
        shapes = [list(one[key].shape) if key in one else "absent" for one in (ours, theirs)]
        if shapes[0] != shapes[1]:
            raise RequestError(
                f"the model to start from has another architecture than the config: {key} is {shapes[1]} there and "
                f"{shapes[0]} here; train with the `model` section of its run's config.yaml"
            )
    model.load_state_dict(theirs)
