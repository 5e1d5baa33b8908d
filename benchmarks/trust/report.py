"""docs/trust.md: what was attacked how often, and what came of it."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.trust.kills import IDENTICAL
from benchmarks.trust.records import Records, read
from benchmarks.trust.scenarios import ALONE, PHASES, TOGETHER

Row = tuple[object, ...]


def write(path: Path, records: Records, seed: int) -> bool:
    """Write the tables; whether everything held."""
    kills, fuzz, soak = read(records.kills(seed)), read(records.fuzz), read(records.soak)
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "lightning", "numpy"))
    parts = [
        "# What was attacked, and what came of it",
        f"Written by `make trust`; {datetime.now(UTC):%Y-%m-%d}, s2s {version('s2s')} at {records.commit}, Python "
        f"{platform.python_version()}, {versions}, one thread, on {platform.system()} {platform.machine()}.",
        "## Kill and resume",
        _kills(kills, seed),
        "## Fuzz",
        _fuzz(fuzz),
        "## Soak",
        _soak(soak),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return all(one["outcome"] == IDENTICAL for one in kills) and not any(one["faults"] for one in soak)


def _kills(records: list[dict[str, Any]], seed: int) -> str:
    if not records:
        return "Not run yet."
    hit = [one for one in records if one["kills"]]
    kinds = [kind for kind in (*ALONE, TOGETHER) if any(one["what"] == kind for one in hit)]
    rows: list[Row] = []
    for kind in kinds:
        own = [one for one in hit if one["what"] == kind]
        most = max(len(one["kills"]) for one in own)
        same = sum(one["outcome"] == IDENTICAL for one in own)
        rows.append((kind, len(own), sum(len(one["kills"]) for one in own), most, same, len(own) - same))
    totals = [sum(int(str(row[column])) for row in rows) for column in (1, 2, 4, 5)]
    rows.append(("all", totals[0], totals[1], max(int(str(row[3])) for row in rows), totals[2], totals[3]))
    deaths = Counter((kill["phase"], one["what"]) for one in hit for kill in one["kills"])
    phases = [(phase, *(deaths[phase, kind] for kind in kinds)) for phase in PHASES]
    every = [kill for one in hit for kill in one["kills"]]
    ways = Counter(_way(kill) for kill in every)
    odd = [f"- scenario {one['number']}, {one['what']}: {one['outcome']}" for one in hit if one["outcome"] != IDENTICAL]
    notes = Counter(kill["notes"] for kill in every if kill["notes"])
    parts = [
        f"Scenarios of seed {seed}: a run of 20 steps with dropout, sampled subwords or warped pictures, averaged "
        "weights and four validations is killed at a drawn moment, resumed, perhaps killed again, up to four times, "
        "and let end; weights, optimiser state, random states, metrics.csv and samples.txt are then compared with "
        f"those of a run that nobody killed. {len(records) - len(hit)} more ended before their moment came, and are "
        "not counted.",
        _table(("run", "scenarios", "kills", "most in one", "identical to the bit", "otherwise"), rows),
        _table(("killed in", *kinds), phases),
        "How: " + "; ".join(f"{way} {_times(count)}" for way, count in sorted(ways.items())) + ". "
        f"{sum(kill['resumed'] for kill in every)} of the {len(every)} kills struck a run that was resumed already.",
    ]
    if notes:
        seen = "; ".join(f"{note} ({_times(count)})" for note, count in sorted(notes.items()))
        parts.append(f"After torchrun was killed: {seen}.")
    if odd:
        parts.append("\n".join(odd))
    return "\n\n".join(parts)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _way(kill: dict[str, Any]) -> str:
    if kill["whom"] == "launcher":
        return "SIGKILL to torchrun"
    return f"{kill['by']} to the process"


def _fuzz(records: list[dict[str, Any]]) -> str:
    if not records:
        return "Not run yet."
    cases: Counter[str] = Counter()
    outcomes: dict[str, Counter[str]] = {}
    for one in records:
        cases[one["surface"]] += one["cases"]
        outcomes.setdefault(one["surface"], Counter()).update(one["outcomes"])
    rows = [
        (surface, f"{cases[surface]:,}", ", ".join(f"{name} {count:,}" for name, count in sorted(found.items())))
        for surface, found in sorted(outcomes.items())
    ]
    meaning = "Accepted: read, and what came of it answered; refused: in one sentence. Anything else fails the tests."
    return f"{meaning}\n\n{_table(('what was damaged', 'cases', 'outcomes'), rows)}"


def _soak(records: list[dict[str, Any]]) -> str:
    if not records:
        return "Not run yet."
    rows: list[Row] = []
    for command in sorted({one["command"] for one in records}):
        own = [one for one in records if one["command"] == command]
        hours = sum(one["seconds"] for one in own) / 3600
        faults = "; ".join(dict.fromkeys(fault for one in own for fault in one["faults"])) or "none"
        lines, different = (sum(one[name] for one in own) for name in ("lines", "different"))
        rows.append((command, f"{hours:.2f}", f"{lines:,}", f"{different:,}", faults))
    return _table(("command", "hours", "lines", "unlike the first round", "faults"), rows)


def _table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
