"""What `s2s export` measures of a model of a run: its scores on all of the validation split, decoded as it ships."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2s.cli.printing import notice

if TYPE_CHECKING:
    from s2s.bundle.bundle import Bundle

Scores = dict[str, dict[str, Any]]


def final_scores(bundle: "Bundle", run: Path) -> Scores:
    """Scores with intervals of a model, on what the run of this folder validated on.

    RequestError says why there are none: the data is gone or has changed, or it is not known what was held out.
    """
    from s2s.metrics.score import score
    from s2s.training.held_out import held_out

    found = held_out(bundle, run)
    beam = getattr(bundle.config.decoding, "beam", None)
    decoded = f"{'' if beam is None else f'beam {beam}, '}all {len(found.references[0]):,} examples"
    notice(f"scoring {found.split} ({decoded}); --unscored leaves it out ...")
    outputs = found.outputs()
    values = {}
    for name in bundle.metrics[::-1]:
        one = score(name, outputs, found.references, found.language)
        values[name] = {"value": one.value, "low": one.low, "high": one.high, "signature": one.signature}
        values[name] |= {"split": found.split, "decoded": decoded}
    return values


def run_of(model: Path) -> Path | None:
    """The folder of the run that a model is in: itself, its model, or one of its checkpoints."""
    from s2s.training.folder import RunFolder

    return next((one for one in (model, *model.parents[:2]) if RunFolder(one).data.is_file()), None)
