"""Galleries and batches of pictures: one width a batch, nothing lost, the same in every process."""

import io

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from s2s.config.augmentation import Augmentation
from s2s.config.errors import RequestError
from s2s.config.source import ImageSource
from s2s.data.batches import Examples
from s2s.data.images.dataset import ImageDataset
from s2s.data.images.inputs import ImageInputs, stack
from s2s.data.sampler import Plan, plan_buckets
from s2s.data.text_sides import CharacterTargets
from s2s.image.geometry import bucket, needed_width
from s2s.image.load import load
from s2s.text.charset import Charset
from s2s.text.vocabulary import BOS, EOS, PAD


class Made:
    """An example in memory."""

    def __init__(self, name, text, width, height=40, data=None):
        self.name, self.text = name, text
        pixels = np.random.default_rng(width).integers(0, 256, (height, width), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        self.data = file.getvalue() if data is None else data

    def load(self, colour=True):
        return load(self.data, colour, self.name)


def some(count=40):
    generator = np.random.default_rng(1)
    return [
        Made(f"{n}.png", "ab" * int(generator.integers(0, 5)), int(generator.integers(9, 300))) for n in range(count)
    ]


@pytest.mark.parametrize("colour", [False, True])
def test_pictures_come_back_at_the_height_in_order(colour):
    dataset = ImageDataset(some(), ImageSource(colour=colour))
    for row, example in enumerate(some()):
        image = example.load(colour)
        assert dataset.names[row] == example.name
        assert dataset[row].shape == (32, round(image.shape[1] * 0.8), *([3] if colour else []))
        assert dataset.widths[row] == dataset[row].shape[1]
        assert abs(float(dataset[row].mean()) - float(image.mean())) < 12


def test_every_problem_is_kept_by_file_and_nothing_else_is_lost():
    zoo = [
        Made("empty.png", "a", 50, data=b""),
        Made("text.png", "a", 50, data=b"hello, world"),
        Made("short.png", "a", 50, data=Made("", "", 50).data[:200]),
        Made("tiny.png", "a", 1, 1),
        Made("wide.png", "a", 15_000, 40),
        Made("narrow.png", "aabb" * 5, 30),
        Made("endless.png", "a" * 300, 30),
        Made("fine.png", "ab", 60),
    ]
    dataset = ImageDataset(zoo, ImageSource(max_width=512), stride=4)
    assert [problem.name for problem in dataset.broken] == ["empty.png", "text.png", "short.png", "tiny.png"]
    assert [problem.name for problem in dataset.squeezed] == ["wide.png"]
    assert [problem.name for problem in dataset.widened] == ["narrow.png"]
    assert [problem.name for problem in dataset.hopeless] == ["endless.png"]
    assert dataset.names == ["wide.png", "narrow.png", "fine.png"]
    assert dataset.widths.tolist() == [512, needed_width("aabb" * 5, 4), 48]


def test_without_a_stride_nothing_is_widened():
    dataset = ImageDataset([Made("narrow.png", "aabb" * 5, 30)], ImageSource())
    assert dataset.widths.tolist() == [24]
    assert not dataset.widened


@given(st.lists(st.integers(1, 8), min_size=12, max_size=120), st.integers(1, 4), st.integers(0, 3))
def test_each_picture_comes_once_an_epoch_in_batches_of_one_size_within_the_budget(sizes, groups, epoch):
    areas = np.array(sizes) * 1024
    batches = plan_buckets(areas, areas, 16_384, groups, 1, epoch)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(areas)))
    assert all(len(set(areas[rows].tolist())) == 1 for rows in batches)
    assert all(areas[rows].sum() <= 16_384 for rows in batches)
    assert len(batches) % groups == 0


def test_a_picture_larger_than_the_budget_is_refused():
    with pytest.raises(RequestError, match=r"more than batches\.pixels 100"):
        plan_buckets(np.array([200]), np.array([1]), 100, 1, 1, 0)


def batch(epoch=0, augmentation=None, seed=0, stride=4):
    dataset = ImageDataset(some(), ImageSource(), stride)
    rows = np.flatnonzero(dataset.buckets() == 96)
    targets = CharacterTargets(dataset.texts, Charset("ab"))
    examples = Examples(ImageInputs(dataset, augmentation, seed), targets, lambda row: {})
    return dataset, rows, examples[Plan(epoch, 0, rows, 0)]


def test_a_batch_holds_pictures_widths_and_labels():
    dataset, rows, made = batch()
    assert made.source.shape == (len(rows), 1, 32, 96)
    assert made.lengths.tolist() == dataset.widths[rows].tolist()
    for place, row in enumerate(rows.tolist()):
        width = int(dataset.widths[row])
        assert np.array_equal(made.source[place, 0, :, :width].numpy(), dataset[row])
        assert (made.source[place, 0, :, width:] == made.source[place, 0, :, width - 1 : width]).all()
        ids = Charset("ab").encode(dataset.texts[row])
        length = int(made.target["lengths"][place])
        assert length == len(ids)
        assert made.target["out"][place].tolist()[: length + 1] == [*ids, EOS]
        assert made.target["in"][place].tolist()[: length + 1] == [BOS, *ids]
        assert (made.target["out"][place, length + 1 :] == PAD).all()
    assert made.tokens == int(made.target["lengths"].sum()) + len(rows)


def test_augmentation_is_a_function_of_seed_and_epoch_and_keeps_to_the_bucket():
    heavy = Augmentation(warp_chance=0.9, stretch=(0.5, 1.8))
    one, same = batch(3, heavy)[2], batch(3, heavy)[2]
    assert torch.equal(one.source, same.source)
    assert not torch.equal(one.source, batch(4, heavy)[2].source)
    assert not torch.equal(one.source, batch(3, heavy, seed=1)[2].source)
    dataset, rows, made = batch(3, heavy)
    assert made.source.shape[3] == 96
    assert len(set(made.lengths.tolist()) - set(dataset.widths[rows].tolist())) > 0
    for width, row in zip(made.lengths.tolist(), rows.tolist(), strict=True):
        assert needed_width(dataset.texts[row], 4) <= width <= bucket(width) <= 96


def test_colour_is_stacked_by_channel():
    image = np.random.default_rng(0).integers(0, 256, (32, 40, 3)).astype(np.uint8)
    tensor = stack([image], 64)
    assert tensor.shape == (1, 3, 32, 64)
    assert np.array_equal(tensor[0, :, :, :40].permute(1, 2, 0).numpy(), image)
