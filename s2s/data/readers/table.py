"""Tab-separated columns."""

from s2s.config.errors import RequestError
from s2s.config.recipe import Table
from s2s.data.pairs import Pairs, Reading
from s2s.data.place import Place
from s2s.text.lines import read_lines


def read_table(recipe: Table, place: Place) -> Reading:
    """Read every split's table; raises RequestError for a missing file or a line with too few columns."""
    reading = Reading({})
    for name, file in recipe.splits.items():
        path = place.need(file)
        pairs = reading.splits[name] = Pairs([], [])
        wanted = max(recipe.source, recipe.target)
        for number, line in enumerate(read_lines(path, pairs.changed), start=1):
            if number == 1 and recipe.header:
                continue
            # A blank line is a blank pair, which cleaning counts as one.
            columns = line.split("\t") if line.strip() else [""] * wanted
            if len(columns) < wanted:
                has = f"{len(columns)} column{'s' * (len(columns) > 1)}"
                raise RequestError(f"{path}, line {number}: {has}, but the recipe reads column {wanted}")
            pairs.source.append(columns[recipe.source - 1])
            pairs.target.append(columns[recipe.target - 1])
    return reading
