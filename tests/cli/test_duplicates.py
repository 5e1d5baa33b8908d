"""Pictures that train and test share are found, whatever was done to their files."""

import cv2
import numpy as np
import pytest

from s2s.cli.main import main
from s2s.data.images.duplicates import Duplicate, near_duplicates
from s2s.image.load import BadImage
from tests.bars import TEXTS, write_folder


class Shown:
    """A photograph of nothing in particular: smooth noise, so that no two are alike."""

    def __init__(self, name, text, seed, change=None):
        self.name, self.text, self.seed, self.change = name, text, seed, change

    def load(self, colour=True):
        if self.seed is None:
            raise BadImage(f"{self.name}: broken")
        noise = np.random.default_rng(self.seed).integers(0, 256, (8, 24), dtype=np.uint8)
        image = cv2.resize(noise, (120, 40), interpolation=cv2.INTER_CUBIC)
        return image if self.change is None else self.change(image)


CHANGES = {
    "none": None,
    "compression": lambda image: cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 0),
    "tone": lambda image: (30 + 0.7 * image).astype(np.uint8),
    "size": lambda image: cv2.resize(image, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA),
    "a closer cut": lambda image: image[1:-1, 1:-1],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_copy_is_found_and_another_picture_of_the_word_is_not(change):
    train = [Shown(f"train/{seed}", "Word", seed) for seed in range(40)]
    test = [Shown("copy", "WORD", 17, change), Shown("other", "Word", 99), Shown("broken", "Word", None)]
    assert near_duplicates(test, train) == [Duplicate("copy", "train/17")]


def test_the_same_picture_with_another_label_or_none_is_not_a_duplicate():
    assert near_duplicates([Shown("a", "one", 1), Shown("b", "", 2)], [Shown("c", "two", 1), Shown("d", "", 2)]) == []


def test_check_and_evaluate_name_them(reader, tmp_path, capsys):
    write_folder(tmp_path / "train", TEXTS[:20])
    write_folder(tmp_path / "test", [TEXTS[3], *TEXTS[40:45]])
    assert main(["check", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "test: images/000.png looks like images/003.png, and has the same label" in out
    assert "test: 1 picture looks like one of train" in out
    assert main(["evaluate", str(reader), f"{tmp_path}:test", "--against", f"{tmp_path}:train"]) == 0
    err = capsys.readouterr().err
    assert "images/000.png looks like images/003.png" in err
    assert f"1 of 6 look like one of {tmp_path}:train" in err
    assert main(["evaluate", str(reader), f"{tmp_path}:test", "--against", str(tmp_path)]) == 0
    assert f"1 of 6 look like one of {tmp_path}\n" in capsys.readouterr().err


def test_check_lists_ten_pictures_that_look_alike_and_counts_the_others(tmp_path, capsys):
    for split in ("train", "test"):
        write_folder(tmp_path / split, TEXTS[:24])
    assert main(["check", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("looks like images/" in line for line in lines) == 10
    assert "test: and 14 more like these" in lines
    assert "test: 24 pictures look like one of train with the same label" in lines
