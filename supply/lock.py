"""`python -m supply.lock UV`: requirements.lock and requirements-gpu.lock, with the hashes of all files pip may take.

Versions are those of constraints.txt; uv finds out what else they need, on every platform and Python that s2s runs on.
What torch of PyPI needs on Linux, some gigabytes of CUDA, is a lock of its own: torch's builds for CPUs do not need it.
constraints.txt itself cannot have hashes: the pip of Python 3.11 then refuses every requirement that is not pinned.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK, GPU = ROOT / "requirements.lock", ROOT / "requirements-gpu.lock"
CPU_BUILDS = Path(__file__).with_name("torch-cpu.txt")
_GPU = re.compile(r"(nvidia|cuda|triton)\b")
_HASH = "    --hash=sha256:{}"
_HEAD = """\
# Made by `make lock` from pyproject.toml and constraints.txt; {what}
# pip install --require-hashes {use}
"""


def main(uv: str) -> None:
    """Write both locks."""
    command = [uv, "pip", "compile", "pyproject.toml", "--extra", "dev", "--universal", "--python-version", "3.11"]
    command += ["--constraint", "constraints.txt", "--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
    found = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    pins = re.split(r"\n(?=\S)", found.strip())
    gpu = [pin for pin in pins if _GPU.match(pin)]
    rest = [with_cpu_builds(pin) if pin.startswith("torch==") else pin for pin in pins if pin not in gpu]
    head = _HEAD.format(what="tests and tools included.", use="-r requirements.lock")
    LOCK.write_text("\n".join([head + rest[0], *rest[1:], ""]), encoding="utf-8")
    head = _HEAD.format(
        what="what torch of PyPI needs besides, on Linux.", use="-r requirements.lock -r requirements-gpu.lock"
    )
    GPU.write_text("\n".join([head + gpu[0], *gpu[1:], ""]), encoding="utf-8")


def with_cpu_builds(torch: str) -> str:
    """Torch's pin with the hashes of its builds for CPUs; ValueError where those are of another version."""
    version = torch.split()[0].removeprefix("torch==")
    lines = [line.split() for line in CPU_BUILDS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    if not all(name.startswith(f"torch-{version}+cpu-") for _, name in lines):
        raise ValueError(f"{CPU_BUILDS} is not of torch {version}; write the hashes of that version into it")
    return " \\\n".join([torch, *(_HASH.format(digest) for digest, _ in lines)])


if __name__ == "__main__":
    main(sys.argv[1])
