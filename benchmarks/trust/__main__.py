"""`python -m benchmarks.trust [kills] [fuzz] [soak]`: attack what README says can be relied on; write a table of it.

Each part takes as many minutes as it is given, and one thread. What was seen is added to RECORDS line by line, so that
a run which is stopped loses nothing and the next one goes on; the table, docs/trust.md, is written from all of it.
Records of another state of s2s/ are left alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.trust.records import Records, read
from benchmarks.trust.report import write
from benchmarks.trust.scenarios import draw

PARTS = ("kills", "fuzz", "soak")


def main() -> int:
    """Run the parts, then write the table; 1 if anything did not hold."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.trust", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="kills, fuzz, soak; default: all of them")
    parser.add_argument("--minutes", type=float, default=10, help="of each part; default: 10; 0: write the table only")
    parser.add_argument("--seed", type=int, default=1, help="default: 1")
    parser.add_argument("--cases", type=int, default=1000, help="of each kind of fuzz; default: 1,000")
    parser.add_argument("--records", type=Path, default=Path("runs/trust"), help="default: runs/trust")
    parser.add_argument("--write", type=Path, default=Path("docs/trust.md"), help="default: docs/trust.md")
    args = parser.parse_args()
    parts = args.parts or PARTS
    if wrong := [part for part in parts if part not in PARTS]:
        parser.error(f"no part is named {wrong[0]}; the parts are {', '.join(PARTS)}")
    os.environ["OMP_NUM_THREADS"] = "1"
    records = Records(args.records)
    held = True
    if args.minutes > 0:
        if "kills" in parts:
            kill(records, args.seed, args.minutes)
        if "fuzz" in parts:
            held = fuzz(records, args.cases, args.minutes)
        if "soak" in parts:
            soak(records, args.minutes)
    good = write(args.write, records, args.seed)
    print(f"{args.write} written", flush=True)
    return 0 if good and held else 1


def kill(records: Records, seed: int, minutes: float) -> None:
    """Scenarios of this seed that are not in the records yet."""
    from benchmarks.trust.kills import Kills, go_through

    path = records.kills(seed)
    done = {record["number"] for record in read(path)}
    folder = Path(tempfile.mkdtemp(dir=records.folder, prefix="runs-"))
    if go_through(Kills(folder), partial(draw, seed), done, path, minutes):
        shutil.rmtree(folder)


def fuzz(records: Records, cases: int, minutes: float) -> bool:
    """The fuzz tests, with as many cases each; what they report replaces what was reported before. Whether all held."""
    path = records.fuzz
    path.unlink(missing_ok=True)
    environment = {**os.environ, "S2S_FUZZ_CASES": str(cases), "S2S_FUZZ_REPORT": str(path.resolve())}
    command = [sys.executable, "-m", "pytest", "-q", "-m", "fuzz", "tests/fuzz"]
    try:
        status = subprocess.run(command, env=environment, check=False, timeout=60 * minutes).returncode
    except subprocess.TimeoutExpired:
        print(f"the fuzz tests did not end in {minutes:g} minutes; those that did are in the table", file=sys.stderr)
        return True
    if status:
        print(f"the fuzz tests ended with status {status}", file=sys.stderr)
    return not status


def soak(records: Records, minutes: float) -> None:
    """Pictures through one process; and lines, if the translator of the demo is there."""
    command = [sys.executable, "-m", "benchmarks.soak", "--json", str(records.soak)]
    phrases = Path("runs/phrases")
    text = phrases / "test.txt"
    both = (phrases / "model").is_dir() and text.is_file()
    share = ["--minutes", str(minutes / (2 if both else 1))]
    subprocess.run([*command, "transcribe", *share], check=False)
    if both:
        subprocess.run([*command, "translate", "--model", str(phrases), "--text", str(text), *share], check=False)
    else:
        print("no translator of the demo (make demo soak): only the reader is soaked", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
