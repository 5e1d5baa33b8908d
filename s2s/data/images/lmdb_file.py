"""The file of an LMDB database, read page by page: what a page says is checked, and nothing is mapped into memory.

The library maps the file and follows its pages unchecked, so that a file cut short ends the process (SIGBUS), at once
or whenever it shrinks, and a flipped bit may. Layout: `struct MDB_meta`, `MDB_page`, `MDB_node` of lmdb's mdb.c, data
version 1, as 64-bit little-endian machines write it: a B+ tree of pages whose keys are in the order of their bytes.
"""

import os
import struct
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from s2s.config.errors import RequestError
from s2s.config.regular import check_regular

_MAGIC, _VERSION = 0xBEEFC0DE, 1
_PAGE = struct.Struct("<QHHHH")  # number, unused, kind, end of the offsets, start of the nodes
_META = struct.Struct(
    "<IIQQ48s48sQQ"
)  # magic, version, address, map size, free pages, main tree, last page, transaction
_TREE = struct.Struct("<IHHQQQQQ")  # page size, order, depth, branches, leaves, overflow pages, entries, root
_NODE = struct.Struct("<HHHH")  # low and high part of a size or a page number, flags or its top, length of the key
_BRANCH, _LEAF, _OVERFLOW, _META_PAGE = 1, 2, 4, 8
_NODE_IN_PAGES = 1  # of a node's flags: its value has pages of its own
_NOTHING = 2**64 - 1  # root of an empty tree
_DEEPEST = 32  # levels, as in the library
_CACHED = 256  # pages


class BadPage(Exception):
    """A page that is missing or makes no sense; says which and how."""


class CutShort(BadPage):
    """A page beyond the end of the file."""


@dataclass(frozen=True)
class _Page:
    """A branch or a leaf: the keys in order, and for each the number of a page or the value's flags, size and place."""

    leaf: bool
    content: bytes
    keys: list[bytes]
    nodes: list[tuple[int, int, int]]
    """Flags, size or page number, and where what follows the key begins."""


class _Tree(NamedTuple):
    page_size: int
    order: int
    """Flags: 0 is the order of the bytes, and one value a key."""
    depth: int
    branches: int
    leaves: int
    overflow: int
    entries: int
    root: int


class _Meta(NamedTuple):
    """One of the two pages of meta data, which are written in turn."""

    transaction: int
    last: int
    """The last page in use."""
    page_size: int
    tree: _Tree


class LmdbFile:
    """A database, open for looking keys up. Raises RequestError where the file is not one, or is of another kind."""

    def __init__(self, path: Path) -> None:
        check_regular(path)
        try:
            self._file = path.open("rb", buffering=0)
            head = os.pread(self._file.fileno(), 1 << 17, 0)
        except OSError as error:
            raise RequestError(f"cannot read {path}: {error.strerror}") from None
        first = _meta(head, 0)
        if first is None:
            raise RequestError(
                f"{path} cannot be read: it is not an LMDB database of version {_VERSION}, as 64-bit little-endian "
                "machines write it, or is damaged"
            )
        second = _meta(head, first.page_size)
        newest = first if second is None or second.transaction < first.transaction else second
        self._size, self._last, tree = first.page_size, newest.last, newest.tree
        self._root, self._depth, self.entries = tree.root, tree.depth, tree.entries
        if tree.order or tree.depth > _DEEPEST:
            raise RequestError(f"{path} cannot be read: its keys have an order of their own, or it is damaged")
        if tree.entries > (present := path.stat().st_size) // _NODE.size:
            raise RequestError(f"{path} is damaged: it states {tree.entries:,} entries, and has {present:,} bytes")
        self._page = lru_cache(_CACHED)(self._read_page)

    def get(self, key: bytes) -> bytes | None:
        """The value of a key; None where there is none. Raises BadPage."""
        number = self._root
        for _ in range(self._depth if number != _NOTHING else 0):
            page = self._page(number)
            place = bisect_right(page.keys, key) - 1
            if place < 0 or page.leaf:
                return self._value(page, place) if place >= 0 and page.keys[place] == key else None
            number = page.nodes[place][1]
        if number == _NOTHING:
            return None
        raise BadPage(f"its tree is deeper than the {self._depth} levels that it states")

    def _value(self, page: _Page, place: int) -> bytes:
        flags, size, start = page.nodes[place]
        if flags == 0:
            return page.content[start : start + size]
        if flags != _NODE_IN_PAGES:
            raise BadPage(f"key {page.keys[place]!r} has no plain value")
        number = int.from_bytes(page.content[start : start + 8], "little")
        content = self._read(number, _PAGE.size + size)
        _, _, kind, low, high = _PAGE.unpack_from(content)
        if kind != _OVERFLOW or (low | high << 16) * self._size < len(content):
            raise BadPage(f"page {number:,} is not the value of key {page.keys[place]!r}")
        return content[_PAGE.size :]

    def _read_page(self, number: int) -> _Page:
        content = self._read(number, self._size)
        found, _, kind, low, high = _PAGE.unpack_from(content)
        if found != number or kind not in (_BRANCH, _LEAF) or not _PAGE.size <= low <= high <= self._size:
            raise BadPage(f"page {number:,} is damaged")
        keys, nodes = [], []
        try:
            for (at,) in struct.iter_unpack("<H", content[_PAGE.size : low]):
                size, top, flags, length = _NODE.unpack_from(content, at)
                start = at + _NODE.size + length
                if kind == _LEAF:
                    held = 8 if flags & _NODE_IN_PAGES else size | top << 16
                    nodes.append((flags, size | top << 16, start))
                else:
                    held = 0
                    nodes.append((0, size | top << 16 | flags << 32, start))
                if at < high or start + held > self._size:
                    raise BadPage(f"page {number:,} is damaged")
                keys.append(content[at + _NODE.size : start])
        except struct.error:
            raise BadPage(f"page {number:,} is damaged") from None
        if kind == _BRANCH and keys:
            keys[0] = b""  # stands for all that is smaller
        return _Page(kind == _LEAF, content, keys, nodes)

    def _read(self, number: int, size: int) -> bytes:
        """So many bytes from the start of a page."""
        if number > self._last:
            raise BadPage(f"page {number:,} is damaged or beyond the last, {self._last:,}")
        at = number * self._size
        try:
            present = os.fstat(self._file.fileno()).st_size  # asked each time: a file can shrink
            content = os.pread(self._file.fileno(), size, at) if at + size <= present else b""
        except OSError as error:
            raise BadPage(f"page {number:,} cannot be read: {error.strerror}") from None
        if len(content) < size:
            raise CutShort(
                f"it is cut short: it has {present:,} bytes, and its {self._last + 1:,} pages "
                f"{(self._last + 1) * self._size:,}"
            )
        return content


def _meta(head: bytes, at: int) -> _Meta | None:
    """What the page of meta data says at a place of the file; None where there is none."""
    if len(head) < at + _PAGE.size + _META.size or not _PAGE.unpack_from(head, at)[2] & _META_PAGE:
        return None
    magic, version, _, _, free, tree, last, transaction = _META.unpack_from(head, at + _PAGE.size)
    size = _TREE.unpack(free)[0]
    if magic != _MAGIC or version != _VERSION or not 256 <= size <= 1 << 16 or size & (size - 1):
        return None
    return _Meta(transaction, last, size, _Tree(*_TREE.unpack(tree)))
