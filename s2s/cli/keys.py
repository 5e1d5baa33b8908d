"""`s2s train --keys`: every key a config can have, with its type, its default and what it is for."""

import argparse
import json
from collections.abc import Sequence
from typing import Any


class ShowKeys(argparse.Action):
    """Prints the keys and leaves, as --help does; takes `nargs=0`."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Print and leave."""
        from s2s.config.describe import describe
        from s2s.config.translation import Translation

        for key in describe(Translation):
            print(f"{key.name}  ({key.kind}; default {json.dumps(key.default)})\n    {key.help}")
        parser.exit()
