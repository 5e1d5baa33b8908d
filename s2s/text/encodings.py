"""Text that is not UTF-8: turned into it where the file itself says what it is, else named with the remedy."""

import codecs
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from s2s.config.errors import RequestError

RECODED = "file in {}"
# The longer marks first: one begins as a shorter one does.
_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_SAMPLE = 4096


def as_utf8(chunks: Iterable[bytes], name: str, removed: Counter[str]) -> Iterator[bytes]:
    """The same text in UTF-8 where a byte order mark says that it is UTF-16 or UTF-32, which is counted in `removed`.

    RequestError, with `name`, where it is damaged, or looks like UTF-16 and does not say which kind.
    """
    chunks = iter(chunks)
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 4:
            break
    everything = chain([head], chunks)
    encoding = next((encoding for mark, encoding in _MARKS.items() if head.startswith(mark)), None)
    if encoding is not None:
        removed[RECODED.format(encoding)] += 1
        return _recoded(everything, encoding, name)
    for order, ascii_bytes, zeros in (("LE", head[:_SAMPLE:2], head[1:_SAMPLE:2]), ("BE", head[1::2], head[::2])):
        if len(zeros) > 1 and zeros.count(0) > 0.4 * len(zeros) and not ascii_bytes.count(0):
            raise RequestError(
                f"{name} looks like UTF-16 without a byte order mark; convert it with `iconv -f UTF-16{order} -t UTF-8`"
            )
    return everything


def not_utf8(raw: bytes, error: UnicodeDecodeError, where: str) -> RequestError:
    """What is wrong with a line that is not UTF-8, and what to do."""
    remedy = "convert the file to UTF-8"
    try:
        read = raw[: error.end + 20].decode("cp1252").strip()[-60:]
    except UnicodeDecodeError:
        read = ""
    if read and read.isprintable():
        remedy = f'if it should read "{read}", it is Windows-1252: convert it with `iconv -f WINDOWS-1252 -t UTF-8`'
    return RequestError(f"{where}: byte 0x{raw[error.start]:02X} at place {error.start + 1} is not UTF-8; {remedy}")


def _recoded(chunks: Iterable[bytes], encoding: str, name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        raise RequestError(
            f"{name} begins as {encoding} does, but is damaged ({error.args[-1]}); fetch it again"
        ) from None
