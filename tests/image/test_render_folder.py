"""Folders of rendered pictures."""

import cv2
import numpy as np
import pytest

from s2s.config.errors import RequestError
from s2s.config.rendering import WORDS
from s2s.image.load import load
from s2s.image.render.folder import render_folder
from s2s.image.render.preview import sheet


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_number_of_workers_does_not_change_a_byte(make, tmp_path):
    for workers in (1, 3):
        render_folder(make(), tmp_path / str(workers), 20, workers)
    assert contents(tmp_path / "1") == contents(tmp_path / "3")


def test_every_picture_has_its_label(make, tmp_path):
    tally = render_folder(make(), tmp_path / "out", 12)
    rows = [line.split("\t") for line in (tmp_path / "out/labels.tsv").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 12
    for index, (name, text) in enumerate(rows):
        assert text == make()(index).text
        assert load(tmp_path / "out" / name).shape == make()(index).image.shape
    assert tally.pictures == 12
    assert sum(tally.characters.values()) == sum(len(text) for _, text in rows)


def test_png_files_hold_the_very_pixels(make, tmp_path):
    from dataclasses import replace

    renderer = make(replace(WORDS, quality=0))
    render_folder(renderer, tmp_path / "out", 2)
    pixels = cv2.imread(str(tmp_path / "out/images/0000/0000001.png"))[..., ::-1]
    assert np.array_equal(pixels, renderer(1).image)


def test_a_folder_with_something_in_it_is_refused(make, tmp_path):
    (tmp_path / "x").write_text("mine")
    with pytest.raises(RequestError, match="exists already"):
        render_folder(make(), tmp_path, 1)


def test_progress_and_statistics_are_told(make, tmp_path):
    told = []
    tally = render_folder(make(), tmp_path / "out", 5, progress=told.append)
    assert told == [1, 2, 3, 4, 5]
    facts = tally.summary("aé")
    assert facts["pictures"] == 5
    assert facts["characters"]["é"] == 0
    assert 0 <= facts["reject_rate"] < 1
    assert any("never drawn" in line for line in tally.lines("é"))
    assert any("images/s a core" in line for line in tally.lines("a"))


def test_the_sheet_shows_every_kind(make):
    pictures = [make()(index) for index in range(10)]
    image = sheet(pictures)
    assert image.shape[1:] == (1500, 3)
    assert image.shape[0] >= 52 * len({picture.kind for picture in pictures})
    assert sheet([]).shape[0] == 52
