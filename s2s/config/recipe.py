"""A data recipe: where parallel text comes from, how it is read, what is cleaned. One YAML in recipes/ or your own.

A corpus of your own is eight lines:

    languages: [de, en]
    base: /data/corpus
    read:
      kind: lines
      splits:
        train: {source: train.de, target: train.en}
        val: {source: dev.de, target: dev.en}
        test: {source: test.de, target: test.en}
"""

import re
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from s2s.config.checks import at_least
from s2s.config.nearest import did_you_mean

LABEL = "label"
"""The target's language where the target is the name of a class."""
TAGS = "tags"
"""The target's language where the target is the tag of each word, separated by spaces as the words are."""


def check_splits(splits: dict[str, object]) -> None:
    """Raise ValueError unless there is a `train` split and every name is a plain word."""
    if "train" not in splits:
        raise ValueError("splits must name a split called train")
    for name in splits:
        if not name.replace("_", "").replace("-", "").isalnum():
            raise ValueError(f'a split is called "{name}"; use letters, digits, _ and - only')


def check_sums(sums: dict[str, str], files: set[str]) -> None:
    """Raise ValueError unless every sum is one, and of one of the files."""
    for name, value in sums.items():
        if name not in files:
            raise ValueError(f'sha256 names "{name}", which is not a file in read{did_you_mean(name, files)}')
        if not re.fullmatch("[0-9a-f]{64}", value):
            raise ValueError(f"sha256 of {name} must be 64 hexadecimal digits in lower case")


@dataclass(frozen=True)
class Aligned:
    """Files whose lines correspond: line 7 of one translates line 7 of the other."""

    source: str
    """File of source lines, plain, .gz, .bz2 or .xz."""
    target: str
    """File of target lines, as many."""
    references: tuple[str, ...] = ()
    """Files of further translations of the same lines, for scoring against several references."""
    optional: bool = False
    """Leave the split out, and say so, where a file is not there."""


@dataclass(frozen=True)
class Lines:
    """Line-aligned files, one a language."""

    splits: dict[str, Aligned]
    """The files of each split; `train` must be there, `val` is validated on, the others are tests."""
    kind: Literal["lines"] = "lines"
    """Reader."""

    def __post_init__(self) -> None:
        check_splits(dict(self.splits))


@dataclass(frozen=True)
class Table:
    """Files of columns; how they are read is found by looking at them, and reported."""

    splits: dict[str, str]
    """The file of each split, plain, .gz, .bz2 or .xz."""
    kind: Literal["tsv", "csv"] = "tsv"
    """Reader; the two differ in the delimiter that is tried first."""
    source: int | str = 1
    """Column of the source text, counted from 1, or its name in the header."""
    target: int | str = 2
    """Column of the target text, likewise."""
    delimiter: Literal["auto", "tab", "comma", "semicolon", "bar"] = "auto"
    """What separates columns. auto: in a tsv a tab if there is one; else the first that gives all lines as many."""
    quoting: Literal["auto", "csv", "none"] = "auto"
    """csv: quotes enclose fields, as spreadsheets write them. none: a quote is text. auto: csv where no line can get
    lost by it, and every quote of the file is explained by it."""
    header: bool | None = None
    """Whether the first line names the columns and is skipped; by default it does if a column is chosen by name, or if
    both fields are names of the languages or words such as source and target."""

    def __post_init__(self) -> None:
        check_splits(dict(self.splits))
        for key in ("source", "target"):
            if isinstance(getattr(self, key), int):
                at_least(1, self, key)
            elif self.header is False:
                raise ValueError(f"{key} names a column, which needs a header, and header is false")


@dataclass(frozen=True)
class Json:
    """Files of one JSON object a line."""

    splits: dict[str, str]
    """The file of each split, plain, .gz, .bz2 or .xz."""
    kind: Literal["jsonl"] = "jsonl"
    """Reader."""
    source: str = "source"
    """Key of the source text; `translation.de` is the key `de` inside `translation`."""
    target: str = "target"
    """Key of the target text."""

    def __post_init__(self) -> None:
        check_splits(dict(self.splits))


@dataclass(frozen=True)
class Conllu:
    """Treebanks in CoNLL-U. Multi-word tokens and empty nodes are left out and counted, and comments skipped."""

    splits: dict[str, str]
    """The file of each split, plain, .gz, .bz2 or .xz."""
    kind: Literal["conllu"] = "conllu"
    """Reader."""
    column: Literal["lemma", "upos", "xpos", "feats", "deprel"] = "upos"
    """The column of the tags."""

    def __post_init__(self) -> None:
        check_splits(dict(self.splits))


