"""What a checkpoint carries besides Lightning's state, so that it is a model by itself: config and vocabularies.

s2s.bundle.checkpoint reads it back as a model.
"""

import json
from typing import Any

from s2s.bundle.bundle import Bundle, TranslationBundle
from s2s.bundle.codecs import pack_codecs
from s2s.config.strict import to_dict


def pack(bundle: Bundle) -> dict[str, Any]:
    """Config as JSON, languages if it has any, and the vocabularies' files as bytes (uint8 tensors)."""
    return {
        "config": json.dumps(to_dict(bundle.config)),
        **({"languages": list(bundle.languages)} if isinstance(bundle, TranslationBundle) else {}),
        **pack_codecs(bundle.codecs),
    }
