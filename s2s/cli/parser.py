"""An argument parser whose errors are one sentence and name the nearest option."""

import argparse
import re
from collections.abc import Callable
from typing import NoReturn

from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean

_OVERRIDE = re.compile(r"--(\w+(?:\.[\w-]+)+)(?:=(.*))?", re.DOTALL)


class Parser(argparse.ArgumentParser):
    """Raises RequestError where argparse would print its usage and leave."""

    keys: Callable[[], list[str]] = list
    """Gives the dotted keys that a command takes besides its options."""

    def error(self, message: str) -> NoReturn:
        """Raise RequestError with argparse's message."""
        raise RequestError(f"{message}; see {self.prog} --help")

    def parse_strictly(self, arguments: list[str]) -> argparse.Namespace:
        """Parse; RequestError names the first option that is not known and the nearest that is.

        Unknown options are looked for first: a typo in a required one would else be reported as its absence.
        """
        options = self._option_string_actions
        before_dashes = arguments[: arguments.index("--")] if "--" in arguments else arguments
        for argument in before_dashes:
            name = argument.split("=")[0]
            if name.startswith("--") and name not in options:
                near = nearest_key(name, self.keys()) or did_you_mean(name, options)
                raise RequestError(f'{self.prog} has no option "{name}"{near}')
        # Files may stand before, between and after options. What follows -- is put in afterwards: on the way through
        # argparse it would lose the --, and a file called -x.png be taken for an option.
        literal = {f"\0{number}": value for number, value in enumerate(arguments[len(before_dashes) + 1 :])}
        try:
            parsed = self.parse_intermixed_args([*before_dashes, *literal])
        except RequestError as error:
            message = str(error)
            for token, value in literal.items():
                message = message.replace(token, value)
            raise RequestError(message) from None
        for name, found in vars(parsed).items():
            if isinstance(found, list):
                setattr(parsed, name, [literal.get(one, one) if isinstance(one, str) else one for one in found])
            elif isinstance(found, str):
                setattr(parsed, name, literal.get(found, found))
        return parsed


def nearest_key(option: str, keys: list[str]) -> str:
    """What to append to an error about an `option` that is the end of a dotted key: `; did you mean "--a.b.steps"?`."""
    last = option.removeprefix("--").replace("-", "_")
    close = [f'"--{key}"' for key in keys if key.endswith(f".{last}")]
    return f"; did you mean {' or '.join(close)}?" if close else ""


def split_overrides(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Separate `--a.dotted.key VALUE` and `--a.dotted.key=VALUE` from the other arguments.

    Returns the others, and the overrides as `--key, value, --key, value, ...`. RequestError if a value is missing.
    """
    others: list[str] = []
    overrides: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        match = _OVERRIDE.fullmatch(argument)
        if argument == "--":
            others += [argument, *remaining]
        elif match is None:
            others.append(argument)
        else:
            value = match[2] if match[2] is not None else next(remaining, None)
            if value is None:
                raise RequestError(f"--{match[1]} needs a value")
            overrides += [f"--{match[1]}", value]
    return others, overrides


def pair_overrides(overrides: list[str]) -> list[tuple[str, str]]:
    """`--key, value, --key, value, ...` as pairs of a dotted key and its value."""
    return list(zip((key.removeprefix("--") for key in overrides[::2]), overrides[1::2], strict=True))
