"""The comparison with Tesseract pairs every picture with its text, on both sides."""

import shutil
from pathlib import Path

import pytest

from benchmarks.tesseract import measure, ours, table, theirs
from s2s.bundle.save import save
from s2s.config.errors import RequestError
from tests.bars import TEXTS, random_bundle, write_folder


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    write_folder(tmp_path / "data", TEXTS[:3])
    return sorted((tmp_path / "data" / "images").iterdir())


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    save(tmp_path / "model", random_bundle())
    return tmp_path / "model"


def test_ours_reads_a_line_a_picture(paths: list[Path], reader: Path) -> None:
    (paths[1]).write_bytes(b"")
    texts = ours(paths, str(reader))
    assert len(texts) == 3
    assert texts[1] == ""


def test_a_failure_is_told(paths: list[Path], tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there is no model"):
        ours(paths, str(tmp_path / "nowhere"))


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_both_are_measured(paths: list[Path], reader: Path) -> None:
    assert len(theirs(paths)) == 3
    rows = measure(paths, TEXTS[:3], str(reader), turns=1)
    assert [row.name.split()[0] for row in rows] == ["s2s", "Tesseract", "Tesseract"]
    assert all(row.milliseconds > 0 and row.alone > 0 for row in rows)
    assert table(rows).count("\n") == 4
