"""What a folder of pictures may take in: files that lie in it, under names and with labels that can be written down."""

import os
from dataclasses import replace
from pathlib import Path

from s2s.config.errors import RequestError
from s2s.data.images.labelled import ImageFolder, LabelledImage, Problem

REMEDY = "copy it there, or add --allow-outside"


class Boundary:
    """The edge of a folder, which a label table cannot cross by `..` or an absolute path, nor a file by a symlink.

    Args:
        root: the folder that was asked for; it may be a symlink itself.
        allow_outside: let everything cross.
    """

    def __init__(self, root: Path, allow_outside: bool = False) -> None:
        self.root, self.allow_outside = root, allow_outside
        self._real = os.path.realpath(root)

    def outside(self, path: Path) -> str:
        """Where a path leads if that is outside and not allowed; else empty."""
        if self.allow_outside:
            return ""
        real = os.path.realpath(path)
        return "" if os.path.commonpath((real, self._real)) == self._real else real

    def check(self, path: Path) -> None:
        """Raise RequestError for a folder or a label table that leads outside."""
        if real := self.outside(path):
            raise RequestError(f"{path} leads out of {self.root}, to {real}; {REMEDY}")

    def keep(self, found: ImageFolder) -> ImageFolder:
        """What was found without what must stay out, which becomes problems."""
        examples, problems = [], list(found.problems)
        for example in found.examples:
            if reason := self._fault(example):
                problems.append(Problem(example.name, reason))
            else:
                examples.append(example)
        return replace(found, examples=tuple(examples), problems=tuple(problems))

    def _fault(self, example: LabelledImage) -> str:
        if not _is_text(example.name):
            return "its name is not UTF-8; rename the file"
        if not _is_text(example.text):
            return "its label has half a character (a surrogate without its other half), which is not text"
        for what, path in (("it", example.path), ("its label file", example.table)):
            if path is not None and (real := self.outside(path)):
                return f"{what} leads out of {self.root}, to {real}; {REMEDY}"
        return ""


def _is_text(text: str) -> bool:
    """Whether it can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
