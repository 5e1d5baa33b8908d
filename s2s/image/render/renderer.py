"""Pictures of text by number."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator

from s2s.config.errors import RequestError
from s2s.config.rendering import Rendering
from s2s.image.load import Pixels
from s2s.image.render import backgrounds, clutter, colours, gate, glyphs, layers
from s2s.image.render.blend import blend
from s2s.image.render.camera import photograph
from s2s.image.render.fonts import Face, Fonts
from s2s.image.render.glyphs import Run
from s2s.image.render.labels import Sampler
from s2s.image.render.placement import Placement, place

TEXTS = 20
"""Texts tried before giving up on a picture."""


@dataclass(frozen=True)
class Rendered:
    """A picture, its label and how it came about."""

    image: Pixels
    """(H, W, 3), RGB."""
    text: str
    kind: str
    """Kind of text: word, number, random, ..."""
    face: str
    """Family and style; empty for pictures without text."""
    light_on_dark: bool
    faults: tuple[str, ...]
    """Why earlier attempts were refused by the gate."""
    plain: bool
    """Whether all of them were, so that this is the plain picture."""


@dataclass(frozen=True)
class Renderer:
    """`renderer(index)` is a pure function of the fields and the index."""

    config: Rendering
    fonts: Fonts
    labels: Sampler
    seed: int = 1
    photographs: Sequence[Path] = ()

    @cached_property
    def _plain(self) -> Rendering:
        return plain(self.config)

    def __call__(self, index: int) -> Rendered:
        """Picture number `index`. Raises RequestError if no text can be drawn."""
        cv2.setNumThreads(0)  # pictures are small: OpenCV's threads only get in the way of the workers
        rng = np.random.default_rng([self.seed, index])
        faults: list[str] = []
        for _ in range(TEXTS):
            kind, text = self.labels.draw(rng)
            if not text:
                return self._negative(rng)
            for attempt in range(self.config.gate.retries + 2):
                face = self.fonts.draw(text, rng)
                if face is None:
                    break
                last = attempt > self.config.gate.retries
                result = self._attempt(text, face, self._plain if last else self.config, rng)
                if not isinstance(result, str):
                    return Rendered(result[0], text, kind, face.name, result[1], tuple(faults), last)
                faults.append(result)
        raise RequestError("no text could be drawn legibly; check the characters and the fonts")

    def _attempt(self, text: str, face: Face, config: Rendering, rng: Generator) -> tuple[Pixels, bool] | str:
        """The picture and its polarity, or what the gate refused."""
        height = int(rng.integers(config.crop.height[0], config.crop.height[1], endpoint=True))
        run = glyphs.draw(face, text, height, config.glyphs, rng)
        if run is None:
            return "no ink"
        beside = clutter.neighbour(config.clutter, rng)
        placement = place(run, height, config.geometry, config.crop, rng, beside.margin if beside else None)
        if placement.width > config.crop.width:
            return "too wide"
        if gate.narrow(text, height, placement.width, config.gate):
            return "too narrow"
        fill = self._fill(run, placement, config)
        if fill is None:
            return "cut"
        scheme = colours.draw(config.colours, rng)
        image = backgrounds.draw(scheme, placement, run.box, config.backgrounds, self.photographs, rng)
        self._surround(image, run, face, placement, scheme, beside, config, rng)
        ink = layers.draw(image, run, fill, placement, scheme, config.layers, config.backgrounds.tiles, rng)
        if rng.random() < config.clutter.occluder_chance:
            clutter.occlude(image, scheme, config.clutter, rng)
        finished = photograph(np.clip(image + np.float32(0.5), 0, 255).astype(np.uint8), config.imaging, rng)
        return gate.fault(finished, ink, config.gate) or (finished, scheme.light_on_dark)

    def _fill(self, run: Run, placement: Placement, config: Rendering) -> Pixels | None:
        """The run's mask in the picture; None if too much of it lies outside."""
        if placement.margin >= 0:
            return placement.warp(run.mask)
        border = 2 + round(-placement.margin * 2 * placement.height)
        wide = placement.warp(run.mask, border=border)
        if gate.inside(wide, border) < config.gate.inside:
            return None
        return np.ascontiguousarray(wide[border:-border, border:-border])

    def _surround(
        self, image: np.ndarray, run: Run, face: Face, placement: Placement, scheme: colours.Scheme,
        beside: clutter.Neighbour | None, config: Rendering, rng: Generator,
    ) -> None:  # fmt: skip
        """Everything behind and beside the text."""
        if rng.random() < config.clutter.ghost_chance and (other := self._other(face, placement, config, rng)):
            clutter.ghost(image, other, run, placement, scheme, config.clutter, rng)
        if rng.random() < config.clutter.bleed_chance and (other := self._other(face, placement, config, rng)):
            clutter.bleed(image, other, run, placement, scheme, config.clutter, rng)
        if rng.random() < config.clutter.shapes_chance:
            clutter.shapes(image, run, placement, scheme, config.clutter, rng)
        if beside and (other := self._other(face, placement, config, rng)):
            ink = scheme.text if rng.random() < config.clutter.neighbour_same_chance else scheme.other
            blend(image, placement.warp(other.mask, beside.origin(run, other)), ink)

    def _other(self, face: Face, placement: Placement, config: Rendering, rng: Generator) -> Run | None:
        """Another word in the same face, or as much text as the label where labels are lines."""
        text = self.labels.other(rng)
        while config.labels.line > 0.5 and len(text) < placement.width / placement.height * 2:
            text += " " + self.labels.other(rng)
        return glyphs.draw(face, text, placement.height, config.glyphs, rng)

    def _negative(self, rng: Generator) -> Rendered:
        """A picture without text: a ground, perhaps with something on it."""
        config = self.config
        height = int(rng.integers(config.crop.height[0], config.crop.height[1], endpoint=True))
        width = max(8, round(height * rng.uniform(0.8, 6)))
        flat = Run(np.zeros((height, width), np.uint8), (0.0, 0.0, float(width), float(height)), height)
        placement = Placement(np.eye(3), height, width, None, None, 0.0, 1.0)
        scheme = colours.draw(config.colours, rng)
        image = backgrounds.draw(scheme, placement, flat.box, config.backgrounds, self.photographs, rng)
        if rng.random() < 0.5:
            clutter.occlude(image, scheme, config.clutter, rng)
        finished = photograph(np.clip(image + np.float32(0.5), 0, 255).astype(np.uint8), config.imaging, rng)
        return Rendered(finished, "", "negative", "", scheme.light_on_dark, (), False)


def plain(config: Rendering) -> Rendering:
    """The same rendering with everything left to chance switched off, upright, at its natural width."""
    sections: dict[str, Any] = {}
    for section in fields(config):
        value = getattr(config, section.name)
        if is_dataclass(value) and not isinstance(value, type):
            off = {field.name: 0.0 for field in fields(value) if field.name.endswith("_chance")}
            sections[section.name] = replace(value, **off)
    sections["geometry"] = replace(sections["geometry"], rotation=0.0, width=(1.0, max(1.0, config.geometry.width[1])))
    sections["crop"] = replace(sections["crop"], margin_limits=(0.0, max(0.0, config.crop.margin_limits[1])))
    sections["backgrounds"] = replace(
        sections["backgrounds"], flat=1.0, gradient=0.0, procedural=0.0, photograph=0.0, panel=0.0, paper=0.0
    )
    sections["colours"] = replace(sections["colours"], difference=max(40.0, config.colours.difference))
    return replace(config, **sections)
