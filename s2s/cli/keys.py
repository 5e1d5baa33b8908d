"""Keys of configs on the command line: `s2s train --keys` shows each, with type, default and what it is for."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from s2s.cli.printing import show


def names() -> list[str]:
    """The dotted keys of configs of every task."""
    from s2s.config.describe import describe
    from s2s.config.experiment import KINDS

    kinds: list[type] = list(KINDS.values())
    return sorted({key.name for kind in kinds for key in describe(kind)})


class ShowKeys(argparse.Action):
    """Prints the keys of the configs of a task and leaves, as --help does; takes `nargs="?"` and a default task."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Print and leave."""
        from s2s.config.describe import describe
        from s2s.config.experiment import kind_of

        kind: type = kind_of({"task": values}, "--keys")
        for key in describe(kind):
            show(f"{key.name}  ({key.kind}; default {json.dumps(key.default)})", f"    {key.help}")
        parser.exit()
