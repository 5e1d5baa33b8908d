"""What a checkpoint carries besides Lightning's state, so that it is a model by itself.

s2s.bundle.checkpoint reads it back as a model.
"""

import json
from typing import Any

from s2s.bundle.bundle import Bundle, TranslationBundle
from s2s.bundle.codecs import pack_codecs
from s2s.config.strict import to_dict
from s2s.training.chosen import DRAWN


def pack(bundle: Bundle, drawn: bool) -> dict[str, Any]:
    """Config and what is known of its making as JSON, what a translator has besides, and the vocabularies' files."""
    translation = {}
    if isinstance(bundle, TranslationBundle):
        translation = {"languages": list(bundle.languages), "max_source": bundle.max_source}
    return {
        "config": json.dumps(to_dict(bundle.config)),
        "info": json.dumps(bundle.info),
        DRAWN: drawn,
        **translation,
        **pack_codecs(bundle.codecs),
    }
