"""What a search is to know besides its model: other models, a language model of what is written, a list of words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from shlex import quote
from typing import Any, get_args

from s2s.bundle.bundle import Bundle
from s2s.bundle.load import load, need_task
from s2s.config.errors import RequestError
from s2s.config.target import NextTarget
from s2s.inference.predictor import Predictor
from s2s.inference.recognizer import Recognizer
from s2s.inference.series import SeriesReader
from s2s.inference.translator import Translator
from s2s.nn.model import EncoderDecoder, EncoderHead, LanguageModel
from s2s.search.character_model import CharacterModel
from s2s.search.ensemble import Mean
from s2s.search.lexicon import Lexicon, fold
from s2s.search.prior import Prior, Together
from s2s.text.charset import Charset, nfc
from s2s.text.lines import read_lines
from s2s.text.piece_table import SPACE
from s2s.text.vocabulary import UNK, Vocabulary

WEIGHT = 0.2
"""Of a language model, where none is given."""
BEAM = 16
"""Prefixes that a reader keeps that is guided, where its own decoding is greedy."""
_MOST = 100
"""Of any weight: beyond, nothing else would count."""


@dataclass(frozen=True)
class Guidance:
    """Options of `s2s.load` and of the commands. RequestError for values that cannot be."""

    lm: str | Path | None = None
    """A language model: of a translator's target vocabulary; for a reader, of characters."""
    lm_weight: float | None = None
    """What its log-probabilities are multiplied by; default: WEIGHT."""
    lm_bonus: float | None = None
    """For readers: what each character adds to a score, since a language model favours short texts; default: 0."""
    lexicon: str | Path | None = None
    """For readers: a file of the words that they may read, one a line."""
    lexicon_weight: float | None = None
    """What a word of the lexicon adds to a score; without it, nothing else is read."""
    ensemble: Sequence[str | Path] = ()
    """For translators: other models of the same vocabularies; at every step, what is probable is the mean over all."""
    ensemble_mean: Mean | None = None
    """Of what: probabilities, which is the default, or logs."""

    def __post_init__(self) -> None:
        if isinstance(self.ensemble, str | Path):
            raise RequestError(f"ensemble must be a list of models, not {str(self.ensemble)!r}")
        if self.ensemble_mean not in (None, *get_args(Mean)):
            raise RequestError(f"--ensemble-mean must be {' or '.join(get_args(Mean))}, not {self.ensemble_mean}")
        if self.ensemble_mean and not self.ensemble:
            raise RequestError("--ensemble-mean goes with --ensemble")
        for name in ("lm_weight", "lm_bonus", "lexicon_weight"):
            value, owner = getattr(self, name), name.split("_")[0]
            if value is None:
                continue
            if getattr(self, owner) is None:
                raise RequestError(f"{_option(name)} goes with {_option(owner)}")
            if not isinstance(value, int | float) or not math.isfinite(value):
                raise RequestError(f"{name} must be a number, not {value!r}")
            least = -_MOST if name == "lm_bonus" else 0
            if not least <= value <= _MOST:
                raise RequestError(f"{_option(name)} must be between {least} and {_MOST}, not {value}")

    def given(self) -> dict[str, Any]:
        """What was asked for, by name."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if value not in (None, ())}


def guide(
    predictor: Predictor[Any, Any],
    guidance: Guidance,
    name: str | Path,
    beam: int | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Have the model `name` search with this in mind from now on; `beam` is what was asked for, `say` prints a line.

    RequestError where the model cannot, or the language model is not of its vocabulary.
    """
    given = guidance.given()
    if not given:
        return
    kind = type(predictor)
    if kind not in _GUIDED:
        raise RequestError(f"{_option(next(iter(given)))} is for translators and readers, and {name} is neither")
    _GUIDED[kind](predictor, guidance, str(name), beam, say)


def _guide_translator(
    translator: Translator, guidance: Guidance, name: str, beam: int | None, say: Callable[[str], None]
) -> None:
    """See `guide`."""
    for option in guidance.given():
        if option not in ("lm", "lm_weight", "ensemble", "ensemble_mean"):
            raise RequestError(f"{_option(option)} is for readers of pictures, and {name} translates")
    translator.mean = guidance.ensemble_mean or translator.mean
    for other in guidance.ensemble:
        _join(translator, other, name)
    if guidance.lm is None:
        return
    lm = _load(guidance.lm, translator)
    if lm.vocabularies["target"].fingerprint != translator.target_vocabulary.fingerprint:
        raise RequestError(
            f"{guidance.lm} has another vocabulary than {name} writes in; train a language model that has it: "
            f"s2s train CONFIG --data DATA --out RUN --vocabulary-of {quote(name)}"
        )
    translator.language = (_network(lm).decoder, _weight(guidance))


