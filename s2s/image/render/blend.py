"""One layer laid over another."""

import numpy as np

from s2s.image.imaging import Field
from s2s.image.load import Pixels
from s2s.image.render.colours import Colour


def blend(image: Field, mask: Pixels, colour: Colour | Field, opacity: float = 1.0) -> None:
    """Lay a colour (3,) or colours (H, W, 3) over the image (H, W, 3), in place, as dense as the mask (H, W)."""
    share = mask[..., None] * np.float32(opacity / 255)
    image += share * (colour - image)
