"""Text from files, made safe to look at: what would steer a terminal is written out."""

import re

# C0, DEL and C1; what ends a line; what turns its direction; half characters, which no stream could encode.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: object) -> str:
    r"""A message in one line that shows what it holds: an escape character as `\x1b`, a line end as `\n`."""
    return _STEERING.sub(_escape, str(text))


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _ESCAPES.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
