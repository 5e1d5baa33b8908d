"""The standard streams, any of which the caller may have closed."""

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


def standard_input() -> BinaryIO:
    """Standard input as bytes; RequestError where it is closed."""
    if sys.stdin is None:
        raise RequestError("standard input is closed; name files, or send something into it")
    return sys.stdin.buffer
