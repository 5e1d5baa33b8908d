"""A split of a dataset of the Hugging Face hub, or of a local folder in its layout."""

from pathlib import Path
from typing import Any

from s2s.config.errors import RequestError, WorkError

_PATIENCE = 15.0
"""Seconds that the hub is given to answer."""


def load_split(dataset: str, config: str | None, split: str, revision: str | None, source: str | None) -> Any:
    """The split as a `datasets.Dataset`; `source` is a local folder that takes the place of the hub.

    Raises RequestError where there is no such dataset or split, WorkError where the hub cannot be reached.
    """
    import datasets  # a second and a half that other readers do without
    from datasets.exceptions import DatasetNotFoundError

    if source is not None and not Path(source).is_dir():
        raise RequestError(f"--source {source}: no such folder; for a hub recipe it is a local copy of {dataset}")
    where = place(dataset, split, source)
    if source is None and not Path(dataset).is_dir() and not datasets.config.HF_HUB_OFFLINE:
        _ask(dataset, revision, where)
    try:
        return datasets.load_dataset(source or dataset, config, split=split, revision=revision)
    except DatasetNotFoundError:
        raise RequestError(
            f"{where}: there is no such dataset; check its name and revision, and `hf auth login` if it is not public"
        ) from None
    except RuntimeError as error:  # "Dataset scripts are no longer supported"
        if "script" not in str(error):
            raise
        raise RequestError(
            f"{where}: it is made by a script, which would run code of its author's ({_first_line(error)}); name a "
            "revision that holds the data as files, such as refs/convert/parquet"
        ) from None
    except ValueError as error:
        raise RequestError(
            f"{where}: cannot be read so; check splits, config and revision ({_first_line(error)})"
        ) from None
    except OSError as error:  # connection, time-out and offline mode alike
        raise WorkError(
            f"{where}: the hub cannot be reached ({_first_line(error)}); "
            "check the network, or give a local copy with --source"
        ) from None


def local_copy(dataset: str, folder: Path) -> str | None:
    """The folder that a recipe's dataset is, relative to the recipe's own `folder`; None for a name on the hub.

    RequestError for a path where there is none, and for a folder that only the working directory has: the library would
    take that.
    """
    path = folder / Path(dataset).expanduser()
    if path.is_dir():
        return str(path)
    named = dataset.startswith(("/", "./", "../", "~")) or dataset.count("/") > 1
    if named or Path(dataset).is_dir():
        raise RequestError(
            f"dataset {dataset}: there is no folder {path}; give a path relative to the recipe, or the name of a "
            "dataset of the hub (NAME or OWNER/NAME)"
        )
    return None


def place(dataset: str, split: str, source: str | None) -> str:
    """What a split is called in messages."""
    return f"dataset {source or dataset}, split {split}"


def _ask(dataset: str, revision: str | None, where: str) -> None:
    """WorkError where the hub does not answer; `datasets` would go on asking it for many minutes."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    try:
        HfApi().dataset_info(dataset, revision=revision, timeout=_PATIENCE)
    except (HfHubHTTPError, ValueError):
        pass  # an answer, if not a good one: `datasets` reports what is wrong
    except Exception as error:  # whatever the HTTP library of this version of the hub raises
        raise WorkError(
            f"{where}: the hub does not answer ({_first_line(error)}); check the network, give a local copy with "
            "--source, or set HF_HUB_OFFLINE=1 to use what was downloaded before"
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
