"""What lenses, sensors and file formats do to a picture: uint8, (H, W) or (H, W, 3), in and out, of one shape."""

import math
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from s2s.image.load import Pixels

Field = NDArray[np.float32]

NOISE_VALUES = 1 << 20
"""Normal deviates kept; noise is a stretch of them from a random offset, 30 times faster than drawing anew."""

LEVELS = np.arange(256, dtype=np.float32) / np.float32(255)


@cache
def _deviates() -> Field:
    return np.random.default_rng(20150721).standard_normal(NOISE_VALUES, dtype=np.float32)


def normal(shape: tuple[int, ...], rng: Generator) -> Field:
    """Standard normal noise of a shape, a stretch of a fixed table."""
    size = math.prod(shape)
    table = _deviates()
    if size > len(table):
        return np.asarray(rng.standard_normal(shape, dtype=np.float32), dtype=np.float32)
    start = int(rng.random() * (len(table) - size))
    return table[start : start + size].reshape(shape)


def smooth(shape: tuple[int, int], cell: float, rng: Generator) -> Field:
    """Noise (H, W) of standard deviation about one that varies over `cell` pixels."""
    grid = (max(2, round(shape[0] / cell) + 1), max(2, round(shape[1] / cell) + 1))
    coarse = rng.standard_normal(grid, dtype=np.float32)
    return np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def to_bytes(values: Field) -> Pixels:
    """Grey levels to uint8, rounded and clipped."""
    return np.clip(values + np.float32(0.5), 0, 255).astype(np.uint8)


def motion_blur(image: Pixels, length: float, angle: float) -> Pixels:
    """Blur along a line of `length` pixels at `angle` radians."""
    reach = math.ceil(length / 2)
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    dx, dy = math.cos(angle) * length / 2, math.sin(angle) * length / 2
    steps = 4 * reach + 1
    for step in range(steps):
        share = 2 * step / (steps - 1) - 1
        kernel[round(reach + share * dy), round(reach + share * dx)] += 1
    return np.asarray(cv2.filter2D(image, -1, kernel / steps, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


def defocus(image: Pixels, sigma: float) -> Pixels:
    """Gaussian blur of `sigma` pixels."""
    if sigma < 0.2:
        return image
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


def tone(image: Pixels, gamma: float = 1.0, contrast: float = 1.0, brightness: float = 0.0) -> Pixels:
    """Gamma, then contrast about mid-grey, then brightness in grey levels."""
    levels = LEVELS ** np.float32(gamma) * 255
    return np.asarray(cv2.LUT(image, to_bytes((levels - 128) * contrast + 128 + brightness)), dtype=np.uint8)


def shade(image: Pixels, left: float, rng: Generator) -> Pixels:
    """A cast shadow: beyond a random line with a soft edge only the share `left` of the light remains."""
    height, width = image.shape[:2]
    angle = rng.uniform(-math.pi, math.pi)
    x = np.arange(width, dtype=np.float32) - np.float32(rng.uniform(0.1, 0.9) * width)
    y = np.arange(height, dtype=np.float32) - np.float32(rng.uniform(0.1, 0.9) * height)
    softness = np.float32(height * rng.uniform(0.02, 0.4))
    distance = (x[None] * np.float32(math.cos(angle)) + y[:, None] * np.float32(math.sin(angle))) / softness
    light = 1 - np.float32(1 - left) * np.clip(distance + np.float32(0.5), 0, 1)
    return (image * (light[..., None] if image.ndim == 3 else light)).astype(np.uint8)


def glare(image: Pixels, strength: float, rng: Generator) -> Pixels:
    """A bright spot that adds `strength` grey levels at its centre."""
    height, width = image.shape[:2]
    radius = height * rng.uniform(0.3, 1.0)
    x = (np.arange(width, dtype=np.float32) - np.float32(rng.uniform(0, width))) / np.float32(radius * 1.5)
    y = (np.arange(height, dtype=np.float32) - np.float32(rng.uniform(0, height))) / np.float32(radius)
    spot = np.exp(-(y[:, None] ** 2) - x[None] ** 2) * np.float32(strength)
    return to_bytes(image + (spot[..., None] if image.ndim == 3 else spot))


def resample(image: Pixels, height: int, rng: Generator) -> Pixels:
    """Down to `height` pixels and back: what small text in a large photograph went through."""
    rows, columns = image.shape[:2]
    if height >= rows:
        return image
    small = cv2.resize(image, (max(2, round(columns * height / rows)), height), interpolation=cv2.INTER_AREA)
    back = cv2.INTER_LINEAR if rng.random() < 0.6 else cv2.INTER_CUBIC if rng.random() < 0.75 else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=back), dtype=np.uint8)


def noise(image: Pixels, sigma: float, rng: Generator) -> Pixels:
    """Gaussian noise of `sigma` grey levels, on every channel its own."""
    return to_bytes(image + normal(image.shape, rng) * np.float32(sigma))


def poisson(image: Pixels, scale: float, rng: Generator) -> Pixels:
    """Shot noise: the standard deviation is `scale` times the square root of the grey level."""
    values = image.astype(np.float32)
    return to_bytes(values + np.sqrt(values) * normal(image.shape, rng) * np.float32(scale))


def sharpen(image: Pixels, weight: float) -> Pixels:
    """Unsharp masking, as cameras do."""
    blurred = cv2.GaussianBlur(image, (0, 0), 1.0, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.addWeighted(image, 1 + weight, blurred, -weight, 0), dtype=np.uint8)


def jpeg(image: Pixels, quality: int) -> Pixels:
    """JPEG compression and back; the colours are RGB."""
    colour = image.ndim == 3
    pixels = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if colour else image
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR if colour else cv2.IMREAD_GRAYSCALE)
    assert decoded is not None  # what was just encoded can be decoded
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB) if colour else decoded, dtype=np.uint8)


def binarise(image: Pixels) -> Pixels:
    """Black and white by Otsu's threshold."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    _, cut = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return np.asarray(cut if image.ndim == 2 else cv2.cvtColor(cut, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
