"""A training picture as it might have been taken another time: a pure function of (seed, epoch, index)."""

import math

import cv2
import numpy as np
from numpy.random import Generator

from s2s.config.augmentation import Augmentation
from s2s.image import imaging
from s2s.image.load import Pixels


def augment(image: Pixels, config: Augmentation, seed: int, epoch: int, index: int) -> Pixels:
    """Change a picture (H, W) or (H, W, 3) at random; the height stays, the width may change with the stretch."""
    rng = np.random.default_rng([seed, epoch, index])
    height = image.shape[0]
    if rng.random() < config.warp_chance:
        image = _warp(image, config, rng)
    if rng.random() < config.occlusion_chance:
        image = _occlude(image, config, rng)
    if rng.random() < config.blur_chance:
        sigma = rng.uniform(*config.blur) * height
        if rng.random() < 0.5:
            image = imaging.defocus(image, sigma)
        else:
            image = imaging.motion_blur(image, 4 * sigma, rng.uniform(0, math.pi))
    if rng.random() < config.tone_chance:
        image = imaging.tone(
            image, rng.uniform(*config.gamma), rng.uniform(*config.contrast), rng.uniform(*config.brightness)
        )
    if rng.random() < config.invert_chance:
        image = np.subtract(255, image, dtype=np.uint8)
    if rng.random() < config.resample_chance:
        image = imaging.resample(image, max(8, round(rng.uniform(*config.resample) * height)), rng)
    if rng.random() < config.noise_chance:
        image = imaging.noise(image, rng.uniform(*config.noise), rng)
    if rng.random() < config.jpeg_chance:
        image = imaging.jpeg(image, int(rng.integers(config.jpeg[0], config.jpeg[1], endpoint=True)))
    return image


def _warp(image: Pixels, config: Augmentation, rng: Generator) -> Pixels:
    """Rotate, shear, stretch and move the corners; the edge is continued outwards, so no wedges appear."""
    height, width = image.shape[:2]
    angle = math.radians(np.clip(rng.standard_normal(), -3, 3) * config.rotation)
    # A long word must not leave the picture: its ends may rise by a quarter of the height.
    angle = math.copysign(min(abs(angle), math.atan(0.5 * height / width)), angle)
    stretched = max(1, round(width * rng.uniform(*config.stretch)))
    shear = rng.uniform(-config.shear, config.shear) * height / 2
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    centre = np.array([width / 2, height / 2], np.float32)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], np.float32)
    moved = (corners - centre) @ turn.T + centre
    moved[:, 0] += np.array([shear, shear, -shear, -shear], np.float32)
    moved[:, 0] *= stretched / width
    moved += rng.uniform(-1, 1, (4, 2)).astype(np.float32) * np.float32(config.corner * height)
    matrix = cv2.getPerspectiveTransform(corners, moved)
    warped = cv2.warpPerspective(image, matrix, (stretched, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.uint8)


def _occlude(image: Pixels, config: Augmentation, rng: Generator) -> Pixels:
    """Lay a rectangle in one of the picture's own colours over it."""
    height, width = image.shape[:2]
    rows = max(1, round(rng.uniform(*config.occlusion) * height))
    columns = max(1, min(width // 4, round(rng.uniform(*config.occlusion) * height)))
    top, left = int(rng.integers(height - rows + 1)), int(rng.integers(width - columns + 1))
    changed = image.copy()
    changed[top : top + rows, left : left + columns] = image[int(rng.integers(height)), int(rng.integers(width))]
    return changed
