"""What a checkpoint carries besides Lightning's state, so that it is a model by itself.

s2s.bundle.checkpoint reads it back as a model.
"""

import json
from typing import Any

from s2s.bundle.bundle import Bundle
from s2s.bundle.description import finite
from s2s.bundle.vocabularies import pack_vocabularies
from s2s.config.strict import to_dict
from s2s.training.chosen import DRAWN


def pack(bundle: Bundle, drawn: bool) -> dict[str, Any]:
    """Config and what is known of its making as JSON, languages and lengths, and the vocabularies' files."""
    return {
        "config": json.dumps(to_dict(bundle.config)),
        DRAWN: drawn,
        "info": json.dumps(finite(bundle.info)),
        "languages": None if bundle.languages is None else list(bundle.languages),
        "max_source": bundle.max_source,
        **pack_vocabularies(bundle.vocabularies),
    }
