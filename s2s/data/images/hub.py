"""A dataset of the Hugging Face hub with a column of pictures and one of their texts."""

from pathlib import Path
from typing import Any

from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean
from s2s.config.picture_recipe import HubImages
from s2s.data.hub import load_split, place
from s2s.data.images.boundary import Boundary
from s2s.data.images.intake import Intake
from s2s.data.images.labelled import Problem
from s2s.image.load import BadImage, load, read_file


def read_hub_images(recipe: HubImages, source: str | None, intake: Intake, allow_outside: bool = False) -> None:
    """Take in every split; `source` is a local folder that takes the place of the hub.

    A picture that is stored as a path must lie in the dataset's folder or in what was downloaded, or `allow_outside`.

    Raises RequestError where there is no such dataset, split or column, WorkError where the hub cannot be reached.
    """
    import datasets

    boundaries = _boundaries(source or recipe.dataset, allow_outside)
    for name, split in recipe.splits.items():
        rows = load_split(recipe.dataset, recipe.config, split, recipe.revision, source)
        where = place(recipe.dataset, split, source)
        for column in (recipe.image, recipe.text):
            if column not in rows.column_names:
                raise RequestError(f'{where}: no column "{column}"{did_you_mean(column, rows.column_names)}')
        if not isinstance(rows.features[recipe.image], datasets.Image):
            raise RequestError(f"{where}: column {recipe.image} holds no pictures")
        intake.open(name)
        for number, row in enumerate(rows.cast_column(recipe.image, datasets.Image(decode=False))):
            _take(row[recipe.image], row[recipe.text], f"{split}/{number}", name, intake, boundaries)


def _boundaries(folder: str, allow_outside: bool) -> list[Boundary]:
    """Where the files of a dataset may lie: its folder, if it is one here, and the caches of the hub's libraries."""
    import datasets
    from huggingface_hub.constants import HF_HUB_CACHE

    caches = [Path(HF_HUB_CACHE), Path(datasets.config.HF_DATASETS_CACHE)]
    return [Boundary(path, allow_outside) for path in ([Path(folder)] if Path(folder).is_dir() else caches)]


def _take(
    image: dict[str, Any] | None, text: Any, name: str, split: str, intake: Intake, boundaries: list[Boundary]
) -> None:
    """Take in a row, or note why not."""
    if not isinstance(text, str):
        intake.drop(split, [Problem(name, "has no label that is a text")])
        return
    if "\n" in text or "\r" in text:
        intake.drop(split, [Problem(name, "its label has a line break inside; cut the picture into lines")])
        return
    try:
        if image is None:
            raise BadImage(f"{name}: there is no picture")
        file = image["bytes"] if image["bytes"] is not None else _read(Path(image["path"]), name, boundaries)
        load(file, name=name)
    except BadImage as error:
        intake.drop(split, [Problem(name, str(error).removeprefix(f"{name}: "))])
        return
    intake.add(split, name, file, text)


def _read(path: Path, name: str, boundaries: list[Boundary]) -> bytes:
    if all(boundary.outside(path) for boundary in boundaries):
        raise BadImage(f"{name}: {path} lies outside the dataset; --allow-outside takes it in")
    return read_file(path, name)
