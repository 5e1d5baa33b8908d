"""The recognisers: padding cannot leak, lengths are true, and both kinds learn to read bars."""

import pytest
import torch

from s2s.config.experiment import experiment_from
from s2s.nn.backbones.convolution import fold_norms
from s2s.nn.losses import cross_entropy, ctc
from s2s.nn.model import EncoderHead, build_model
from s2s.search.ctc import greedy
from s2s.text.vocabulary import BOS, EOS, PAD

V = 4 + 3  # specials and three characters
SMALL = {
    "source": {"kind": "image", "backbone": {"kind": "light", "width": 0.25}},
    "target": {"kind": "ctc"},
    "model": {"encoder": {"hidden": 24, "layers": 1, "dropout": 0.0}},
}
ATTENTION = {
    "source": SMALL["source"],
    "target": {"kind": "text"},
    "model": {
        **SMALL["model"],
        "attention": {"size": 16, "heads": 2},
        "decoder": {"embedding": 16, "hidden": 48, "dropout": 0.0},
    },
}


def small(backbone=None, **encoder):
    """SMALL with another backbone or other recurrent layers."""
    source = {"kind": "image", "backbone": backbone or SMALL["source"]["backbone"]}
    return SMALL | {"source": source, "model": {"encoder": SMALL["model"]["encoder"] | encoder}}


OPTIONS = {
    "light": SMALL,
    "vgg": small({"kind": "vgg", "width": 0.125}),
    "resnet": small({"kind": "resnet", "width": 0.125}),
    "dropout": small(SMALL["source"]["backbone"] | {"dropout": 0.2}),
    "gru": small(cell="gru", layers=2),
    "attention": ATTENTION,
}


def make(part, **picture):
    torch.manual_seed(0)
    return build_model(experiment_from(part | {"source": part["source"] | picture}, "the test"), {"target": V})


def bars(texts, height=32):
    """Pictures of one width bucket: a character is 16 pixels wide, a bar high, in the middle or low on it."""
    images = torch.full((len(texts), 1, height, 96), 255, dtype=torch.uint8)
    for row, text in enumerate(texts):
        for place, character in enumerate(text):
            top, left = 3 + 10 * (character - EOS - 1), 16 * place + 5
            images[row, 0, top : top + 6, left : left + 6] = 0
    return images, torch.tensor([16 * len(text) for text in texts])


def padded(texts):
    targets = torch.full((len(texts), max(map(len, texts))), PAD)
    for row, text in enumerate(texts):
        targets[row, : len(text)] = torch.tensor(text)
    return targets, torch.tensor([len(text) for text in texts])


TEXTS = [[4, 5, 6], [6, 6, 5, 4, 4], [5], [4, 4], [5, 6, 4, 6, 5, 4], [6, 5, 5, 4], [6, 4], [5, 5, 6]]


