"""`s2s completion`: what makes a shell complete s2s, made from the parsers of all commands."""

import argparse
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from s2s.cli.parser import Parser

_EPILOG = """\
Commands, options, their choices and the keys of configs are completed, and files everywhere else:

  s2s completion bash > ~/.local/share/bash-completion/completions/s2s
  s2s completion zsh > ~/.zsh/_s2s                                    ~/.zsh being in $fpath before compinit
  s2s completion fish > ~/.config/fish/completions/s2s.fish
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("shell", choices=tuple(_SCRIPTS), help="for which shell")


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Print the script."""
    import sys

    from s2s.cli.main import COMMANDS

    found = {name: list(_options(name)) for name in COMMANDS}
    sys.stdout.write(_SCRIPTS[args.shell](COMMANDS, found))
    return 0


@dataclass(frozen=True)
class _Option:
    """What may begin with dashes."""

    name: str
    about: str = ""
    choices: tuple[str, ...] = ()
    takes: bool = True
    """A value follows."""


def _options(command: str) -> Iterator[_Option]:
    parser = Parser(prog=f"s2s {command}")
    import_module(f"s2s.cli.{command}").add_arguments(parser)
    for action in parser._actions:
        choices = tuple(map(str, action.choices or ()))
        for name in (one for one in action.option_strings if one.startswith("--")):
            yield _Option(name, action.help or "", choices, action.nargs != 0)
        if not action.option_strings and choices:
            yield _Option("", "", choices)
    dotted = parser.keys
    yield from (_Option(f"--{key}") for key in dotted())


def _bash(commands: Mapping[str, str], options: Mapping[str, list[_Option]]) -> str:
    values = [
        f'    "{command} {one.name or command}") words="{" ".join(one.choices)}" ;;'
        for command, found in options.items()
        for one in found
        if one.choices
    ]
    names = [
        f'    {command}\\ *) [[ $word == -* ]] && words="{" ".join(one.name for one in found if one.name)}" ;;'
        for command, found in options.items()
    ]
    return "\n".join(
        [
            "_s2s() {",
            "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=",
            "  COMPREPLY=()",
            '  case "${COMP_WORDS[1]} $before" in',
            *values,
            *names,
            "  esac",
            f'  [ "$COMP_CWORD" = 1 ] && words="{" ".join(commands)} --help --version"',
            '  [ -n "$words" ] && COMPREPLY=($(compgen -W "$words" -- "$word"))',
            "}",
            "complete -o bashdefault -o default -F _s2s s2s\n",
        ]
    )


def _zsh(commands: Mapping[str, str], options: Mapping[str, list[_Option]]) -> str:
    def spec(one: _Option) -> str:
        follows = f":value:({' '.join(one.choices)})" if one.choices else ":value:_files" * one.takes
        if not one.name:
            return _quoted(f"1{follows}")
        about = re.sub(r"([\[\]:\\])", r"\\\1", one.about)
        return _quoted(f"{one.name}[{about}]{follows}")

    cases = [
        f"    {command}) _arguments -S {' '.join(map(spec, found))} {_quoted('*:file:_files')} ;;"
        for command, found in options.items()
    ]
    described = " ".join(_quoted(f"{name}:{about}") for name, about in commands.items())
    return "\n".join(
        [
            "#compdef s2s",
            "_s2s() {",
            f"  local -a commands=({described})",
            "  if (( CURRENT == 2 )); then _describe command commands; return; fi",
            "  shift words; (( CURRENT-- ))",
            "  case $words[1] in",
            *cases,
            "  esac",
            "}",
            'if [ "$funcstack[1]" = _s2s ]; then _s2s "$@"; else compdef _s2s s2s; fi\n',
        ]
    )


def _fish(commands: Mapping[str, str], options: Mapping[str, list[_Option]]) -> str:
    lines = [
        f"complete -c s2s -n __fish_use_subcommand -f -a {name} -d {_escaped(about)}"
        for name, about in commands.items()
    ]
    for command, found in options.items():
        for one in found:
            choices = f" -x -a {_escaped(' '.join(one.choices))}" if one.choices else " -r" * one.takes
            name = f" -l {one.name[2:]} -d {_escaped(one.about)}" if one.name else ""
            lines.append(f"complete -c s2s -n '__fish_seen_subcommand_from {command}'{name}{choices}")
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """For zsh."""
    return "'" + text.replace("'", "'\\''") + "'"


def _escaped(text: str) -> str:
    """For fish."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_SCRIPTS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
