"""Keys of configs on the command line: `s2s train --keys` shows each, with type, default and what it is for."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from s2s.cli.printing import show


def names() -> list[str]:
    """The dotted keys of all experiments, and those of the first format that stand for one of them."""
    from s2s.config.experiment import PAIRS, keys
    from s2s.config.format1 import old_names

    found = {key.name for pair in PAIRS for key in keys(*pair)}
    return sorted(found | old_names(found))


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
        from s2s.config.errors import RequestError
        from s2s.config.experiment import PAIRS, keys
        from s2s.config.nearest import did_you_mean

        known = {"-".join(pair): pair for pair in PAIRS}
        for pair, about in PAIRS.items():
            known.setdefault(about.task, pair)
        if values not in known:
            raise RequestError(f'--keys: there is no task "{values}"{did_you_mean(str(values), known)}')
        for key in keys(*known[str(values)]):
            show(f"{key.name}  ({key.kind}; default {json.dumps(key.default)})", f"    {key.help}")
        parser.exit()
