"""A text file beside every picture, `x.png` and `x.gt.txt`: kraken, Calamari, tesstrain, ocropus."""

from pathlib import Path

from s2s.config.regular import check_regular
from s2s.data.images.labelled import ImageFolder, LabelledImage, Problem, is_image
from s2s.text.lines import read_lines

LABEL, PLAIN = ".gt.txt", ".txt"
"""Ends of the names of labels: these tools', and what people write who have none."""
VARIANTS = (".bin", ".nrm", ".dew", ".raw")
"""What these tools put before a picture's suffix: `x.bin.png` belongs to `x.gt.txt`, too."""


def has_pairs(folder: Path, label: str = LABEL) -> bool:
    """Whether there is any label file of this kind, beside its picture if it is a plain text, below the folder."""
    if label == LABEL:
        return next(folder.rglob(f"*{LABEL}"), None) is not None
    return any(path.with_suffix(label).is_file() for path in folder.rglob("*") if is_image(path))


def read_pairs(folder: Path, label: str = LABEL) -> ImageFolder:
    """All pairs below a folder, by name. What lacks its other half, or has a label of several lines, is a problem."""
    labels = {path.with_name(path.name.removesuffix(label)): path for path in sorted(folder.rglob(f"*{label}"))}
    examples: list[LabelledImage] = []
    problems: list[Problem] = []
    used: set[Path] = set()
    for path in sorted(filter(is_image, folder.rglob("*"))):
        name = path.relative_to(folder).as_posix()
        stem = _stem(path, labels)
        if stem is None:
            problems.append(Problem(name, f"has no label: there is no {path.stem}{label} beside it"))
            continue
        if stem in used:
            problems.append(Problem(name, f"is a second picture of {labels[stem].name}; the first is used"))
            continue
        used.add(stem)
        check_regular(labels[stem])
        lines = [line for line in read_lines(labels[stem]) if line]
        if len(lines) > 1:
            problems.append(Problem(name, f"its label has {len(lines)} lines; cut the picture into lines"))
        else:
            examples.append(LabelledImage(name, path, lines[0] if lines else "", table=labels[stem]))
    for stem, path in labels.items():
        if stem not in used:
            problems.append(Problem(path.relative_to(folder).as_posix(), "has no picture beside it"))
    return ImageFolder(f"pairs x.png + x{label}", tuple(examples), tuple(problems))


def _stem(path: Path, labels: dict[Path, Path]) -> Path | None:
    """The picture's path without its suffixes, if there is a label of that name."""
    stem = path.with_suffix("")
    if stem in labels:
        return stem
    if stem.suffix in VARIANTS and stem.with_suffix("") in labels:
        return stem.with_suffix("")
    return None
