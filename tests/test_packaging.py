"""The wheel carries what a user without a checkout needs."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from s2s.config.document import parse
from supply import audit, sbom
from supply.lock import CPU, GPU, LOCK, cpu_build

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_code_configs_recipes_models_cards_types_and_terms(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    shared = [(folder, f"s2s/share/{folder}") for folder in ("configs", "recipes", "models")]
    for folder, home in (("s2s", "s2s"), *shared):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".yaml", ".typed", ".html", ".json", ".safetensors", ".md", ".txt"):
                assert f"{home}/{path.relative_to(ROOT / folder).as_posix()}" in names
    for name in ("LICENSE", "NOTICE"):
        assert any(one.endswith(f"licenses/{name}") for one in names)
    assert not [name for name in names if name.split("/")[0] not in ("s2s",) and ".dist-info/" not in name]


def test_an_installed_wheel_finds_its_configs_recipes_and_models_from_anywhere(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], check=True)
    # The dependencies of the environment that runs the tests; a .pth inside it is not followed, so not its s2s.
    packages = next((environment / "lib").glob("python*/site-packages"))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def run(*command: str | Path) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        done = subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    home = run(python, "-c", "import s2s; print(s2s.__file__)").strip()
    assert Path(home).is_relative_to(environment)
    found = run(python, "-c", "from s2s.config.find import find; print(find('configs', 'translation/phrases'))")
    assert Path(found.strip()).is_relative_to(environment)
    assert "prepare" in run(environment / "bin" / "s2s", "--help")
    assert run(environment / "bin" / "s2s", "check", "translation/phrases")
    assert "words: a sound model" in run(environment / "bin" / "s2s", "check", "words")
    recipe = (
        "from s2s.config.find import find; from s2s.config.strict import read; from s2s.config.recipe import Recipe;"
    )
    assert "Phrases" in run(python, "-c", recipe + "print(read(find('recipes', 'phrases'), Recipe))")


def test_the_notice_names_every_shipped_model_and_every_set_it_has_seen() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for model in (ROOT / "models").iterdir():
        assert f"models/{model.name}," in notice
        about = json.loads((model / "config.json").read_text(encoding="utf-8"))
        for recipe in re.findall(r"\b(?:words|print)\w*", about["data"]["path"]):
            read = parse((ROOT / "recipes" / f"{recipe}.yaml").read_text(encoding="utf-8"), recipe).values["read"]
            for name in {name for split in read["splits"].values() for name in split}:
                assert re.sub(r"(-english|-val|2)$", "", name) in notice
        for score in about["scores"].values():
            data = score["split"].split(":")[0]
            assert data in notice or (ROOT / "recipes" / f"{data}.yaml").exists()


def pins(path: Path) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {sbom.normal(name): version for name, version in found}


def test_the_lock_has_the_versions_of_the_constraints_and_a_hash_of_each() -> None:
    locked, constrained = pins(LOCK), pins(ROOT / "constraints.txt")
    emscripten = {"httpx2-jsfetch"}
    locked = {name: version for name, version in locked.items() if name not in emscripten}
    assert locked == {name: version for name, version in constrained.items() if name != "torch"}
    assert constrained["torch"] == pins(GPU)["torch"]
    for lock in (LOCK, CPU, GPU):
        assert all(one["externalReferences"][0]["hashes"] for one in sbom.read(lock))
    assert not set(pins(GPU)) & set(locked)


def test_torch_for_cpus_is_locked_in_the_version_of_the_constraints() -> None:
    torch = f"torch=={pins(GPU)['torch']}"
    assert CPU.read_text(encoding="utf-8").endswith(cpu_build(torch) + "\n")
    with pytest.raises(ValueError, match=r"is not of torch 9\.9; write the hashes"):
        cpu_build("torch==9.9 \\\n    --hash=sha256:0")


def test_the_bill_of_materials_lists_what_is_locked_and_our_models(tmp_path: Path) -> None:
    sbom.main(tmp_path / "s2s.cdx.json")
    bill = json.loads((tmp_path / "s2s.cdx.json").read_text(encoding="utf-8"))
    found = {one["name"]: one for one in bill["components"]}
    assert set(found) == set(pins(LOCK)) | set(pins(GPU)) | {"print", "words"}
    assert found["numpy"]["licenses"]
    assert found["words"]["type"] == "machine-learning-model"
    references = {one["bom-ref"] for one in bill["components"]} | {"s2s"}
    assert {one["ref"] for one in bill["dependencies"]} | {
        ref for one in bill["dependencies"] for ref in one["dependsOn"]
    } <= references
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert found["torch"]["purl"] in needs["s2s"]
    assert found["numpy"]["purl"] in needs[found["pandas"]["purl"]]


def test_an_audit_without_answers_is_not_a_clean_one() -> None:
    clean = {"name": "a", "version": "1", "vulns": []}
    known = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
    skipped = {"name": "c", "skip_reason": "not found on PyPI"}
    assert audit.report([clean]) == (["audit: no vulnerability is known of the 1 packages"], 0)
    assert audit.report([clean, known]) == (["audit: b 2: CVE-1, mended in 3"], 1)
    (line,), status = audit.report([clean, skipped])
    assert status == 1
    assert line.startswith("audit: PyPI gave no answer about 1 of 2 packages, the first c; run it where ")