@dataclass(frozen=True)
class Columns:
    """Files of one word a line and its tags in columns, separated by tabs or spaces; a blank line ends a sentence."""

    splits: dict[str, str]
    """The file of each split, plain, .gz, .bz2 or .xz."""
    kind: Literal["columns"] = "columns"
    """Reader."""
    word: int = 1
    """Column of the words, counted from 1."""
    tag: int = -1
    """Column of the tags, likewise, or from the end: -1 is the last."""

    def __post_init__(self) -> None:
        check_splits(dict(self.splits))
        at_least(1, self, "word")
        if not self.tag:
            raise ValueError("tag must be a column counted from 1, or from the end as -1, not 0")


@dataclass(frozen=True)
class Hub:
    """A dataset of the Hugging Face hub, or a folder in its layout, read by `datasets.load_dataset`."""

    dataset: str
    """Name on the hub, such as wmt/wmt14, or a folder, relative to the recipe."""
    splits: dict[str, str]
    """The dataset's name of each split: `{train: train, val: validation, test: test}`."""
    kind: Literal["hub"] = "hub"
    """Reader."""
    config: str | None = None
    """The dataset's configuration, such as de-en."""
    revision: str | None = None
    """Branch, tag or commit; naming a commit makes the recipe reproducible."""
    source: str | None = None
    """Column of the source text; `a.b` is the key b inside a. By default the source language inside `translation`."""
    target: str | None = None
    """Column of the target text, likewise."""

    def __post_init__(self) -> None:
        check_splits(dict(self.splits))


@dataclass(frozen=True)
class Phrases:
    """The embedded corpus: dates, amounts, units, names and lists of CLDR in any two locales, made from a seed."""

    kind: Literal["phrases"] = "phrases"
    """Reader."""
    seed: int = 1
    """Seed of the generator; with the same Babel it gives the same text."""
    train: int = 24000
    """Pairs to train on."""
    val: int = 500
    """Pairs to validate on; no source of theirs is in train."""
    test: int = 1000
    """Pairs to test on; no source of theirs is in train or val."""

    def __post_init__(self) -> None:
        at_least(1, self, "train", "val", "test")


@dataclass(frozen=True)
class Cleaning:
    """What is left out of train, counted by reason in report.json. Other splits are never changed."""

    max_characters: int = 0
    """Longest text of either side in characters; 0 is no limit."""
    max_ratio: float = 0.0
    """Most that one side may be longer than the other, as a factor on top of the corpus' own ratio; 0 is no limit."""
    duplicates: bool = True
    """Drop repetitions of a pair."""
    overlap: Literal["keep", "pair", "source"] = "pair"
    """What is dropped because another split has it: nothing, the same pair, or any pair with the same source."""

    def __post_init__(self) -> None:
        at_least(0, self, "max_characters")
        if self.max_ratio and self.max_ratio <= 1:
            raise ValueError(f"max_ratio must be above 1, or 0 for no limit, not {self.max_ratio}")


@dataclass(frozen=True)
class Recipe:
    """How a dataset is made."""

    languages: tuple[str, str]
    """Codes of the source and the target language, such as [en, de]; [en, label] where the target is a class name,
    [en, tags] where it is a tag for each word."""
    read: Lines | Table | Json | Conllu | Columns | Hub | Phrases
    """The reader, by its `kind`, and what it reads."""
    base: str | None = None
    """Folder or http(s) address of the files in `read`; by default the recipe's own folder. --source replaces it."""
    cleaning: Cleaning = field(default_factory=Cleaning)
    """What is left out of train."""
    sha256: dict[str, str] = field(default_factory=dict)
    """SHA-256 of files in `read`, by name: any other content is refused, and a download that broke off is gone on
    with."""
    terms: str = ""
    """Terms of use of the data, shown on the cards of models trained on it."""

    content: ClassVar[str] = "pairs"

    @property
    def title(self) -> str:
        """What it makes, in a word."""
        return "-".join(self.languages)

    @property
    def labelled(self) -> bool:
        """Whether the target is the name of a class, or a tag for each word, and no text by itself."""
        return self.languages[1] in (LABEL, TAGS)

    def __post_init__(self) -> None:
        if self.labelled and self.cleaning.max_ratio:
            raise ValueError("cleaning.max_ratio compares lengths, and that of a label says nothing; leave it out")
        if isinstance(self.read, Conllu | Columns) and self.languages[1] != TAGS:
            raise ValueError(f"languages of a recipe that reads {self.read.kind} end with tags: [en, tags], say")
        check_sums(self.sha256, _files(self.read))


def _files(read: Lines | Table | Json | Conllu | Columns | Hub | Phrases) -> set[str]:
    """Names of the files that are read."""
    match read:
        case Lines():
            return {name for one in read.splits.values() for name in (one.source, one.target, *one.references)}
        case Table() | Json() | Conllu() | Columns():
            return set(read.splits.values())
        case _:
            return set()
