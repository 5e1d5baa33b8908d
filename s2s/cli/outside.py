"""The option of the commands that read folders of labelled pictures."""

import argparse

OPTION = " --allow-outside"
"""As commands that are printed end."""


def add_outside(parser: argparse.ArgumentParser) -> None:
    """Declare it."""
    parser.add_argument(
        OPTION.strip(),
        action="store_true",
        help="pictures: also take in those that a label table or a symlink names outside the folder; else they are "
        "left out and counted",
    )
