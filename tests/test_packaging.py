"""The wheel carries what a user without a checkout needs."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_code_configs_recipes_models_types_and_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    shared = [(folder, f"s2s/share/{folder}") for folder in ("configs", "recipes", "models")]
    for folder, home in (("s2s", "s2s"), *shared):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".yaml", ".typed", ".json", ".safetensors"):
                assert f"{home}/{path.relative_to(ROOT / folder).as_posix()}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
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
