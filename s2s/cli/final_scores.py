"""What `s2s export` measures of a model of a run: its scores on all of the validation split, decoded as it ships."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from s2s.bundle.bundle import Bundle

Scores = dict[str, dict[str, Any]]


def final_scores(bundle: "Bundle", run: Path) -> Scores:
    """Scores with intervals of a model, on what the run of this folder validated on.

    RequestError says why there are none: the data is gone or has changed, or it is not known what was held out.
    """
    from s2s.cli.scoring import READING, TRANSLATION
    from s2s.metrics.score import score
    from s2s.training.validated import validated

    found = validated(bundle, run)
    beam = bundle.config.decoding.beam
    decoded = f"beam {beam}, all {len(found.references[0]):,} examples"
    print(f"scoring {found.split} ({decoded}); --unscored leaves it out ...", file=sys.stderr)
    outputs = found.read()
    values = {}
    for name in READING if found.language is None else TRANSLATION:
        one = score(name, outputs, found.references, found.language)
        values[name] = {"value": one.value, "low": one.low, "high": one.high, "signature": one.signature}
        values[name] |= {"split": found.split, "decoded": decoded}
    return values


def run_of(model: Path) -> Path | None:
    """The folder of the run that a model is in: itself, its model, or one of its checkpoints."""
    from s2s.training.folder import RunFolder

    return next((one for one in (model, *model.parents[:2]) if RunFolder(one).data.is_file()), None)
