"""Starting a run from the weights of a model."""

from torch import Tensor, nn

from s2s.config.errors import RequestError


def start_from(model: nn.Module, other: nn.Module, rows: dict[str, Tensor] | None = None) -> None:
    """Copy the weights of another model; RequestError unless all of them fit.

    `rows` is for models whose vocabularies differ: by the name of a weight, for every row of ours the row of the other
    model's that it takes; -1 leaves ours as it is.
    """
    ours, theirs = model.state_dict(), other.state_dict()
    for key, taken in (rows or {}).items():
        merged = ours[key].clone()
        merged[taken >= 0] = theirs[key][taken[taken >= 0]].to(merged.dtype)
        theirs[key] = merged
    for key in sorted(ours.keys() | theirs.keys()):
        shapes = [list(one[key].shape) if key in one else "absent" for one in (ours, theirs)]
        if shapes[0] != shapes[1]:
            raise RequestError(
                f"the model to start from has another architecture than the config: {key} is {shapes[1]} there and "
                f"{shapes[0]} here; train with the `model` section of its run's config.yaml"
            )
    model.load_state_dict(theirs)
