"""Training a subword vocabulary with SentencePiece, the same on any machine."""

import io
import re
from collections import Counter
from collections.abc import Iterable

import sentencepiece

from s2s.config.errors import RequestError
from s2s.config.vocabulary import PlainPieces
from s2s.text.subwords import Subwords
from s2s.text.vocabulary import BOS, EOS, PAD, UNK

FIXED = 4 + 256
"""Ids that every vocabulary has: specials and bytes."""
_THREADS = 4  # sums are grouped by thread, so the number is part of the result
_LONGEST_CHUNK = 4000  # the library's merges count positions in a word with 16 bits
_LONGEST_WORD = 100
# Line breaks and tabs never get a piece; the others the library keeps for itself, skipping lines that hold them.
_RESERVED = str.maketrans(dict.fromkeys("\n\r\t\0\u2581\u2585", " "))


def train_subwords(lines: Iterable[str], config: PlainPieces) -> Subwords:
    """A vocabulary of at most `config.size` ids; compare `len` of the result to say where the text supports fewer.

    Every line counts, whatever its length. RequestError where there is no text, where `size` cannot hold the alphabet
    (it says what can), or where a word model is asked of text without spaces.
    """
    text = [" " + line.translate(_RESERVED) for line in lines if line.strip()]
    if not text:
        raise RequestError("there is no text to train a vocabulary on; every line is blank")
    _check(text, config)
    if config.kind == "word":
        text = [re.sub(rf"[^ ]{{{_LONGEST_WORD + 1},}}", "", line) for line in text]
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=(
                line[start : start + _LONGEST_CHUNK] for line in text for start in range(0, len(line), _LONGEST_CHUNK)
            ),
            model_writer=model,
            model_type=config.kind,
            vocab_size=config.size,
            hard_vocab_limit=False,
            character_coverage=config.coverage,
            byte_fallback=True,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            add_dummy_prefix=False,
            pad_id=PAD,
            unk_id=UNK,
            bos_id=BOS,
            eos_id=EOS,
            max_sentence_length=5 * _LONGEST_CHUNK,
            num_threads=_THREADS,
            minloglevel=2,
        )
    except RuntimeError as error:
        raise RequestError(
            f"SentencePiece cannot train {config.kind} subwords of size {config.size}: {error}"
        ) from None
    return Subwords(model.getvalue())


def _check(text: list[str], config: PlainPieces) -> None:
    try:
        counts = Counter("".join(text))
        "".join(counts).encode()
    except UnicodeEncodeError:
        raise RequestError("the training text holds half a character (a lone surrogate); repair or remove it") from None
    if config.kind == "word":
        if not any(" " in line.strip() for line in text):
            raise RequestError("vocabulary.kind is word, but no line has a space; use unigram, bpe or char")
        smallest, why = FIXED + 1, "specials and bytes"
    else:
        alphabet = _alphabet(counts, config.coverage)
        smallest, why = FIXED + alphabet, f"specials, bytes and {alphabet:,} characters"
    if config.size < smallest:
        raise RequestError(
            f"vocabulary.size {config.size:,} cannot hold {why}; set it to {smallest:,} or more"
            + ("" if config.kind == "word" else ", or lower vocabulary.coverage")
        )


def _alphabet(counts: Counter[str], coverage: float) -> int:
    """How many characters, the most frequent first, cover the share `coverage` of the text."""
    covered, total = 0, counts.total()
    for size, (_, count) in enumerate(counts.most_common()):
        if covered / total >= coverage:
            return size
        covered += count
    return len(counts)
