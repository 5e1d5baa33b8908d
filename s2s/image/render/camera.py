"""The drawn scene as it was photographed or scanned, and stored."""

import math

import numpy as np
from numpy.random import Generator

from s2s.config.rendering import Imaging
from s2s.image import imaging
from s2s.image.load import Pixels

STANDARD = 48
"""Height in pixels for which blurs are given."""


def photograph(image: Pixels, config: Imaging, rng: Generator) -> Pixels:
    """Apply lens, light, sensor and file format, each with its chance, in this order."""
    height = image.shape[0]
    if rng.random() < config.motion_chance:
        image = imaging.motion_blur(image, rng.uniform(*config.motion) * height / STANDARD, rng.uniform(0, math.pi))
    if rng.random() < config.defocus_chance:
        image = imaging.defocus(image, rng.uniform(*config.defocus) * height / STANDARD)
    gamma = rng.uniform(*config.gamma) if rng.random() < config.gamma_chance else 1.0
    contrast, brightness = 1.0, 0.0
    if rng.random() < config.tone_chance:
        contrast, brightness = rng.uniform(*config.contrast), rng.uniform(*config.brightness)
    if gamma != 1 or contrast != 1:
        image = imaging.tone(image, gamma, contrast, brightness)
    if rng.random() < config.shade_chance:
        image = imaging.shade(image, rng.uniform(*config.shade), rng)
    if rng.random() < config.glare_chance:
        image = imaging.glare(image, rng.uniform(*config.glare), rng)
    if rng.random() < config.resample_chance:
        image = imaging.resample(image, int(rng.integers(config.resample[0], config.resample[1], endpoint=True)), rng)
    if rng.random() < config.noise_chance:
        image = imaging.noise(image, rng.uniform(*config.noise), rng)
    if rng.random() < config.poisson_chance:
        image = imaging.poisson(image, rng.uniform(*config.poisson), rng)
    if rng.random() < config.sharpen_chance:
        image = imaging.sharpen(image, rng.uniform(*config.sharpen))
    if rng.random() < config.jpeg_chance:
        image = imaging.jpeg(image, int(rng.integers(config.jpeg[0], config.jpeg[1], endpoint=True)))
    if rng.random() < config.binarise_chance:
        image = imaging.binarise(image)
    return np.ascontiguousarray(image)
