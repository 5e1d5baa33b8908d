"""How many cases a fuzzer runs, and what became of them.

    pytestmark = pytest.mark.fuzz

    def test_a_damaged_thing_is_refused_or_harmless():
        with Outcomes("things") as outcomes:
            for random in cases(40):
                outcomes.add("cut", lambda: read(damaged(random)))

Every kind's outcomes are printed at the end (`pytest -s` shows them), and anything but an answer or a RequestError of
one line fails the test, with the number of its case, which is its seed.
"""

import os
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Self

from s2s.config.errors import RequestError

CASES = "S2S_FUZZ_CASES"
"""The environment variable that sets the number of cases of every fuzzer."""


def cases(few: int) -> Iterator[Random]:
    """Random numbers for each case, seeded by its number; `few` cases unless the environment asks for more."""
    for number in range(int(os.environ.get(CASES, few))):
        yield Random(number)


class Outcomes:
    """Counts what became of each case, by kind: accepted, refused in a sentence, crashed."""

    def __init__(self, surface: str) -> None:
        self.surface = surface
        self.counts: Counter[tuple[str, str]] = Counter()
        self.crashes: list[str] = []

    def add(self, kind: str, attempt: Callable[[], Any]) -> Any:
        """Run one case; what it returned, or None where it was refused. An AssertionError in it is a crash too."""
        try:
            found = attempt()
        except RequestError as refusal:
            sound = str(refusal) and "\n" not in str(refusal)
            if not sound:
                self.crashes.append(f"{kind}: a refusal of several lines or none: {str(refusal)!r}")
            self.counts[kind, "refused" if sound else "crashed"] += 1
            return None
        except Exception:
            self.crashes.append(f"{kind}: {traceback.format_exc()}")
            self.counts[kind, "crashed"] += 1
            return None
        self.counts[kind, "accepted"] += 1
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        for kind in dict.fromkeys(kind for kind, _ in self.counts):
            row = ", ".join(f"{self.counts[kind, each]} {each}" for each in ("accepted", "refused", "crashed"))
            print(f"{self.surface}, {kind}: {row}")
        if error is None:
            assert not self.crashes, f"{len(self.crashes)} crashed; the first: {self.crashes[0]}"
