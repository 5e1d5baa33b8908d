"""Bytes out of gzip, bzip2 and xz, whichever it is, as they arrive."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from s2s.config.errors import RequestError

_MAGIC = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\0": "xz"} | {
    b"BZh%d" % level + block: "bzip2" for level in range(1, 10) for block in (b"1AY&SY", b"\x17rE8P\x90")
}
_UNPACK: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(wbits=31),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
}
_BITE = 1024  # what is unpacked at once: its content, at worst 20 MB, is in memory


def unpacked(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The content of a stream that begins as gzip, bzip2 or xz does; any other stream as it is, chunk by chunk.

    RequestError, with `name`, where what is packed is damaged or cut short.
    """
    chunks = iter(chunks)
    head = b""
    for chunk in chunks:
        head += chunk
        if not any(len(head) < len(magic) and magic.startswith(head) for magic in _MAGIC):
            break
    kind = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)
    everything = chain([head], chunks)
    return everything if kind is None else _unpack(everything, kind, name)


def _unpack(chunks: Iterable[bytes], kind: str, name: str) -> Iterator[bytes]:
    machine = _UNPACK[kind]()
    for bite in (chunk[start : start + _BITE] for chunk in chunks for start in range(0, len(chunk), _BITE)):
        rest = bite
        while rest and not (machine.eof and not rest.strip(b"\0")):  # zeros behind the end are padding
            if machine.eof:
                machine = _UNPACK[kind]()  # one packed file behind another
            try:
                piece = machine.decompress(rest)
            except (zlib.error, OSError, lzma.LZMAError) as error:
                raise RequestError(f"{name} is a damaged {kind} file ({error}); fetch it again") from None
            if piece:
                yield piece
            rest = machine.unused_data if machine.eof else b""
    if not machine.eof:
        raise RequestError(f"{name} is a damaged {kind} file (it is cut short); fetch it again")