def _join(translator: Translator, other: str | Path, name: str) -> None:
    """Have the model `other` search together with a translator. RequestError where it cannot."""
    bundle = need_task(load(other, translator.device), other, "translation")
    member = Translator.from_bundle(bundle)
    for side in ("source", "target"):
        if bundle.vocabularies[side].fingerprint != translator.bundle.vocabularies[side].fingerprint:
            raise RequestError(
                f"{other} has another {side} vocabulary than {name}, and an ensemble needs the same; train both on the "
                "same data with the same settings of the vocabulary (another --seed), or one --from the other"
            )
    if (member.normalization, member.written) != (translator.normalization, translator.written):
        raise RequestError(f"{other} puts text into another Unicode form than {name}; they cannot be an ensemble")
    if bundle.languages != translator.bundle.languages:
        raise RequestError(f"{other} translates other languages than {name}; they cannot be an ensemble")
    assert isinstance(bundle.model, EncoderDecoder)
    translator.others = (*translator.others, bundle.model.eval())
    translator.max_source = min(translator.max_source, member.max_source)


def _guide_reader(
    reader: Recognizer | SeriesReader, guidance: Guidance, name: str, beam: int | None, say: Callable[[str], None]
) -> None:
    """See `guide`."""
    if guidance.ensemble:
        raise RequestError(f"--ensemble is for translators, and {name} reads pictures")
    option = _option(next(iter(guidance.given())))
    if not isinstance(reader.model, EncoderHead):
        raise RequestError(f"{option} is for readers with a CTC head, and {name} writes character by character")
    if beam == 1:
        raise RequestError(f"{option} needs a beam, and --beam 1 is greedy; leave it out (default: {BEAM})")
    if reader.decoding.beam == 1:
        reader.decoding = replace(reader.decoding, beam=BEAM)
    priors: list[Prior[Any]] = []
    if guidance.lm is not None:
        lm = _load(guidance.lm, reader)
        target = lm.config.target
        assert isinstance(target, NextTarget)
        if target.vocabulary.kind != "char":
            raise RequestError(
                f"{guidance.lm} writes pieces of kind {target.vocabulary.kind}, and a reader needs a language model of "
                "characters; train one with --target.vocabulary.kind char"
            )
        tokens, begin = _tokens(lm.vocabularies["target"], reader.charset, str(guidance.lm), say)
        weight, bonus = _weight(guidance), guidance.lm_bonus or 0.0
        priors.append(CharacterModel(_network(lm).decoder, tokens, begin, weight, bonus))
    if guidance.lexicon is not None:
        words = _words(guidance.lexicon, reader.charset, say)
        priors.append(Lexicon(words, reader.charset.characters, guidance.lexicon_weight, reader.device))
    reader.prior = priors[0] if len(priors) == 1 else Together(priors)


_GUIDED: Mapping[type, Callable[[Any, Guidance, str, int | None, Callable[[str], None]], None]] = {
    Translator: _guide_translator,
    Recognizer: _guide_reader,
    SeriesReader: _guide_reader,
}
"""By kind of predictor; the others have no search to guide."""


def _load(name: str | Path | None, predictor: Predictor[Any, Any]) -> Bundle:
    assert name is not None
    return need_task(load(name, predictor.device), name, "language")


def _network(lm: Bundle) -> LanguageModel:
    assert isinstance(lm.model, LanguageModel)
    return lm.model.eval()


def _weight(guidance: Guidance) -> float:
    return WEIGHT if guidance.lm_weight is None else float(guidance.lm_weight)


def _tokens(
    vocabulary: Vocabulary, charset: Charset, name: str, say: Callable[[str], None]
) -> tuple[Sequence[int], int]:
    """The language model's token for each character of a reader, unk where it has none, and the one of a space."""
    pieces = {piece: number for number, piece in enumerate(vocabulary.pieces(range(len(vocabulary))))}
    begin = pieces.get(SPACE)
    if begin is None:
        raise RequestError(f"{name} has no token for the space, with which its lines begin; train it again")
    known = {piece: number for piece, number in pieces.items() if len(piece) == 1 and piece != SPACE} | {" ": begin}
    if unknown := [character for character in charset.characters if character not in known]:
        shown = " ".join(unknown[:40]) + (" ..." if len(unknown) > 40 else "")
        say(f"{name} has not seen {len(unknown):,} of the reader's characters, and finds them unlikely: {shown}")
    return [known.get(character, UNK) for character in charset.characters], begin


def _words(path: str | Path, charset: Charset, say: Callable[[str], None]) -> list[str]:
    """The words of a file that a reader can write. RequestError for what is not a list of words."""
    writable = {fold(character) for character in charset.characters} - {" "}
    words, strange = [], 0
    for number, line in enumerate(read_lines(Path(path)), start=1):
        word = nfc(line.strip())
        if " " in word:
            raise RequestError(f'{path}, line {number:,}: "{word[:80]}" has a space; a lexicon has one word a line')
        if word and writable.issuperset(map(fold, word)):
            words.append(word)
        else:
            strange += bool(word)
    if not words:
        raise RequestError(f"{path} has no word that the reader can write; a lexicon has one word a line")
    if strange:
        say(f"{path}: {strange:,} of {strange + len(words):,} words have characters that the reader cannot write")
    return words


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
