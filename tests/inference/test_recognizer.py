"""Reading pictures: what one says does not depend on the others, and where it says it."""

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from s2s.bundle.load import load
from s2s.bundle.save import save
from s2s.config.errors import RequestError
from s2s.image.load import BadImage
from s2s.image.preprocessing import fit
from s2s.inference.load import load as load_reader
from s2s.inference.recognizer import Recognizer, _most, _rows
from s2s.inference.stream import read_each
from s2s.text.vocabulary import EOS
from tests.bars import draw, random_bundle


def noise(count=24, seed=3):
    """Pictures of all widths, grey and coloured, none of which says anything."""
    generator = np.random.default_rng(seed)
    shapes = [(int(generator.integers(20, 60)), int(generator.integers(5, 400))) for _ in range(count)]
    images = [generator.integers(0, 256, shape).astype(np.uint8) for shape in shapes]
    return [np.dstack([image] * 3) if place % 3 == 0 else image for place, image in enumerate(images)]


MODEL = {
    "backbone": {"width": 0.25},
    "encoder": {"hidden": 16, "layers": 1},
    "attention": {"size": 16, "heads": 2},
    "attention_decoder": {"embedding": 16, "hidden": 32},
}


@pytest.mark.parametrize("decoder", ["ctc", "attention"])
@pytest.mark.parametrize("beam", [1, 3])
def test_alone_together_and_shuffled_give_the_same_in_double_precision(decoder, beam):
    reader = Recognizer.from_bundle(random_bundle(dtype=torch.float64, model={**MODEL, "decoder": decoder}))
    images = noise()
    together = reader(images, beam=beam)
    assert len({one.text for one in together}) > 1
    order = np.random.default_rng(0).permutation(len(images)).tolist()
    shuffled = reader([images[place] for place in order], beam=beam, batch_pixels=20_000)
    for place, image in enumerate(images):
        for other in (reader(image, beam=beam), shuffled[order.index(place)]):
            assert other.text == together[place].text
            assert other.confidence == pytest.approx(together[place].confidence, rel=1e-9)
            places = [[(c.text, c.left, c.right) for c in one.characters] for one in (other, together[place])]
            assert places[0] == places[1]


def test_files_bytes_and_pixels_are_alike_and_the_bundle_stays_as_it_is(tmp_path):
    bundle = random_bundle()
    before = bundle.fingerprint
    reader = Recognizer.from_bundle(bundle)
    picture = draw("abcab")
    Image.fromarray(picture).save(tmp_path / "a.png")
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    readings = reader([tmp_path / "a.png", str(tmp_path / "a.png"), data.getvalue(), picture])
    assert len({one.text for one in readings}) == 1
    assert reader(tmp_path / "a.png").text == readings[0].text
    assert bundle.fingerprint == before


@pytest.mark.parametrize("decoder", ["ctc", "attention"])
def test_a_model_travels(tmp_path, decoder):
    bundle = random_bundle(model={**MODEL, "decoder": decoder})
    save(tmp_path / "model", bundle)
    loaded = load(tmp_path / "model")
    assert (loaded.config, loaded.charset, loaded.fingerprint) == (bundle.config, bundle.charset, bundle.fingerprint)
    assert (tmp_path / "model" / "charset.json").is_file()
    assert "s2s transcribe" in (tmp_path / "model" / "README.md").read_text()
    assert load_reader(tmp_path / "model", "cpu")(noise()) == Recognizer.from_bundle(bundle)(noise())


@pytest.mark.parametrize("size", [(40, 100), (80, 700), (13, 31)])
def test_characters_stand_in_the_picture_from_left_to_right(size):
    reader = Recognizer.from_bundle(random_bundle())
    image = np.random.default_rng(1).integers(0, 256, size).astype(np.uint8)
    transcript = reader(image)
    assert "".join(one.text for one in transcript.characters) == transcript.text != ""
    assert 0 < transcript.confidence <= 1
    edges = [edge for one in transcript.characters for edge in (one.left, one.right)]
    assert edges == sorted(edges)
    assert 0 <= edges[0] < edges[-1] <= size[1]
    assert all(0 < one.probability <= 1 for one in transcript.characters)


