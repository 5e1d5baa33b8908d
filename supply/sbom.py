"""`python -m supply.sbom OUT`: a bill of materials (CycloneDX 1.6) of what the locks install, and of our models.

Names, versions, platforms and hashes are the lock's; licences and who needs whom are what the packages installed beside
this Python say of themselves. What is not installed here, such as CUDA, is listed without either.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from s2s import __version__
from supply.lock import CPU, GPU, LOCK, ROOT

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\\n]+))?", re.MULTILINE)
_NEEDS = re.compile(r"^[A-Za-z0-9._-]+")


def main(out: Path) -> None:
    """Write the bill."""
    found = [package for lock in (LOCK, CPU, GPU) for package in read(lock)]
    packages = list({package["bom-ref"]: package for package in found}.values())
    models = [model(folder) for folder in sorted((ROOT / "models").iterdir()) if folder.is_dir()]
    root = {"type": "application", "bom-ref": "s2s", "name": "s2s", "version": __version__}
    root |= {"licenses": [{"expression": "Apache-2.0"}], "purl": f"pkg:pypi/s2s@{__version__}"}
    here = {package["name"]: package["bom-ref"] for package in packages}
    direct = [here[name] for name in needs("s2s") if name in here]
    graph = [{"ref": "s2s", "dependsOn": sorted([*direct, *(one["bom-ref"] for one in models)])}]
    for package in packages:
        graph.append(
            {"ref": package["bom-ref"], "dependsOn": sorted(here[n] for n in needs(package["name"]) if n in here)}
        )
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": root}}
    bill |= {"components": [*packages, *models], "dependencies": graph}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    known = sum("licenses" in package for package in packages)
    print(f"{out}: {len(packages)} packages, {known} of them with a licence, {len(models)} models")


def read(lock: Path) -> list[dict[str, Any]]:
    """The components of a lock."""
    text = lock.read_text(encoding="utf-8")
    pins = list(_PIN.finditer(text))
    ends = [pin.start() for pin in pins[1:]] + [len(text)]
    return [component(pin, text[pin.end() : end]) for pin, end in zip(pins, ends, strict=True)]


def component(pin: re.Match[str], after: str) -> dict[str, Any]:
    """One package, with the hashes of every file that may be taken for it."""
    name, version = normal(pin["name"]), pin["version"]
    found: dict[str, Any] = {"type": "library", "name": name, "version": version}
    found["bom-ref"] = found["purl"] = f"pkg:pypi/{name}@{version}"
    if terms := licence(name):
        found["licenses"] = [terms]
    hashes = [{"alg": "SHA-256", "content": digest} for digest in re.findall(r"sha256:([0-9a-f]{64})", after)]
    url = f"https://pypi.org/project/{name}/{version}/"
    found["externalReferences"] = [{"type": "distribution", "url": url, "hashes": hashes}]
    if pin["marker"]:
        found["properties"] = [{"name": "s2s:marker", "value": pin["marker"].strip()}]
    return found


def model(folder: Path) -> dict[str, Any]:
    """A model that comes with s2s; NOTICE has the terms of what it learnt from."""
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    found: dict[str, Any] = {"type": "machine-learning-model", "bom-ref": f"model:{folder.name}", "name": folder.name}
    found["version"] = __version__
    found["licenses"] = [{"license": {"name": "see NOTICE"}}]
    found["hashes"] = [{"alg": "SHA-256", "content": digest}]
    return found


def licence(name: str) -> dict[str, Any] | None:
    """What a package says of its terms: an SPDX expression, or words; None if it is not installed or says nothing."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if expression := about.get("License-Expression"):
        return {"expression": expression}
    classes = [one.split(" :: ")[-1] for one in about.get_all("Classifier") or [] if one.startswith("License ::")]
    words = ", ".join(classes) or (about.get("License") or "").strip().split("\n")[0]
    return {"license": {"name": words}} if words else None


def needs(name: str) -> set[str]:
    """The packages that a package needs here, extras of s2s included; none if it is not installed."""
    try:
        required = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return set()
    wanted = [one for one in required if "extra ==" not in one or name == "s2s"]
    return {normal(match.group()) for one in wanted if (match := _NEEDS.match(one))} - {name}


def normal(name: str) -> str:
    """A package's name as indices have it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