def teach(model, inputs, loss, rate, steps):
    """Full-batch training until the loss is small."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss(inputs)
        (value / len(TEXTS)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if value / len(TEXTS) < 0.02:
            break
    model.eval()


def test_ctc_learns_to_read_bars_and_reads_the_same_alone_and_folded():
    model = make(SMALL)
    assert isinstance(model, EncoderHead)
    images, widths = bars(TEXTS)
    targets, lengths = padded(TEXTS)

    def loss(inputs):
        logits, steps = model(*inputs)
        return ctc(logits, steps, targets, lengths)[0]

    teach(model, (images, widths), loss, 0.01, 200)
    # Statistics of the norms lag behind so short a training.
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None
    model.train()
    with torch.no_grad():
        model(images, widths)
    model.eval()

    def read(images, widths):
        with torch.inference_mode():
            logits, steps = model(images, widths)
        return greedy(logits.log_softmax(2), steps)

    readings = read(images, widths)
    assert [reading.tokens for reading in readings] == TEXTS
    assert min(reading.confidence for reading in readings) > 0.5
    for reading in readings:
        middles = [2 * (start + end) for start, end in reading.spans]  # a step is four pixels
        assert all(abs(middle - 16 * place - 8) < 16 for place, middle in enumerate(middles))
    alone = [read(images[row : row + 1], widths[row : row + 1])[0] for row in range(len(TEXTS))]
    assert [reading.tokens for reading in alone] == TEXTS
    fold_norms(model)
    assert [reading.tokens for reading in read(images, widths)] == TEXTS


def test_an_attention_decoder_learns_to_read_the_same_bars():
    model = make(ATTENTION)
    images, widths = bars(TEXTS)
    targets, lengths = padded(TEXTS)
    target_in = torch.cat([torch.full((len(TEXTS), 1), BOS), targets], 1)
    target_out = torch.cat([targets, torch.full((len(TEXTS), 1), PAD)], 1)
    target_out[torch.arange(len(TEXTS)), lengths] = EOS
    keep = target_out != PAD

    def loss(inputs):
        return cross_entropy(model(*inputs, target_in, keep).logits, target_out[keep])[0]

    teach(model, (images, widths), loss, 0.01, 200)
    model.train()
    with torch.no_grad():
        assert (model(images, widths, target_in).logits.argmax(2) == target_out)[keep].all()


@pytest.mark.parametrize("name", OPTIONS)
@torch.no_grad()
def test_what_stands_in_the_padding_and_who_shares_the_batch_does_not_matter(name):
    model = make(OPTIONS[name]).double().eval()
    images, widths = torch.randint(0, 256, (4, 1, 32, 64)), torch.tensor([64, 33, 50, 8])
    memory = model.encoder(images, widths)
    assert memory.mask.sum(1).tolist() == model.encoder.out_lengths(widths).tolist() == memory.lengths.tolist()
    other = images.clone()
    for row, width in enumerate(widths.tolist()):
        other[row, :, :, width:] = torch.randint(0, 256, other[row, :, :, width:].shape)
    torch.testing.assert_close(model.encoder(other, widths).values, memory.values, rtol=0, atol=0)
    for row in range(4):
        alone = model.encoder(images[row : row + 1], widths[row : row + 1])
        torch.testing.assert_close(alone.values[0], memory.values[row])
        for one, all_of_them in zip(alone.final, memory.final, strict=True):
            torch.testing.assert_close(one[0][0], all_of_them[0][row])


@torch.no_grad()
def test_bytes_and_floats_of_the_same_levels_are_the_same_picture():
    model = make(SMALL).eval()
    images, widths = bars(TEXTS)
    torch.testing.assert_close(model(images, widths)[0], model(images.float(), widths)[0], rtol=0, atol=0)
    before = (floats := images.float()).clone()
    model(floats, widths)
    assert (floats == before).all()


@torch.no_grad()
def test_colour_pictures_of_another_height_are_read():
    model = make(SMALL, colour=True, height=48).eval()
    logits, steps = model(torch.randint(0, 256, (2, 3, 48, 96)), torch.tensor([96, 70]))
    assert logits.shape == (2, 24, V - 3)
    assert steps.tolist() == [24, 18]


@pytest.mark.parametrize("name", OPTIONS)
def test_every_parameter_takes_part(name):
    model = make(OPTIONS[name])
    images, widths = bars(TEXTS)
    extra = (torch.full((len(TEXTS), 3), BOS),) if name == "attention" else ()
    output = model(images, widths, *extra)
    (output.logits if extra else output[0]).square().sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


@pytest.mark.parametrize("name", OPTIONS)
def test_a_recogniser_can_be_described_without_memory(name):
    with torch.device("meta"):
        empty = make(OPTIONS[name])
    full = make(OPTIONS[name])
    assert {k: v.shape for k, v in empty.state_dict().items()} == {k: v.shape for k, v in full.state_dict().items()}
    assert all(parameter.is_meta for parameter in empty.parameters())
