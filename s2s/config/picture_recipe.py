"""A data recipe for pictures of text: folders in any layout to one dataset. One YAML in recipes/ or your own.

base: /data/scans
read:
  kind: images
  splits: {train: [letters, diaries], test: [newspapers]}
  hold_out: 10
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from s2s.config.checks import at_least
from s2s.config.nearest import did_you_mean
from s2s.config.recipe import check_splits


@dataclass(frozen=True)
class Images:
    """Folders of labelled pictures: label tables, x.png + x.gt.txt, ICDAR."""

    splits: dict[str, tuple[str, ...]]
    """The folders of each split, FOLDER or FOLDER:SPLIT; `train` must be there, `val` is validated on."""
    kind: Literal["images"] = "images"
    """Reader."""
    hold_out: int = 0
    """Move one picture in so many from train to val, chosen by the hash of its file name, beside those that `val` names
    itself; 0 moves none."""
    hold_out_of: tuple[str, ...] = ()
    """Folders of train that pictures are held out of; all of them if none is named."""
    repeat: dict[str, int] = field(default_factory=dict)
    """How many times the pictures of a folder of train stand there, so that a rare kind counts; 1 if unnamed."""

    def __post_init__(self) -> None:
        check_splits(dict(self.splits))
        at_least(0, self, "hold_out")
        if self.hold_out == 1:
            raise ValueError("hold_out 1 would leave nothing to train on; use 10, say")
        if self.hold_out_of and not self.hold_out:
            raise ValueError("hold_out_of names folders, and hold_out is 0; set hold_out to 10, say")
        for key in ("hold_out_of", "repeat"):
            for folder in getattr(self, key):
                if folder not in self.splits["train"]:
                    nearest = did_you_mean(folder, self.splits["train"])
                    raise ValueError(f'{key} names "{folder}", which is not a folder of splits.train{nearest}')
        for folder, times in self.repeat.items():
            if times < 1:
                raise ValueError(f"repeat.{folder} must be 1 or more, not {times}")


@dataclass(frozen=True)
class HubImages:
    """A dataset of the Hugging Face hub with a column of pictures, or a folder in its layout."""

    dataset: str
    """Name on the hub, such as Teklia/IAM-line."""
    splits: dict[str, str]
    """The dataset's name of each split: `{train: train, val: validation, test: test}`."""
    kind: Literal["hub_images"] = "hub_images"
    """Reader."""
    config: str | None = None
    """The dataset's configuration."""
    revision: str | None = None
    """Branch, tag or commit; naming a commit makes the recipe reproducible."""
    image: str = "image"
    """Column of the pictures."""
    text: str = "text"
    """Column of their texts."""

    def __post_init__(self) -> None:
        check_splits(dict(self.splits))


@dataclass(frozen=True)
class PictureRecipe:
    """How a data set of pictures is made."""

    read: Images | HubImages
    """The reader and what it reads."""
    base: str | None = None
    """Folder of the folders in `read`; by default the recipe's own folder. --source replaces it."""
    terms: str = ""
    """Terms of use of the data, shown on the cards of models trained on it."""

    content: ClassVar[str] = "pictures"
    title: ClassVar[str] = "pictures"