def test_a_squeezed_picture_has_a_warning():
    reader = Recognizer.from_bundle(random_bundle())
    assert "squeezed to 256" in reader(np.zeros((32, 500), np.uint8)).warnings[0]
    assert reader(noise()[0]).warnings == ()


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((5, 5)), np.zeros((2, 5, 5, 3), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((0, 5), np.uint8)],
)
def test_pixels_of_another_kind_are_refused(pixels):
    with pytest.raises(RequestError, match="pixels"):
        Recognizer.from_bundle(random_bundle())(pixels)


@pytest.mark.parametrize(
    "picture", [None, 3, [None], {"a.png": 1}, {"a.png"}, [["a.png"]], io.StringIO("text"), [io.StringIO("text")]]
)
def test_what_is_no_picture_is_told_what_would_be_one(picture):
    with pytest.raises(TypeError, match="pictures must be paths, bytes of files, files opened in binary mode, PIL"):
        Recognizer.from_bundle(random_bundle())(picture)


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "CMYK", "RGBA", "I;16"])
def test_an_open_file_and_a_pil_image_are_one_picture_each(tmp_path, mode):
    reader = Recognizer.from_bundle(random_bundle())
    image = Image.fromarray(draw("abcab"))
    image = Image.fromarray(draw("abcab").astype(np.uint16) * 257) if mode == "I;16" else image.convert(mode)
    path = tmp_path / "a.tif"
    image.save(path)
    with path.open("rb") as file:
        assert reader(file) == reader(image) == reader(io.BytesIO(path.read_bytes())) == reader(path)
    content = io.BytesIO(path.read_bytes())
    assert [one.text for one in reader([content, image])] == [reader(path).text] * 2


def test_a_pil_image_is_refused_like_a_file_is():
    with pytest.raises(BadImage, match="too small to hold text"):
        Recognizer.from_bundle(random_bundle())(Image.new("L", (2, 9)))
    with pytest.raises(BadImage, match="not a picture but text"):
        Recognizer.from_bundle(random_bundle())(io.BytesIO(b"words of text"))


@pytest.fixture(scope="module")
def words():
    return load_reader("words", "cpu")


def written(text, margin, ground=255):
    """A word in a margin, so many times its height."""
    image = np.full((40, 20 * len(text) + 20), ground, np.uint8)
    cv2.putText(image, text, (10, 31), cv2.FONT_HERSHEY_DUPLEX, 1, 0, 2, cv2.LINE_AA)
    return np.pad(image, round(margin * 40), constant_values=ground)


@pytest.mark.parametrize("margin", [1, 2, 4])
def test_a_word_in_a_wide_margin_is_read_and_placed(words, margin):
    said, plain = words(written("Garden", margin)), words(written("Garden", 0))
    assert said.text == plain.text == "Garden"
    assert any("wide margin" in warning for warning in said.warnings)
    assert plain.warnings == ()
    for here, there in zip(plain.characters, said.characters, strict=True):
        assert there.left - here.left == pytest.approx(margin * 40, abs=10)


def test_a_word_in_a_wide_margin_does_not_depend_on_its_company(words):
    images = [written("Garden", 3), written("house", 0), written("Street", 2), np.full((90, 300), 240, np.uint8)]
    together = words(images)
    for image, one in zip(images, together, strict=True):
        alone = words(image)
        assert (alone.text, alone.warnings) == (one.text, one.warnings)
        assert alone.confidence == pytest.approx(one.confidence, abs=1e-3)


def test_an_empty_reading_is_trusted_of_an_empty_picture_only(words):
    blank = np.full((60, 200), 230, np.uint8)
    assert words(blank).text == ""
    assert words(blank).warnings == ()
    scratched = blank.copy()
    cv2.line(scratched, (5, 50), (195, 45), 0, 1)
    said = words(scratched)
    doubt = "nothing was read, although the picture is not empty"
    assert (said.text, said.confidence, said.warnings) == ("", 0.0, (doubt,))


def test_confidence_is_the_probability_of_a_character_on_average():
    reader = Recognizer.from_bundle(random_bundle(dtype=torch.float64))
    images = noise()
    found = reader.read([fit(image, reader.source) for image in images])
    assert max(len(one.tokens) for one in found) > 1
    for reading, said in zip(found, reader(images), strict=True):
        assert said.confidence == pytest.approx(reading.confidence ** (1 / max(1, len(reading.tokens))))


