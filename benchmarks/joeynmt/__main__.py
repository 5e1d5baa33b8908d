"""`python -m benchmarks.joeynmt PART`: see benchmarks/README.md for what is measured and how."""

import argparse
import sys
from pathlib import Path

from benchmarks.joeynmt.beam import beam
from benchmarks.joeynmt.installation import install
from benchmarks.joeynmt.material import open_material
from benchmarks.joeynmt.place import DATA, JOEYNMT, WORK
from benchmarks.joeynmt.race import race
from benchmarks.joeynmt.speed import ROWS, speed
from s2s.config.errors import RequestError

PARTS = {
    "setup": "install JoeyNMT in an environment of its own, and mend it for today's torch",
    "speed": "training speed at equal sizes",
    "race": "time to the validation BLEU that JoeyNMT has after --minutes",
    "beam": "speed of beam search, with the models of the race",
    "all": "the four, in this order; what runs if no part is named",
}


def main() -> None:
    """Run a part."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.joeynmt", description="JoeyNMT 2.3 beside s2s")
    parts = "; ".join(f"{name}: {what}" for name, what in PARTS.items())
    parser.add_argument("part", nargs="?", choices=PARTS, default="all", help=parts)
    parser.add_argument("--data", type=Path, default=DATA, help="made by `s2s prepare multi30k_en_de`")
    parser.add_argument("--work", type=Path, default=WORK, help="folder for everything that is written")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=3, help="of speed and beam, taking turns")
    parser.add_argument("--updates", type=int, default=25, help="speed: JoeyNMT's measured updates")
    parser.add_argument("--steps", type=int, default=ROWS, help=f"speed: s2s's measured steps, a multiple of {ROWS}")
    parser.add_argument("--minutes", type=float, default=30, help="race: how long JoeyNMT trains")
    parser.add_argument("--every", type=int, default=100, help="race: updates between validations, on both sides")
    parser.add_argument("--beam", type=int, default=5, help="beam: hypotheses kept")
    args = parser.parse_args()
    if args.steps < ROWS or args.steps % ROWS:
        parser.error(f"--steps must be a multiple of {ROWS}")
    try:
        material = None if args.part == "setup" else open_material(args.data.resolve(), args.work.resolve())
    except RequestError as error:
        sys.exit(f"error: {error}")
    if args.part in ("setup", "all"):
        install()
    elif not JOEYNMT.exists():
        sys.exit("error: JoeyNMT is not installed; run `python -m benchmarks.joeynmt setup` first")
    if material is None:
        return
    if args.part in ("speed", "all"):
        speed(material, args.updates, args.steps, args.repetitions, args.threads)
    if args.part in ("race", "all"):
        race(material, args.minutes, args.every, args.threads)
    if args.part in ("beam", "all"):
        beam(material, args.beam, args.repetitions, args.threads)


if __name__ == "__main__":
    main()
