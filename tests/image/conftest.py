"""A renderer small enough for tests: the embedded fonts and a few words."""

from collections.abc import Callable

import pytest

from s2s.config.rendering import WORDS, Rendering
from s2s.image.render.fonts import Fonts, embedded_folder, find_faces
from s2s.image.render.labels import Sampler
from s2s.image.render.renderer import Renderer
from s2s.image.render.vetting import vet
from s2s.image.render.words import Words

ASCII = "".join(map(chr, range(0x20, 0x7F)))
COUNTS = {
    "street": 50,
    "hotel": 40,
    "exit": 30,
    "parking": 20,
    "coffee": 10,
    "to": 90,
    "international": 5,
    "o'clock": 2,
}


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    return Fonts(vet(find_faces(ASCII, [embedded_folder()]), ASCII), WORDS.faces)


@pytest.fixture(scope="session")
def make(fonts: Fonts) -> Callable[..., Renderer]:
    """A renderer of printable ASCII with the embedded fonts."""

    def build(config: Rendering = WORDS, seed: int = 1, **options: object) -> Renderer:
        words = Words(COUNTS, ASCII, config.labels.power)
        return Renderer(config, fonts, Sampler(config.labels, ASCII, words), seed, **options)

    return build
