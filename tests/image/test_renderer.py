"""Rendered pictures: repeatable, legible, labelled with exactly what they show."""

import hashlib
import os
import pickle
import re
import subprocess
import sys
import unicodedata
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from s2s.config.errors import RequestError
from s2s.config.rendering import LINES, WORDS, Gate, Rendering
from s2s.config.strict import from_dict, to_dict
from s2s.image.geometry import needed_width
from s2s.image.render import glyphs
from s2s.image.render.fonts import Face, Fonts, embedded_folder, find_faces, read_face, system_folders
from s2s.image.render.labels import Sampler
from s2s.image.render.renderer import Renderer, plain
from s2s.image.render.words import Words

CHANCES = [
    (section.name, option.name)
    for section in fields(Rendering)
    if is_dataclass(getattr(WORDS, section.name))
    for option in fields(getattr(WORDS, section.name))
    if option.name.endswith("_chance")
]


def with_numbers(config, section, **numbers):
    return replace(config, **{section: replace(getattr(config, section), **numbers)})


def test_seed_and_index_fix_pixels_and_label_in_any_order(make):
    first, second = make(), pickle.loads(pickle.dumps(make()))
    forwards = [first(index) for index in range(12)]
    backwards = [second(index) for index in reversed(range(12))][::-1]
    for a, b in zip(forwards, backwards, strict=True):
        assert a.text == b.text
        assert np.array_equal(a.image, b.image)


def test_other_seeds_and_indices_give_other_pictures(make):
    pictures = [make(seed=seed)(index).image.tobytes() for seed in (1, 2) for index in range(4)]
    assert len(set(pictures)) == 8


def test_another_process_renders_the_same_pixels(make):
    code = (
        "import hashlib, conftest as c; from s2s.image.render.fonts import *; from s2s.config.rendering import WORDS\n"
        "from s2s.image.render.vetting import vet; from s2s.image.render.words import Words\n"
        "from s2s.image.render.labels import Sampler; from s2s.image.render.renderer import Renderer\n"
        "f = Fonts(vet(find_faces(c.ASCII, [embedded_folder()]), c.ASCII), WORDS.faces)\n"
        "r = Renderer(WORDS, f, Sampler(WORDS.labels, c.ASCII, Words(c.COUNTS, c.ASCII, 0.5)), 1)\n"
        "print(*(hashlib.sha256(r(i).image.tobytes()).hexdigest() for i in (5, 3)))"
    )
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "7"}
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    ).stdout
    assert out.split() == [hashlib.sha256(make()(index).image.tobytes()).hexdigest() for index in (5, 3)]


def test_pictures_pass_what_the_gate_demands(make):
    for index in range(60):
        picture = make()(index)
        height, width = picture.image.shape[:2]
        low, high = WORDS.crop.height
        assert low <= height <= high
        assert picture.image.dtype == np.uint8
        assert width * 32 / height >= needed_width(picture.text, WORDS.gate.stride)
        assert picture.text == unicodedata.normalize("NFC", picture.text).strip()


@pytest.mark.parametrize(("section", "chance"), CHANCES, ids=[name for _, name in CHANCES])
def test_every_chance_changes_pictures_when_it_is_on(make, section, chance):
    base = replace(plain(WORDS), labels=replace(WORDS.labels, negative=0.0, number=0.0, random=0.0, single=0.0))
    if chance in ("panel_rim_chance",):
        base = with_numbers(base, "backgrounds", panel=1.0, flat=0.0)
    if chance == "neighbour_same_chance":
        base = with_numbers(base, "clutter", neighbour_chance=1.0)
    if chance == "arch_chance":
        base = with_numbers(base, "geometry", curve_chance=1.0)
    on, off = make(with_numbers(base, section, **{chance: 1.0})), make(with_numbers(base, section, **{chance: 0.0}))
    assert any(not np.array_equal(on(index).image, off(index).image) for index in range(4))


@pytest.mark.parametrize("ground", ["flat", "gradient", "procedural", "photograph", "panel", "paper"])
def test_every_ground_can_be_drawn(make, ground, tmp_path):
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), np.random.default_rng(0).integers(0, 255, (90, 200, 3), dtype=np.uint8))
    shares = dict.fromkeys(("flat", "gradient", "procedural", "photograph", "panel", "paper"), 0.0) | {ground: 1.0}
    renderer = make(with_numbers(WORDS, "backgrounds", **shares), photographs=(photo,))
    flat = make(with_numbers(plain(WORDS), "backgrounds", flat=1.0))
    assert renderer(0).image.std() > 0
    assert not np.array_equal(renderer(1).image, flat(1).image)


def test_polarity_follows_its_share(make):
    for share in (0.0, 1.0):
        renderer = make(with_numbers(plain(WORDS), "colours", light_on_dark=share))
        for index in range(5):
            picture = renderer(index)
            grey = cv2.cvtColor(picture.image, cv2.COLOR_RGB2GRAY)
            assert picture.light_on_dark == bool(share)
            rim_is_dark = np.median(np.concatenate((grey[0], grey[-1]))) < (int(grey.min()) + int(grey.max())) / 2
            assert rim_is_dark == bool(share) or picture.text == ""


