"""A picture in the form in which a recogniser gets it: the same for training, evaluation and a single picture."""

import cv2

from s2s.config.source import ImageSource
from s2s.image.geometry import to_dark_on_light, to_height
from s2s.image.load import Pixels


def fit(image: Pixels, form: ImageSource, least: int = 0) -> Pixels:
    """A picture (H, W) or (H, W, 3) in RGB as (height, W') or, in colour, (height, W', 3); W' is `least` or more.

    Only `form.max_width` is above that.
    """
    image = recolour(image, form.colour)
    if form.dark_on_light:
        image = to_dark_on_light(image)
    return to_height(image, form.height, max(form.min_width, least), form.max_width)


def recolour(image: Pixels, colour: bool) -> Pixels:
    """The picture in three channels, or in one."""
    if (image.ndim == 3) == colour:
        return image
    return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB if colour else cv2.COLOR_RGB2GRAY)  # type: ignore[return-value]


def natural_width(image: Pixels, height: int) -> int:
    """The width in proportion to a height."""
    return round(image.shape[1] * height / image.shape[0])
