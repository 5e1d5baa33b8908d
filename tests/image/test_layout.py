"""Pages are told from lines and words."""

import cv2
import numpy as np
import pytest

from s2s.image.layout import count_lines


def page(lines, ink=0, paper=255, width=600):
    image = np.full((20 + 40 * lines, width), paper, np.uint8)
    for line in range(lines):
        cv2.putText(image, "Some words: high, low", (10, 40 + 40 * line), cv2.FONT_HERSHEY_SIMPLEX, 1, ink, 2)
    return image


@pytest.mark.parametrize("lines", [1, 2, 3, 12])
@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (250, 30)])
def test_the_lines_of_a_page_are_counted(lines, ink, paper):
    assert count_lines(page(lines, ink, paper)) == lines
    assert count_lines(np.dstack([page(lines, ink, paper)] * 3)) == lines


@pytest.mark.parametrize("shape", [(3, 3), (32, 4), (200, 10), (40, 900)])
def test_noise_and_blank_pictures_are_no_pages(shape):
    assert count_lines(np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)) < 3
    assert count_lines(np.full(shape, 7, np.uint8)) == 1
