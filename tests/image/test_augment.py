"""Augmentation is repeatable, and every kind of it does something and keeps a picture a picture."""

import dataclasses

import numpy as np
import pytest

from s2s.config.augmentation import Augmentation
from s2s.image.augment import augment

OFF = {f.name: 0.0 for f in dataclasses.fields(Augmentation) if f.name.endswith("_chance")}
PICTURE = np.random.default_rng(0).integers(0, 255, (32, 100, 3), dtype=np.uint8)
PICTURE[8:24, 20:80] = 20


def test_same_seed_epoch_and_index_give_the_same_pixels():
    assert np.array_equal(augment(PICTURE, Augmentation(), 1, 2, 3), augment(PICTURE, Augmentation(), 1, 2, 3))


def test_seed_epoch_and_index_each_matter():
    config = Augmentation(**dict.fromkeys(OFF, 1.0))
    pictures = [augment(PICTURE, config, *key) for key in ((1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2))]
    assert len({picture.tobytes() for picture in pictures}) == 4


def test_nothing_happens_when_all_is_off():
    assert np.array_equal(augment(PICTURE, Augmentation(**OFF), 1, 1, 1), PICTURE)


@pytest.mark.parametrize("chance", OFF)
@pytest.mark.parametrize("picture", [PICTURE, PICTURE[..., 0]], ids=["colour", "grey"])
def test_each_kind_changes_the_pixels_and_keeps_the_height(chance, picture):
    config = Augmentation(**{**OFF, chance: 1.0})
    before = picture.copy()
    changed = augment(picture, config, 1, 1, 1)
    assert np.array_equal(picture, before)
    assert changed.shape[0] == 32
    assert changed.ndim == picture.ndim
    assert changed.dtype == np.uint8
    assert changed.shape != picture.shape or not np.array_equal(changed, picture)


@pytest.mark.parametrize("shape", [(8, 3), (32, 1), (32, 2000, 3)])
def test_odd_sizes_are_survived(shape):
    config = Augmentation(**dict.fromkeys(OFF, 1.0))
    for index in range(20):
        assert augment(np.zeros(shape, np.uint8), config, 1, 1, index).shape[0] == shape[0]


@pytest.mark.parametrize(
    ("field", "value"), [("warp_chance", 1.2), ("blur", (2.0, 1.0)), ("rotation", -1.0), ("stretch", (0.0, 1.0))]
)
def test_impossible_numbers_are_refused(field, value):
    with pytest.raises(ValueError, match=field):
        Augmentation(**{field: value})