ONLY_LINES = {"word": 0.0, "number": 0.0, "random": 0.0, "phrase": 0.0, "affixed": 0.0, "single": 0.0, "negative": 0.0}


def test_lines_are_long_and_within_their_limits(make):
    renderer = make(with_numbers(LINES, "labels", **ONLY_LINES, line_length=(40, 90)))
    for index in range(4):
        picture = renderer(index)
        assert picture.kind == "line"
        assert 25 <= len(picture.text) <= 90
        assert picture.image.shape[1] > 4 * picture.image.shape[0]


def test_lines_of_a_text_have_every_length_between_the_limits(make):
    config = with_numbers(LINES, "labels", **ONLY_LINES, line_length=(8, 60))
    sampler = Sampler(config.labels, "abc ", Words({"abc": 1.0}, "abc ", 1.0), ["abc cab bca " * 20])
    rng = np.random.default_rng(1)
    lengths = [len(sampler.draw(rng)[1]) for _ in range(200)]
    assert max(lengths) <= 60
    assert min(lengths) < 16 < 48 < max(lengths)


@pytest.mark.parametrize("option", ["justified_chance", "column_chance"])
def test_wide_spaces_are_drawn_and_are_one_space_of_the_label(make, option):
    config = with_numbers(LINES, "glyphs", tracking_chance=0.0, jitter_chance=0.0)
    face = make(config).fonts.families[0][0]
    wide = replace(config.glyphs, **{option: 1.0})
    plain, spaced = (
        glyphs.draw(face, "two or three words", 40, numbers, np.random.default_rng(3))
        for numbers in (replace(config.glyphs, justified_chance=0.0, column_chance=0.0), wide)
    )
    assert spaced.width > plain.width + 10


def test_a_share_of_negatives_has_no_text(make):
    renderer = make(with_numbers(WORDS, "labels", negative=1.0))
    assert {renderer(index).text for index in range(3)} == {""}


def test_refused_attempts_are_reported_and_end_in_a_plain_picture(make):
    renderer = make(replace(WORDS, gate=Gate(retries=2, contrast=150.0, unrest=0.0)))
    pictures = [renderer(index) for index in range(10)]
    assert any(picture.faults for picture in pictures)
    assert all(
        set(picture.faults) <= {"contrast", "cut", "ink", "too narrow", "too wide", "no ink"} for picture in pictures
    )


def test_impossible_demands_end_in_one_sentence(make):
    with pytest.raises(RequestError, match="no text could be drawn legibly"):
        make(replace(with_numbers(WORDS, "labels", negative=0.0), gate=Gate(retries=0, contrast=300.0)))(0)


@pytest.mark.parametrize("config", [WORDS, LINES], ids=["words", "lines"])
def test_numbers_survive_a_round_trip_through_yaml_values(config):
    assert from_dict(to_dict(config), Rendering, "numbers.yaml") == config


def test_numbers_out_of_range_are_refused_with_their_key():
    with pytest.raises(RequestError, match="shadow_chance"):
        from_dict({"layers": {"shadow_chance": 1.5}}, Rendering, "numbers.yaml")
    with pytest.raises(RequestError, match="from low to high"):
        from_dict({"imaging": {"noise": [9, 2]}}, Rendering, "numbers.yaml")


DEVANAGARI = "अआइकखगघचजटडतदनपबमयरलवशसहािीुूेैोौं्"


def test_devanagari_is_shaped_and_never_spread(make):
    named = re.compile("deva|lohit|gargi|nakula|mangal|freesans", re.IGNORECASE)
    paths = [
        path for folder in system_folders() for path in sorted(folder.rglob("*.[ot]tf")) if named.search(path.name)
    ]
    faces = [face for path in paths if (face := read_face(path, frozenset(DEVANAGARI)))]
    fonts = [face for face in faces if len(face.covered) == len(DEVANAGARI)]
    if not fonts:
        pytest.skip("no Devanagari font on this system")
    words = Words({"हिन्दी": 5, "विद्यालय": 3, "नगर": 9}, DEVANAGARI, 0.5)
    config = with_numbers(WORDS, "labels", word=1.0, number=0, random=0, phrase=0, affixed=0, single=0, negative=0.0)
    config = with_numbers(config, "glyphs", tracking_chance=1.0, jitter_chance=1.0)
    renderer = Renderer(config, Fonts(fonts, WORDS.faces), Sampler(config.labels, DEVANAGARI, words), 1)
    assert {renderer(index).text for index in range(12)} >= {"हिन्दी", "नगर"}


def test_pictures_name_the_face(make):
    names = {face.name for face in find_faces("abc", [embedded_folder()])}
    assert isinstance(next(iter(make().fonts.families))[0], Face)
    assert make()(0).face in names | {""}
