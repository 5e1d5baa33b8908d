"""A wide margin is cut off; what belongs to the text stays."""

import cv2
import numpy as np
import pytest

from s2s.image.margin import find_ink, without_margin


def written(text, ink=0, ground=255, scale=1.0):
    image = np.full((round(44 * scale), round(20 * scale * len(text)) + 30), ground, np.uint8)
    cv2.putText(image, text, (10, round(31 * scale)), cv2.FONT_HERSHEY_DUPLEX, scale, ink, max(1, round(2 * scale)))
    return image


def ink_of(image, ground=255):
    rows, columns = np.nonzero(image != ground)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("text", ["Street", "i.", "Mr. Hill, Esq.", "10:30", "- - -x"])
@pytest.mark.parametrize(("ink", "ground"), [(0, 255), (255, 0), (120, 180)])
@pytest.mark.parametrize("scale", [1, 3])
def test_no_ink_of_the_text_is_cut_off(text, ink, ground, scale):
    image = np.pad(written(text, ink, ground, scale), 150 * scale, constant_values=ground)
    cut = without_margin(image)
    assert cut is not None
    left, top, right, bottom = ink_of(image, ground)
    assert (cut.image != ground).sum() == (image != ground).sum()
    assert cut.left <= left < right <= cut.left + cut.image.shape[1]
    assert cut.image.shape[0] < 2 * (bottom - top)


def test_dust_far_from_the_text_is_left_out():
    image = np.pad(written("Street"), 150, constant_values=255)
    image[5:8, 5:8] = 0
    cut = without_margin(image)
    assert cut is not None
    assert cut.image.shape[0] < 60


def test_an_even_ground_has_no_ink_and_a_tight_picture_no_margin():
    for image in (np.full((50, 90), 7, np.uint8), np.full((50, 90, 3), 255, np.uint8)):
        assert find_ink(image) is None
        assert without_margin(image) is None
    shaded = np.tile(np.linspace(100, 250, 900).astype(np.uint8), (300, 1))
    assert find_ink(shaded) is None
    left, top, right, bottom = ink_of(tight := written("Street"))
    assert without_margin(tight[top:bottom, left:right]) is None


def test_colour_is_looked_at_too():
    image = np.dstack([np.pad(written("Street"), 150, constant_values=255)] * 3)
    cut = without_margin(image)
    assert cut is not None
    assert cut.image.shape[2] == 3
