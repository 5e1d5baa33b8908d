"""The reader that comes with s2s: it reads, whatever is light and whatever dark, and its memory stays flat."""

from pathlib import Path

import numpy as np
import pytest

from s2s.bundle.files import shipped_models
from s2s.bundle.load import load as load_bundle
from s2s.config.rendering import WORDS
from s2s.data.images.store import open_pictures
from s2s.image.render.fonts import Fonts, embedded_folder, find_faces
from s2s.image.render.labels import Sampler
from s2s.image.render.renderer import Renderer
from s2s.image.render.words import Words, from_languages
from s2s.inference.load import load
from s2s.inference.stream import read_each
from s2s.metrics.edits import plain
from s2s.metrics.score import score
from s2s.text.charset import DEFAULT

IC03 = Path(__file__).parents[3] / "shared" / "data" / "ocr" / "ic03-test"


@pytest.fixture(scope="module")
def reader():
    return load("words", "cpu")


@pytest.fixture(scope="module")
def renderer():
    words = Words(from_languages(["en"]), DEFAULT, WORDS.labels.power)
    fonts = Fonts(find_faces(DEFAULT, [embedded_folder()]), WORDS.faces)
    return Renderer(WORDS, fonts, Sampler(WORDS.labels, DEFAULT, words), seed=2026)


def test_it_is_small_and_tells_what_it_is():
    folder = shipped_models()["words"]
    assert sum(path.stat().st_size for path in folder.iterdir()) < 8e6
    card = (folder / "README.md").read_text(encoding="utf-8")
    for part in (
        "## Data",
        "terms:",
        "## Scores",
        "word_accuracy",
        "command: `s2s train recognition/words",
        "minutes:",
    ):
        assert part in card


def test_light_on_dark_is_read_as_well_as_dark_on_light(reader, renderer):
    pictures = [renderer(index) for index in range(400)]
    images = [picture.image for picture in pictures]
    labels = [plain(picture.text) for picture in pictures]
    upright, inverted = ([plain(r.text) for r in reader(some)] for some in (images, [255 - one for one in images]))
    right = np.array([[a == label, b == label] for a, b, label in zip(upright, inverted, labels, strict=True)])
    only = np.array([(right[:, 0] & ~right[:, 1]).sum(), (right[:, 1] & ~right[:, 0]).sum()])
    assert right.mean() > 0.5  # a third of what is rendered is random strings, numbers and clutter
    assert abs(only[0] - only[1]) <= 3 * np.sqrt(only.sum())  # what tossing a coin would do to those read one way only


@pytest.mark.slow
@pytest.mark.skipif(not IC03.is_dir(), reason="needs ../shared/data/ocr/ic03-test")
def test_it_reads_what_its_card_says_on_a_public_test(reader):
    examples = open_pictures(IC03).read("all").examples
    texts = [one.text for one in read_each(reader, examples)]
    read = score("word_accuracy", texts, [one.text for one in examples], bootstrap=0).value
    said = load_bundle("words").info["scores"]["word_accuracy@ic03-test:all"]["value"]
    assert read == pytest.approx(said, abs=0.3)  # of 860 words another processor may decide two otherwise


@pytest.mark.slow
def test_memory_stays_flat_over_ten_thousand_pictures_of_any_width(reader):
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (40, 700), dtype=np.uint8)

    class Cut:
        def load(self, colour=True):
            return np.ascontiguousarray(noise[:, : int(rng.integers(8, 700))])

    resident = []
    for number, _ in enumerate(read_each(reader, (Cut() for _ in range(10_000)))):
        if number % 100 == 0:
            resident.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4096)
    assert np.mean(resident[-10:]) < 1.1 * np.mean(resident[25:35])
