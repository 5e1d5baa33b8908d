"""`python -m supply.audit PIP_AUDIT`: is a vulnerability known of anything in the locks? 1 if so, or if nobody answers.

pip-audit asks PyPI. Where PyPI has no answer, on a mirror that holds files alone for one, it leaves the package out and
ends well; here a package that nobody has looked at is a failure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from supply.lock import GPU, LOCK


def main(pip_audit: str) -> int:
    """Ask, and print what was found."""
    command = [pip_audit, "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
    command += ["--requirement", str(LOCK), "--requirement", str(GPU)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = done.stderr.strip().splitlines()[-1:] or ["it printed nothing"]
        print(f"audit: pip-audit could not ask PyPI for vulnerabilities; run it where PyPI answers ({last[0]})")
        return 1
    lines, status = report(packages)
    print(*lines, sep="\n")
    return status


def report(packages: list[dict[str, Any]]) -> tuple[list[str], int]:
    """What to print of pip-audit's findings, and the exit status."""
    found = [(package, known) for package in packages for known in package.get("vulns", [])]
    lines = [
        f"audit: {package['name']} {package['version']}: {known['id']}, "
        f"mended in {', '.join(known['fix_versions']) or 'no version yet'}"
        for package, known in found
    ]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        lines.append(
            f"audit: PyPI gave no answer about {len(skipped)} of {len(packages)} packages, the first {skipped[0]}; "
            "run it where PyPI's vulnerability service answers"
        )
    lines = lines or [f"audit: no vulnerability is known of the {len(packages)} packages"]
    return lines, int(bool(found or skipped))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
