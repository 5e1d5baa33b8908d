"""A dataset of the Hugging Face hub with a translation column, or two text columns."""

from s2s.config.recipe import Hub
from s2s.data.hub import load_split, place
from s2s.data.pairs import Pairs, Reading, one_line
from s2s.data.readers.json_lines import pick


def read_hub(recipe: Hub, languages: tuple[str, str], source: str | None = None) -> Reading:
    """Read every split; `source` is a local folder that takes the place of the hub.

    Raises RequestError where there is no such dataset, split or column, WorkError where the hub cannot be reached.
    """
    import datasets

    keys = recipe.source or f"translation.{languages[0]}", recipe.target or f"translation.{languages[1]}"
    reading = Reading({}, origin={"datasets": datasets.__version__, "dataset": recipe.dataset})
    for name, split in recipe.splits.items():
        rows = load_split(recipe.dataset, recipe.config, split, recipe.revision, source)
        where = place(recipe.dataset, split, source)
        pairs = reading.splits[name] = Pairs([], [])
        for number, row in enumerate(rows):
            pairs.source.append(one_line(pick(row, keys[0], f"{where}, row {number}"), pairs.changed))
            pairs.target.append(one_line(pick(row, keys[1], f"{where}, row {number}"), pairs.changed))
    return reading
