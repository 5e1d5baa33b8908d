"""A data recipe for series: tables, files or folders of recordings, with labels. One YAML in recipes/ or your own.

base: /data/gestures
read:
  kind: series
  splits: {train: train, test: test}
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from s2s.config.checks import at_least
from s2s.config.recipe import check_splits, check_sums


@dataclass(frozen=True)
class SeriesFiles:
    """A file or a folder a split, plain, .gz, .bz2 or .xz; how it is read follows from its name.

    A folder has labels.tsv, a recording and its label a line, separated by a tab. A recording is a .csv, .tsv or .txt
    file of one row a line, perhaps with a line of names above them, or a .npy array (rows, columns). A .ts file is of
    the UEA and UCR archives. A .jsonl file has an object a line. Any other file has a series a line and its label.
    """

    splits: dict[str, str]
    """The file or folder of each split; `train` must be there, `val` is validated on."""
    kind: Literal["series"] = "series"
    """Reader."""
    columns: tuple[str, ...] = ()
    """Names of the columns, where the files have none. In a file of a series a line, whose numbers stand row after row,
    their number says where a row ends; without it a row is one number."""
    label: int | str = -1
    """In a file of a series a line, where the label stands: 1 is the first field, -1 the last. In JSON lines, the field
    of the label; -1 is `label`."""
    values: str = "values"
    """In JSON lines, the field of the numbers, a list of rows."""
    strokes: str = ""
    """In JSON lines, the field of pen strokes instead: a list for each, of points [x, y] or of x and y by turns. They
    become the columns x, y and lift, which is 1 at the last point of a stroke."""
    hold_out: int = 0
    """Move one series in so many from train to val, chosen by the hash of its name; 0 moves none."""

    def __post_init__(self) -> None:
        check_splits(dict(self.splits))
        at_least(0, self, "hold_out")
        if self.hold_out == 1:
            raise ValueError("hold_out 1 would leave nothing to train on; use 10, say")
        if self.hold_out and "val" in self.splits:
            raise ValueError("hold_out makes the split val, and splits has a file for it; leave out one of them")
        if isinstance(self.label, int) and self.label not in (1, -1):
            raise ValueError(f"label is the first field (1), the last (-1) or a name, not {self.label}")
        if self.strokes and self.values != "values":
            raise ValueError("values and strokes both name the field of the numbers; leave out one of them")
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("columns names one twice")


@dataclass(frozen=True)
class SeriesRecipe:
    """How a data set of series is made."""

    read: SeriesFiles
    """What is read."""
    target: Literal["label", "text"] = "label"
    """What stands beside each series: the name of a class, or a text that it spells."""
    base: str | None = None
    """Folder or http(s) address of what `read` names; by default the recipe's own folder. --source replaces it."""
    sha256: dict[str, str] = field(default_factory=dict)
    """SHA-256 of files in `read`, by name: any other content is refused."""
    terms: str = ""
    """Terms of use of the data, shown on the cards of models trained on it."""

    content: ClassVar[str] = "series"
    title: ClassVar[str] = "series"

    def __post_init__(self) -> None:
        check_sums(self.sha256, set(self.read.splits.values()))
