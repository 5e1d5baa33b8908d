"""One spelling for what looks the same: the form in which a translator sees text, in training and in use."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

Normalisation = Literal["nfc-spaces", "nfkc", "none"]

COMPOSED = "other spelling in Unicode {}"
SPACES = "space other than the plain one"
INVISIBLE = "control or invisible character"

# Unicode's spaces, tab, line breaks and the separators of ASCII: whatever Python calls white space.
_SPACE = re.compile(r"[^\S ]")
# Controls, soft hyphen, zero width space, word joiner, byte order mark. The joiners U+200C and U+200D spell Persian,
# Hindi and emoji, and direction marks order Hebrew and Arabic on the screen: those stay.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff]")


def normalise(text: str, kind: Normalisation = "nfc-spaces") -> str:
    """The text in the form that `kind` names, see `s2s.config.vocabulary.Pieces`; doing it twice changes nothing."""
    if kind == "none" or (text.isascii() and text.isprintable()):
        return text
    # In this order: what stood between a letter and its accent is gone before they are joined.
    return unicodedata.normalize(_form(kind), _INVISIBLE.sub("", _SPACE.sub(" ", text)))


def differences(text: str, kind: Normalisation = "nfc-spaces") -> Iterator[str]:
    """What `normalise` changes in the text, each reason once."""
    if kind == "none" or (text.isascii() and text.isprintable()):
        return
    if _SPACE.search(text):
        yield SPACES
    if _INVISIBLE.search(text):
        yield INVISIBLE
    plain = _INVISIBLE.sub("", _SPACE.sub(" ", text))
    if not unicodedata.is_normalized(_form(kind), plain):
        yield COMPOSED.format(_form(kind))


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in the text: no character, or only spaces, controls and invisible ones."""
    return not text.strip() or not normalise(text).strip()


def normalise_all(
    texts: Iterable[str],
    kind: Normalisation,
    changed: Counter[str],
    way: Callable[[str, Normalisation], str] = normalise,
) -> list[str]:
    """Normalise many texts in a `way`; how many are changed is counted in `changed` by reason."""
    normalised = []
    for text in texts:
        normalised.append(way(text, kind))
        if normalised[-1] != text:
            changed.update(differences(text, kind))
    return normalised


def _form(kind: Normalisation) -> Literal["NFC", "NFKC"]:
    return "NFKC" if kind == "nfkc" else "NFC"
