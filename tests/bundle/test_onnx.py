"""A reader in ONNX says what the torch model says, in 8 bits nearly so; what is unsound is refused in a sentence."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from s2s.bundle.load import load
from s2s.bundle.onnx_graph import draft, to_onnx
from s2s.bundle.onnx_model import OnnxRecognizer
from s2s.bundle.save import save
from s2s.cli.main import main
from s2s.config.errors import RequestError, WorkError
from s2s.config.rendering import WORDS
from s2s.image.preprocessing import fit
from s2s.image.render.fonts import Fonts, embedded_folder, find_faces
from s2s.image.render.labels import Sampler
from s2s.image.render.renderer import Renderer
from s2s.image.render.words import Words, from_languages
from s2s.inference.load import load as load_reader
from s2s.inference.portable import to_eight_bits
from s2s.inference.recognizer import Recognizer
from s2s.nn.model import build_model
from s2s.text.charset import DEFAULT
from tests.bars import TEXTS, draw, random_bundle, write_folder
from tests.tiny import tiny_bundle


def in_onnx(bundle, content=None):
    """The bundle, computed by onnxruntime."""
    content = content or to_onnx(bundle.model, bundle.config.source, bundle.charset.characters)
    return replace(bundle, model=OnnxRecognizer(bundle.model, content, "the test"))


@pytest.fixture(scope="module")
def bundle():
    return random_bundle()


@pytest.fixture
def folder(bundle, tmp_path):
    save(tmp_path / "portable", in_onnx(bundle))
    return tmp_path / "portable"


@pytest.fixture(scope="module")
def rendered():
    """Pictures of words, and what they say."""
    words = Words(from_languages(["en"]), DEFAULT, WORDS.labels.power)
    fonts = Fonts(find_faces(DEFAULT, [embedded_folder()]), WORDS.faces)
    renderer = Renderer(WORDS, fonts, Sampler(WORDS.labels, DEFAULT, words), seed=11)
    found = [renderer(index) for index in range(300)]
    return [one.image for one in found], [one.text for one in found]


@pytest.mark.parametrize("backbone", ["light", "vgg", "resnet"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("plain", [True, False])
def test_any_batch_of_any_width_gives_what_torch_gives(backbone, cell, plain):
    layers = {"cell": cell, "hidden": 8, "layers": 2, "bidirectional": not plain}
    bundle = random_bundle(
        picture={"height": 48 if plain else 32, "colour": plain},
        model={
            "backbone": {"kind": backbone, "width": 0.1},
            "encoder": {**layers, "residual": not plain, "layer_norm": not plain, "dropout": 0.5},
        },
    )
    for norm in (part for part in bundle.model.modules() if isinstance(part, torch.nn.BatchNorm2d)):
        norm.running_mean.normal_(0, 0.1)
        norm.running_var.uniform_(0.5, 1.5)
    portable = in_onnx(bundle)
    channels, height = (3, 48) if plain else (1, 32)
    for rows, width in ((1, 40), (5, 97), (3, 160)):
        images = torch.randint(0, 256, (rows, channels, height, width), dtype=torch.uint8)
        widths = torch.randint(8, width + 1, (rows,))
        with torch.inference_mode():
            (logits, steps), (log_probs, found) = bundle.model(images, widths), portable.model(images, widths)
        assert torch.equal(steps, found)
        assert log_probs.shape == logits.shape
        for row, length in enumerate(steps.tolist()):
            expected = logits[row, :length].log_softmax(1)
            torch.testing.assert_close(log_probs[row, :length], expected, rtol=1e-3, atol=1e-3)


def test_the_directory_is_a_model_for_every_command_that_reads(bundle, tmp_path, capsys):
    save(tmp_path / "mine", bundle)
    data = write_folder(tmp_path / "data", TEXTS[:9])
    assert main(["export", str(tmp_path / "mine"), "--out", str(tmp_path / "portable"), "--onnx"]) == 0
    assert sorted(path.name for path in (tmp_path / "portable").iterdir()) == sorted(
        ["README.md", "charset.json", "config.json", "model.onnx"]
    )
    reports, texts = [], []
    for name in ("mine", "portable"):
        model, report = str(tmp_path / name), tmp_path / f"{name}.json"
        capsys.readouterr()
        assert main(["transcribe", str(data / "images"), "--model", model, "--device", "cpu"]) == 0
        texts.append(capsys.readouterr().out)
        assert main(["evaluate", model, str(data), "--json", str(report), "--device", "cpu"]) == 0
        reports.append(json.loads(report.read_text()))
        assert main(["check", model]) == 0
    assert texts[0] == texts[1]
    assert reports[0]["scores"] == reports[1]["scores"]
    assert [one["model"]["parameters"] for one in reports] == [bundle.parameters] * 2
    assert reports[0]["model"]["gflop"] == reports[1]["model"]["gflop"]
    assert reports[0]["model"]["fingerprint"] != reports[1]["model"]["fingerprint"]


def test_exported_again_it_is_the_same_with_other_scores_on_its_card(folder, tmp_path):
    data = write_folder(tmp_path / "data", TEXTS[:9])
    report = str(tmp_path / "report.json")
    assert main(["evaluate", str(folder), str(data), "--json", report, "--device", "cpu"]) == 0
    assert main(["export", str(folder), "--out", str(tmp_path / "again"), "--scores", report]) == 0
    assert (tmp_path / "again" / "model.onnx").read_bytes() == (folder / "model.onnx").read_bytes()
    assert "data:all" in (tmp_path / "again" / "README.md").read_text()


def test_the_file_alone_is_enough_for_another_program(bundle, folder):
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    image = fit(draw("abc"), bundle.config.source)
    feed = {"images": image[None, None], "widths": np.array([image.shape[1]])}
    best = session.run(["log_probs"], feed)[0][0].argmax(1)
    labels = json.loads(session.get_modelmeta().custom_metadata_map["labels"])
    text = "".join(labels[one] for place, one in enumerate(best) if place == 0 or one != best[place - 1])
    assert text == Recognizer.from_bundle(bundle)(draw("abc")).text != ""


def test_in_eight_bits_it_is_a_quarter_and_reads_as_well(rendered):
    images, labels = rendered
    whole = load("words")
    bundle = in_onnx(whole)
    fitted = [fit(image, whole.config.source) for image in images[:100]]
    small = in_onnx(whole, to_eight_bits(bundle.model.content, fitted))
    assert len(small.model.content) < 0.27 * len(bundle.model.content)
    right = []
    for one in (whole, bundle, small):
        read = Recognizer.from_bundle(one)(images[100:], pages=False)
        right.append(np.array([answer.text == label for answer, label in zip(read, labels[100:], strict=True)]))
    assert right[0].mean() > 0.5
    assert (right[0] == right[1]).all()
    assert right[2][right[0]].mean() >= 0.9


def test_eight_bits_are_scaled_by_the_data_named_and_drop_scores_of_before(bundle, tmp_path, capsys):
    data = write_folder(tmp_path / "data" / "train", TEXTS[:20]).parent
    write_folder(data / "test", TEXTS[20:25])
    (data / "train" / "images" / "003.png").write_bytes(b"torn")
    scores = {"cer": {"value": 1.0, "split": "x"}}
    save(tmp_path / "mine", replace(bundle, info={"scores": scores}))
    for name, split, count in ((str(data), "train", 19), (f"{data}:test", "test", 5)):
        out = tmp_path / split
        assert main(["export", str(tmp_path / "mine"), "--out", str(out), "--int8", name]) == 0
        assert f"onnx: 8 bits, scaled by {count} pictures of {data}:{split}" in (out / "README.md").read_text()
        assert load(out).info["scores"] == {}
    assert "003.png" in (said := capsys.readouterr().err)
    assert "left out" in said
    assert main(["export", str(tmp_path / "mine"), "--out", str(tmp_path / "whole"), "--onnx"]) == 0
    assert load(tmp_path / "whole").info["scores"] == scores


def test_what_has_no_ctc_head_is_refused(tmp_path, capsys):
    save(tmp_path / "translator", tiny_bundle())
    save(tmp_path / "writer", random_bundle(model={"decoder": "attention"}))
    for name, reason in (
        (tmp_path / "writer", "only readers with a CTC head"),
        (tmp_path / "translator", "only readers can be exported to ONNX at present"),
    ):
        assert main(["export", str(name), "--out", str(tmp_path / "out"), "--onnx"]) == 2
        assert reason in capsys.readouterr().err
        assert not (tmp_path / "out").exists()


def test_it_is_not_trained_further_nor_halved(folder, tmp_path, capsys):
    data = write_folder(tmp_path / "data" / "train", TEXTS[:20]).parent
    write_folder(data / "val", TEXTS[20:25])
    for command in (
        ["train", "recognition/words", "--data", str(data), "--out", str(tmp_path / "run"), "--from", str(folder)],
        ["export", str(folder), "--out", str(tmp_path / "out"), "--half"],
        ["export", str(folder), "--out", str(tmp_path / "out"), "--onnx"],
    ):
        assert main(command) == 2
        assert "in ONNX" in capsys.readouterr().err


def other_graph(bundle, change):
    """A model.onnx of ours, changed."""
    made = onnx.load_model_from_string(to_onnx(bundle.model, bundle.config.source, bundle.charset.characters))
    change(made)
    return made.SerializeToString()


def external(made):
    part = made.graph.initializer[0]
    part.ClearField("raw_data")
    part.data_location = TensorProto.EXTERNAL
    part.external_data.add(key="location", value="/etc/passwd")


def foreign(made):
    made.graph.node.append(helper.make_node("Run", ["images"], ["anything"], domain="evil"))


def renamed(made):
    made.graph.input[0].name = "pixels"


def endless(made):
    body = helper.make_graph([], "body", [], [])
    made.graph.node.append(helper.make_node("Loop", ["constant_0"], ["anything"], body=body))


def long(made):
    one = next(one for one in made.graph.initializer if one.name == "constant_1")
    one.CopyFrom(numpy_helper.from_array(np.array([-20_000_000]), one.name))


def padded(made):
    node = next(node for node in made.graph.node if node.op_type == "Conv")
    next(one for one in node.attribute if one.name == "pads").ints[:] = [0, 10**7, 0, 10**7]


def shorter(made):
    made.graph.node.remove(next(node for node in made.graph.node if node.op_type == "Relu"))


def floating(made):
    made.graph.output[1].type.tensor_type.elem_type = TensorProto.FLOAT


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is damaged or not a model"),
        (b"garbage" * 50, "is damaged or not a model"),
        (lambda bundle: to_onnx(bundle.model, bundle.config.source, "abcdefg ")[:-5000], "is damaged"),
        (lambda bundle: other_graph(bundle, external), "takes weights from other files"),
        (lambda bundle: other_graph(bundle, foreign), "it has Run where another operation is expected"),
        (lambda bundle: other_graph(bundle, renamed), "is damaged or not a model"),
        (lambda bundle: other_graph(bundle, endless), "it has Loop where another operation is expected"),
        (lambda bundle: other_graph(bundle, long), "constant_1 is another number"),
        (lambda bundle: other_graph(bundle, padded), "it has Conv where another operation is expected"),
        (lambda bundle: other_graph(bundle, shorter), "operations are missing|another operation is expected"),
        (lambda bundle: other_graph(bundle, floating), "not a graph that s2s has written|is damaged"),
        (
            lambda bundle: to_onnx(build_model(bundle.config, {"target": 7}), bundle.config.source, "abc"),
            "has another shape or type; export the model again",
        ),
    ],
)
def test_a_file_that_is_unsound_is_refused(bundle, folder, content, reason):
    (folder / "model.onnx").write_bytes(content if isinstance(content, bytes) else content(bundle))
    with pytest.raises(RequestError, match=reason):
        load(folder)


def test_outputs_are_not_trusted(bundle, monkeypatch):
    model = in_onnx(bundle).model
    images, widths = torch.zeros(2, 1, 32, 48, dtype=torch.uint8), torch.tensor([48, 48])
    log_probs, steps = (part.numpy() for part in model(images, widths))
    wrong = [(log_probs, steps + 99), (log_probs, -steps), (log_probs[:1], steps), (log_probs, steps[:1])]
    for outputs in [*wrong, (log_probs[..., :3], steps), (log_probs[0], steps)]:
        monkeypatch.setattr(model, "_session", type("Session", (), {"run": lambda *_, outputs=outputs: outputs})())
        with pytest.raises(WorkError, match="not the output of a reader"):
            model(images, widths)


@pytest.mark.parametrize("backbone", ["light", "vgg", "resnet"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_every_kind_of_reader_loads_in_eight_bits(backbone, cell):
    layers = {"cell": cell, "hidden": 8, "layers": 2}
    bundle = random_bundle(model={"backbone": {"kind": backbone, "width": 0.1}, "encoder": layers})
    whole = to_onnx(bundle.model, bundle.config.source, bundle.charset.characters)
    in_onnx(bundle, to_eight_bits(whole, [fit(draw("abc"), bundle.config.source)]))


def test_the_graph_is_the_one_of_models_that_were_written_before():
    """Who changes it shuts out every model.onnx that there is: let check_graph take the older one too."""
    graph = draft(random_bundle().model)
    written = repr([(one.kind, one.inputs, one.output, one.attributes) for one in graph.nodes])
    assert hashlib.sha256(written.encode()).hexdigest()[:16] == "3697fb35aef35b01"


def test_without_the_packages_a_sentence_says_what_to_install(folder, monkeypatch):
    def without(name):
        raise ImportError(name)

    monkeypatch.setattr("s2s.bundle.onnx_package.import_module", without)
    with pytest.raises(RequestError, match=r"pip install 's2s\[onnx\]'"):
        load(folder)


def test_a_gpu_is_refused(folder):
    with pytest.raises(RequestError, match="runs on the CPU"):
        Recognizer.from_bundle(load(folder), torch.device("cuda"))
    assert load_reader(folder, "cpu").device == torch.device("cpu")


def test_a_picture_says_the_same_alone_and_in_company(rendered):
    reader = Recognizer.from_bundle(in_onnx(load("words")))
    images = rendered[0][:60]
    together = [one.text for one in reader(images, pages=False)]
    assert together == [reader(image, pages=False).text for image in images]
    assert len(set(together)) > 50
