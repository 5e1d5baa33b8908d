"""JoeyNMT 2.3.0 from PyPI in an environment of its own, mended where torch 2.13 and SentencePiece 0.2 break it."""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.joeynmt.place import HERE, JOEYNMT, ROOT, VENV

VERSION = "2.3.0"


@dataclass(frozen=True)
class Patch:
    """One replacement in an installed file."""

    file: str
    old: str
    new: str


PATCHES = (
    # torch.load refuses what JoeyNMT stores beside the weights, unless told that the file can be trusted.
    Patch(
        "helpers.py",
        "torch.load(path, map_location=map_location)",
        "torch.load(path, map_location=map_location, weights_only=False)",
    ),
    # The scheduler lost this argument.
    Patch("builders.py", '"verbose": False,\n            "threshold_mode"', '"threshold_mode"'),
    # SentencePiece lost this method, which limits a model to a vocabulary; ours has all of the model's pieces.
    Patch("tokenizers.py", "self.spm.SetVocabulary(vocab._itos)", "# limited to no vocabulary"),
)


def install() -> None:
    """Create the environment, unless it is there, and mend JoeyNMT."""
    if not JOEYNMT.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    pip = [str(JOEYNMT), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), "-r", str(HERE / "requirements.txt")], check=True)
    subprocess.run([*pip, "--no-deps", f"joeynmt=={VERSION}"], check=True)
    # Its location, without running it.
    find = "import importlib.util as u; print(u.find_spec('joeynmt').submodule_search_locations[0])"
    found = subprocess.run([str(JOEYNMT), "-I", "-c", find], check=True, capture_output=True, text=True)
    mend(Path(found.stdout.strip()), PATCHES)


def mend(package: Path, patches: Iterable[Patch]) -> None:
    """Apply the patches that are not there yet; SystemExit where a file has neither the old text nor the new."""
    for patch in patches:
        path = package / patch.file
        text = path.read_text(encoding="utf-8")
        if text.count(patch.old) == 1:
            path.write_text(text.replace(patch.old, patch.new), encoding="utf-8")
        elif patch.new not in text:
            sys.exit(f"{path}: cannot find what the patch replaces; is this JoeyNMT {VERSION}?")
