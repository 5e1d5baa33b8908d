"""One height, free width, the same rule for all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.image.geometry import bucket, light_on_dark, needed_steps, needed_width, pad_right, to_dark_on_light, to_height

sizes = st.integers(1, 200)


@given(sizes, st.integers(1, 400), st.integers(8, 64))
def test_height_is_fixed_and_proportions_are_kept(rows, columns, height):
    scaled = to_height(np.zeros((rows, columns, 3), np.uint8), height)
    assert scaled.shape == (height, max(1, round(columns * height / rows)), 3)


def test_width_limits_hold():
    image = np.zeros((10, 100), np.uint8)
    assert to_height(image, 32, max_width=200).shape == (32, 200)
    assert to_height(image, 32, min_width=400).shape == (32, 400)


@given(st.integers(1, 5000), st.integers(1, 64))
def test_buckets_are_the_next_multiple(width, step):
    assert bucket(width, step) % step == 0
    assert 0 <= bucket(width, step) - width < step


def test_padding_continues_the_edge_and_keeps_the_picture():
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    padded = pad_right(image, 6)
    assert np.array_equal(padded[:, :4], image)
    assert np.array_equal(padded[:, 4:], image[:, 3:].repeat(2, axis=1))
    assert pad_right(image, 2) is image


@pytest.mark.parametrize(("text", "steps"), [("", 0), ("a", 1), ("ab", 2), ("aab", 4), ("aaa", 5)])
def test_equal_neighbours_need_a_blank_between(text, steps):
    assert needed_steps(text) == steps
    assert needed_width(text, 4) == 4 * steps


@pytest.mark.parametrize("shape", [(32, 80), (32, 80, 3)])
def test_polarity_is_told_by_the_rim(shape):
    dark_text = np.full(shape, 220, np.uint8)
    dark_text[10:22, 10:70] = 30
    light_text = 255 - dark_text
    assert not light_on_dark(dark_text)
    assert light_on_dark(light_text)
    assert np.array_equal(to_dark_on_light(light_text), dark_text)
    assert np.array_equal(to_dark_on_light(dark_text), dark_text)
