"""`python -m supply.lock UV`: requirements*.lock, with the hashes of all files that pip may take.

Versions are those of constraints.txt; uv finds out what else they need, on every platform and Python that s2s runs on.
torch is in locks of its own, one of which goes with requirements.lock: the build for CPUs, which on Linux comes from
PyTorch's own index, or what PyPI has, which on Linux needs some gigabytes of CUDA. constraints.txt itself cannot have
hashes: the pip of Python 3.11 then refuses every requirement that is not pinned.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK, CPU, GPU = (ROOT / f"requirements{kind}.lock" for kind in ("", "-cpu", "-gpu"))
CPU_BUILDS = Path(__file__).with_name("torch-cpu.txt")
_GPU = re.compile(r"(nvidia|cuda|triton)\b")
_HEAD = "# Made by `make lock` from pyproject.toml and constraints.txt; {}\n"


def main(uv: str) -> None:
    """Write the locks."""
    command = [uv, "pip", "compile", "pyproject.toml", "--extra", "dev", "--universal", "--python-version", "3.11"]
    command += ["--constraint", "constraints.txt", "--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
    found = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    pins = re.split(r"\n(?=\S)", found.strip())
    (torch,) = (pin for pin in pins if pin.startswith("torch=="))
    gpu = [pin for pin in pins if _GPU.match(pin)]
    _write(LOCK, "goes with one of the other two.", [pin for pin in pins if pin not in (*gpu, torch)])
    _write(CPU, "torch without CUDA.", [torch.replace(" \\", " ; sys_platform != 'linux' \\", 1), cpu_build(torch)])
    _write(GPU, "torch of PyPI, and what it needs on Linux.", [torch, *gpu])


def _write(path: Path, what: str, pins: list[str]) -> None:
    path.write_text(_HEAD.format(what) + "\n".join(pins) + "\n", encoding="utf-8")


def cpu_build(torch: str) -> str:
    """The pin of torch's build for CPUs on Linux; ValueError where its known hashes are of another version."""
    version = torch.split()[0].removeprefix("torch==")
    lines = [line.split() for line in CPU_BUILDS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    if not all(name.startswith(f"torch-{version}+cpu-") for _, name in lines):
        raise ValueError(f"{CPU_BUILDS} is not of torch {version}; write the hashes of that version into it")
    hashes = [f"    --hash=sha256:{digest}" for digest, _ in lines]
    return " \\\n".join([f"torch=={version}+cpu ; sys_platform == 'linux'", *hashes])


if __name__ == "__main__":
    main(sys.argv[1])
