"""The letters themselves: shadow or depth, rim, and their filling."""

import math

import cv2
import numpy as np
from numpy.random import Generator

from s2s.config.rendering import Layers
from s2s.image.imaging import Field
from s2s.image.load import Pixels
from s2s.image.render.blend import blend
from s2s.image.render.colours import Colour, Scheme
from s2s.image.render.glyphs import Run
from s2s.image.render.placement import Placement
from s2s.image.render.textures import texture

FILLINGS = ("clouds", "paper", "wood", "stripes", "leaves")


def draw(
    image: Field,
    run: Run,
    fill: Pixels,
    placement: Placement,
    scheme: Scheme,
    config: Layers,
    tiles: int,
    rng: Generator,
) -> Pixels:
    """Lay the run over the image, in place; `fill` is its mask in the picture. Returns the mask of what carries it."""
    rim_width = rng.uniform(*config.border) * run.height if rng.random() < config.border_chance else 0.0
    hollow = rng.random() < config.outline_chance
    solid = run.mask
    if rim_width or hollow:
        reach = max(1, round(rim_width or rng.uniform(*config.border) * run.height))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        solid = np.asarray(cv2.dilate(run.mask, kernel), dtype=np.uint8)
    dice = rng.random()
    if dice < config.shadow_chance + config.extrusion_chance:
        _shadow(image, run, solid, placement, scheme, config, dice < config.extrusion_chance, rng)
    if hollow:
        rim = np.subtract(placement.warp(solid), fill, dtype=np.int16).clip(0).astype(np.uint8)
        blend(image, rim, scheme.text)
        return rim
    if rim_width:
        blend(image, placement.warp(solid), _rim_colour(scheme, rng))
    blend(image, fill, _filling(placement.height, placement.width, scheme, config, tiles, rng))
    return fill


def _shadow(
    image: Field,
    run: Run,
    solid: Pixels,
    placement: Placement,
    scheme: Scheme,
    config: Layers,
    deep: bool,
    rng: Generator,
) -> None:
    """A soft shadow, or the sides of letters with depth."""
    angle, length = rng.uniform(-math.pi, math.pi), rng.uniform(*config.shadow) * run.height
    dx, dy = length * math.cos(angle), length * math.sin(angle)
    if deep:
        reach = max(1, math.ceil(length))
        kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
        # Dilation looks back along the kernel, so the line in it points the other way.
        cv2.line(kernel, (reach, reach), (reach - round(dx), reach - round(dy)), 1)
        sides = np.asarray(cv2.dilate(solid, kernel), dtype=np.uint8)
        blend(
            image,
            placement.warp(sides),
            scheme.ground * np.float32(rng.uniform(*config.extrusion)),
            rng.uniform(0.7, 1.0),
        )
        return
    sigma = run.height * rng.uniform(*config.shadow_blur)
    cast = placement.warp(np.asarray(cv2.GaussianBlur(solid, (0, 0), sigma), dtype=np.uint8), (dx, dy))
    light = scheme.ground.mean() < 60 and rng.random() < 0.5  # a glow: a shadow would not be seen
    colour = np.full(3, 255.0 if light else 0.0, np.float32)
    blend(image, cast, colour, rng.uniform(*config.shadow_opacity))


def _rim_colour(scheme: Scheme, rng: Generator) -> Colour:
    """Mostly on the far side of the ground from the text, so that the letters stand out more, not less."""
    dice = rng.random()
    if dice < 0.5:
        return np.clip(scheme.ground * 2 - scheme.text, 0, 255)
    if dice < 0.8:
        return np.full(3, 0.0 if scheme.light_on_dark else 255.0, np.float32)
    return scheme.other


def _filling(height: int, width: int, scheme: Scheme, config: Layers, tiles: int, rng: Generator) -> Colour | Field:
    """One colour, a gradient or a texture."""
    dice = rng.random()
    away = scheme.text - scheme.ground
    if dice < config.gradient_chance:
        end = np.clip(scheme.text + away * np.float32(rng.uniform(*config.gradient)), 0, 255)
        along = np.linspace(0, 1, height if rng.random() < 0.7 else width, dtype=np.float32)
        share = along[:, None, None] if len(along) == height else along[None, :, None]
        return np.asarray(scheme.text + share * (end - scheme.text), dtype=np.float32)
    if dice < config.gradient_chance + config.texture_chance:
        pattern = texture(FILLINGS[int(rng.random() * len(FILLINGS))], height, width, tiles, rng)
        return np.asarray(
            scheme.text + pattern[..., None] * (away * np.float32(rng.uniform(*config.texture))), np.float32
        )
    return scheme.text
