"""A dataset of the Hugging Face hub with a translation column, or two text columns."""

from pathlib import Path

from s2s.config.errors import RequestError, WorkError
from s2s.config.recipe import Hub
from s2s.data.pairs import Pairs, Reading, one_line
from s2s.data.readers.json_lines import pick


def read_hub(recipe: Hub, languages: tuple[str, str], source: str | None = None) -> Reading:
    """Read every split through `datasets.load_dataset`; `source` is a local folder that takes the place of the hub.

    Raises RequestError where the hub has no such dataset, split or column, WorkError where it cannot be reached.
    """
    import datasets  # a second and a half that other readers do without
    from datasets.exceptions import DatasetNotFoundError

    if source is not None and not Path(source).is_dir():
        raise RequestError(
            f"--source {source}: no such folder; for a hub recipe it is a local copy of {recipe.dataset}"
        )
    dataset = source or recipe.dataset
    keys = recipe.source or f"translation.{languages[0]}", recipe.target or f"translation.{languages[1]}"
    reading = Reading({}, origin={"datasets": datasets.__version__, "dataset": recipe.dataset})
    for name, split in recipe.splits.items():
        where = f"dataset {dataset}, split {split}"
        try:
            rows = datasets.load_dataset(dataset, recipe.config, split=split, revision=recipe.revision)
        except (DatasetNotFoundError, ValueError) as error:
            raise RequestError(f"{where}: {_first_line(error)}") from None
        except OSError as error:  # connection, time-out and offline mode alike
            raise WorkError(
                f"{where}: the hub cannot be reached ({_first_line(error)}); "
                "check the network, or give a local copy with --source"
            ) from None
        pairs = reading.splits[name] = Pairs([], [])
        for number, row in enumerate(rows):
            pairs.source.append(one_line(pick(row, keys[0], f"{where}, row {number}"), pairs.changed))
            pairs.target.append(one_line(pick(row, keys[1], f"{where}, row {number}"), pairs.changed))
    return reading


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
