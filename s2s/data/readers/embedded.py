"""The embedded corpus as a reader."""

import babel
from babel.core import get_global

from s2s.config.recipe import Phrases
from s2s.data.pairs import Pairs, Reading
from s2s.data.phrases.corpus import phrases


def read_phrases(recipe: Phrases, languages: tuple[str, str]) -> Reading:
    """Make the corpus; it needs no file and no network."""
    # The tests are drawn first: a larger train split leaves them as they are.
    sizes = {"test": recipe.test, "val": recipe.val, "train": recipe.train}
    splits = phrases(languages, sizes, recipe.seed)
    return Reading(
        {name: Pairs(*splits[name]) for name in ("train", "val", "test")},
        origin={"babel": babel.__version__, "cldr": str(get_global("cldr")["version"])},
    )
