"""Where every command prints its messages; what it makes of its input, such as translations, goes out as it is."""

import sys

from s2s.config.visible import visible


def show(*lines: object) -> None:
    """Print lines on standard output, each as one line that shows its control characters."""
    for line in lines:
        print(visible(line))


def notice(*lines: object) -> None:
    """Print lines on standard error, likewise."""
    for line in lines:
        print(visible(line), file=sys.stderr)