def test_a_text_that_an_attention_reader_had_to_cut_has_a_warning(monkeypatch):
    reader = Recognizer.from_bundle(random_bundle(model={**MODEL, "decoder": "attention"}))
    with torch.no_grad():
        reader.model.decoder.output.bias[EOS] = -1e4  # it never ends by itself
    for beam in (1, 3):
        said = reader(draw("abc"), beam=beam)
        assert any("the text was cut off after" in warning for warning in said.warnings)
    with torch.no_grad():
        reader.model.decoder.output.bias[EOS] = 1e4
    assert not any("cut off" in warning for warning in reader(draw("abc")).warnings)


@pytest.mark.parametrize("options", [{"beam": 1.5}, {"beam": 0}, {"batch_pixels": 1e5}])
def test_impossible_options_are_refused(options):
    with pytest.raises(RequestError, match=r"must be"):
        Recognizer.from_bundle(random_bundle())([draw("abc")], **options)


def test_what_cannot_be_read_takes_its_place_among_the_others(tmp_path):
    class File:
        def __init__(self, image):
            self.image = image

        def load(self, colour):
            if self.image is None:
                raise BadImage("x.png: broken")
            return self.image

    reader = Recognizer.from_bundle(random_bundle())
    images = [None, *noise(6), None, *noise(5)]
    found = list(read_each(reader, map(File, images)))
    assert [isinstance(one, BadImage) for one in found] == [image is None for image in images]
    good = [image for image in images if image is not None]
    assert [one for one in found if not isinstance(one, BadImage)] == reader(good)


def test_large_pictures_are_in_memory_a_few_at_a_time(monkeypatch):
    monkeypatch.setattr("s2s.inference.stream.PIXELS", 40_000)
    reader, alive, most = Recognizer.from_bundle(random_bundle()), set(), []

    class File:
        def __init__(self, number):
            self.number = number

        def load(self, colour):
            alive.add(self.number)
            most.append(len(alive))
            return np.full((100, 150 + self.number), 255, np.uint8)

    for number, _ in enumerate(read_each(reader, map(File, range(12)))):
        alive.discard(number)
    assert max(most) == 3
    assert len(most) == 12


def test_an_impossible_beam_is_refused():
    with pytest.raises(RequestError, match="beam must be 1 or more"):
        Recognizer.from_bundle(random_bundle())(draw("a"), beam=0)


def test_training_mode_and_weights_stay_as_they_were():
    bundle = random_bundle()
    bundle.model.train()
    Recognizer(bundle)(noise(3))
    assert bundle.model.training


def test_batches_have_few_shapes_and_are_hardly_fuller_than_their_pictures():
    rows = [_rows(count) for count in range(1, 257)]
    assert all(count <= row <= 1.5 * count for count, row in enumerate(rows, 1))
    assert sorted(set(rows)) == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256]
    # Filled up, a batch is still within its budget, and none that fits the budget better would be.
    for budget in range(1, 257):
        assert _rows(_most(budget)) == _most(budget) <= budget < min(row for row in [*rows, 384] if row > _most(budget))


def test_an_attention_reader_searches_as_its_config_says():
    bundle = random_bundle(model={"decoder": "attention"})
    with torch.no_grad():
        bundle.model.decoder.output.bias[EOS] += 4
    pictures = [draw(text) for text in ("abcabc", "a", "bcab")]

    def texts(**decoding):
        config = replace(bundle.config, decoding=replace(bundle.config.decoding, **decoding))
        return [one.text for one in Recognizer(replace(bundle, config=config))(pictures)]

    plain = texts(beam=5)
    assert texts(beam=5, length_penalty=1.0, coverage_penalty=0.0) == plain
    assert sum(map(len, texts(beam=5, length_penalty=5.0))) > sum(map(len, plain))
    assert texts(beam=5, coverage_penalty=5.0) != plain
    assert max(map(len, plain)) > 3 >= max(map(len, texts(beam=5, max_ratio=0.0, max_extra=2)))
