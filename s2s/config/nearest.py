"""Suggestions for a name that does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """What to append to an error about `name`: `; did you mean "dropout"?`, or all the names if none is close."""
    known = sorted(set(names))
    # Compared without case, so that `BLEU` finds `bleu`.
    folded = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.55)
    if not close:  # `phrases` for `translation/phrases`
        close = [candidate for candidate in folded if name and candidate.endswith(f"/{name.casefold()}")][:1]
    if close:
        return f'; did you mean "{folded[close[0]]}"?'
    return f"; choose from {', '.join(known)}" if known else ""
