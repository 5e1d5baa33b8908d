"""Rows that are copies of one another, in one respect or another."""

from collections.abc import Hashable, Sequence


def groups(*columns: Sequence[Hashable]) -> list[list[int]]:
    """The rows that share a value in any of the columns, directly or through other rows; groups and rows in order."""
    parents = list(range(len(columns[0])))

    def root(row: int) -> int:
        while parents[row] != row:
            parents[row] = parents[parents[row]]
            row = parents[row]
        return row

    for column in columns:
        first: dict[Hashable, int] = {}
        for row, value in enumerate(column):
            one, other = sorted((root(row), root(first.setdefault(value, row))))
            parents[other] = one
    found: dict[int, list[int]] = {}
    for row in range(len(parents)):
        found.setdefault(root(row), []).append(row)
    return list(found.values())
