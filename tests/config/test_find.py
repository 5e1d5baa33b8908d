"""Configs and recipes are found by path or by shipped name."""

from pathlib import Path

import pytest

from s2s.config import find as finder
from s2s.config.errors import RequestError
from s2s.config.find import find


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two shipped files, away from the working directory."""
    for name in ("configs/translation/multi30k.yaml", "recipes/phrases.yaml"):
        (tmp_path / "checkout" / name).parent.mkdir(parents=True)
        (tmp_path / "checkout" / name).touch()
    monkeypatch.setattr(finder, "_PACKAGE", tmp_path / "checkout" / "s2s")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "checkout"


def test_a_shipped_name_is_found_from_anywhere(checkout: Path) -> None:
    expected = checkout / "configs/translation/multi30k.yaml"
    for name in ("translation/multi30k", "translation/multi30k.yaml", "configs/translation/multi30k.yaml"):
        assert find("configs", name) == expected
    assert find("recipes", "phrases") == checkout / "recipes/phrases.yaml"


def test_an_installed_package_brings_its_own(checkout: Path) -> None:
    inside = checkout / "s2s/share/recipes/other.yaml"
    inside.parent.mkdir(parents=True)
    inside.touch()
    assert find("recipes", "other") == inside


def test_a_path_wins_over_a_shipped_name_and_may_lack_its_suffix(checkout: Path) -> None:
    Path("mine.yaml").touch()
    assert find("recipes", "mine") == Path("mine.yaml")
    assert find("recipes", Path("mine.yaml")) == Path("mine.yaml")
    Path("phrases").touch()
    assert find("recipes", "phrases") == Path("phrases")


def test_a_name_that_does_not_exist_names_the_nearest(checkout: Path) -> None:
    with pytest.raises(RequestError, match=r'^there is no recipe "phrasse"; did you mean "phrases"\?$'):
        find("recipes", "phrasse")
    with pytest.raises(RequestError, match=r'no config "multi30k"; did you mean "translation/multi30k"\?$'):
        find("configs", "multi30k")
    with pytest.raises(RequestError, match="choose from phrases"):
        find("recipes", "")
