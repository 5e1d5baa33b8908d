"""What the caller gives every process, and may have taken away: the standard streams, the current folder."""

import os
import sys
from typing import BinaryIO

from s2s.config.errors import RequestError


def check_streams() -> None:
    """RequestError where results have nowhere to go; where warnings have not, they are dropped."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, for all that is printed from here on; else stdout gets it
    if sys.stdout is None:
        raise RequestError("standard output is closed; send it to a file or to /dev/null")


def check_folder() -> None:
    """RequestError where the current folder has been deleted, which libraries would report in words of their own."""
    try:
        os.getcwd()
    except FileNotFoundError:
        raise RequestError("the current folder has been deleted; change to one that exists") from None


def standard_input() -> BinaryIO:
    """Standard input as bytes; RequestError where it is closed."""
    if sys.stdin is None:
        raise RequestError("standard input is closed; name files, or send something into it")
    return sys.stdin.buffer
