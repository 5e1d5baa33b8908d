import json
import math
import os
import struct
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from s2s.bundle.files import WEIGHTS, find_model
from s2s.bundle.load import load
from s2s.bundle.save import save
from s2s.bundle.weights import stored
from s2s.config.errors import RequestError, WorkError
from s2s.config.vocabulary import Pieces
from s2s.inference.translator import Translator
from s2s.text.subwords import Subwords
from s2s.text.train_subwords import train_subwords
from tests.bars import random_bundle
from tests.tiny import TEXT, tiny_bundle


@pytest.fixture
def saved(tmp_path):
    save(tmp_path / "model", tiny_bundle(max_source=30))
    return tmp_path / "model"


def change_config(saved, **values):
    path = saved / "config.json"
    document = json.loads(path.read_text())
    for key, value in values.items():
        *sections, last = key.split("__")
        place = document
        for section in sections:
            place = place[section]
        place[last] = value
    path.write_text(json.dumps(document))


@pytest.mark.parametrize("joint", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_loaded_model_is_the_saved_one(tmp_path, joint, dtype):
    bundle = tiny_bundle(joint=joint, dtype=dtype)
    save(tmp_path / "model", bundle)
    loaded = load(tmp_path / "model")
    assert loaded.config == bundle.config
    assert loaded.languages == bundle.languages
    assert loaded.fingerprint == bundle.fingerprint
    assert loaded.parameters == bundle.parameters
    assert Translator.from_bundle(loaded)(TEXT) == Translator.from_bundle(bundle)(TEXT)
    names = {path.name for path in (tmp_path / "model").iterdir()}
    vocabularies = {"subwords.model"} if joint else {"source.model", "target.model"}
    assert names == {"config.json", "model.safetensors", "README.md"} | vocabularies


def test_whoever_may_read_the_folder_may_read_its_files(saved):
    assert {path.stat().st_mode & 0o777 for path in saved.iterdir()} == {saved.stat().st_mode & 0o666}


def test_tied_weights_are_stored_once_and_stay_tied(saved):
    model = load(saved).model
    assert model.decoder.output.weight is model.encoder.embedding.table.weight
    assert model.decoder.embedding.table.weight is model.encoder.embedding.table.weight
    assert "decoder.output.weight" not in stored(model)
    assert all(parameter.requires_grad and not parameter.is_meta for parameter in model.parameters())


def test_fingerprints_tell_models_apart():
    assert tiny_bundle(seed=0).fingerprint == tiny_bundle(seed=0).fingerprint
    assert tiny_bundle(seed=0).fingerprint != tiny_bundle(seed=1).fingerprint


def test_saving_replaces_an_older_model_and_leaves_nothing_beside_it(saved):
    newer = tiny_bundle(seed=1)
    save(saved, newer)
    assert load(saved).fingerprint == newer.fingerprint
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


@pytest.mark.parametrize("error", [OSError("disk full"), OSError(28, "disk full"), SafetensorError("disk full")])
def test_a_failed_save_keeps_the_older_model(saved, monkeypatch, error):
    before = load(saved).fingerprint

    def fail(*_):
        raise error

    monkeypatch.setattr("s2s.bundle.save.write_weights", fail)
    with pytest.raises(WorkError, match=r"cannot write .*model: disk full; the model before it.*intact"):
        save(saved, tiny_bundle(seed=1))
    assert load(saved).fingerprint == before
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_a_model_that_a_killed_save_left_under_another_name_is_put_back(saved, monkeypatch):
    before = load(saved).fingerprint
    saved.rename(saved.with_name(".model.old"))  # a save died between its two renames
    monkeypatch.setattr("s2s.bundle.save.write_vocabularies", lambda *_: Path("/dev/full/x").touch())
    with pytest.raises(WorkError):
        save(saved, tiny_bundle(seed=1))
    assert load(saved).fingerprint == before
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_save_does_not_replace_what_is_not_a_model(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RequestError, match="not a model"):
        save(tmp_path, tiny_bundle())
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_info_travels_and_stands_on_the_card(tmp_path):
    bundle = tiny_bundle()
    bundle.info.update(
        data={"name": "phrases", "fingerprint": "0123456789abcdef"},
        scores={"bleu": {"value": 91.25, "low": 90.1, "high": 92.3, "signature": "tok:13a", "split": "test"}},
        training={"command": "s2s train phrases", "step": 300},
    )
    save(tmp_path / "model", bundle)
    loaded = load(tmp_path / "model")
    assert loaded.info == bundle.info
    card = (tmp_path / "model" / "README.md").read_text()
    for fact in ("en → de", "0123456789abcdef", "91.25", "tok:13a", "s2s train phrases", f"{bundle.parameters:,}"):
        assert fact in card


def test_a_run_directory_and_its_files_name_the_model(saved, tmp_path):
    for name in (tmp_path, saved, saved / "config.json", saved / "model.safetensors"):
        assert find_model(name) == saved


def test_a_file_from_a_newer_s2s_is_refused_with_the_version_it_needs(saved):
    change_config(saved, format=3, s2s="7.5.0")
    with pytest.raises(RequestError, match=r"format 3, written by s2s 7\.5\.0.*install s2s 7\.5\.0 or later"):
        load(saved)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"config__model__encoder__hidden": 1_000_000}, r"encoder\.hidden 1,000,000 is more than"),
        ({"config__model__decoder__layers": 1_000_000}, r"decoder\.layers 1,000,000 is more than"),
        ({"config__model__encoder__hidden": 5}, "does not fit its config"),
        ({"config__model__decoder__layers": 2}, "it has no decoder"),
        ({"config__model__encoder__hiden": 5}, "hiden.*hidden"),
        ({"sizes__source": 10**12}, "size of source must be a whole number from 4 to"),
        ({"sizes__source": 400}, "330 ids, but config.json says 400"),
        ({"sizes__source": "330"}, "size of source must be a whole number"),
        ({"sizes__third": 330}, "sizes must be those of source and target"),
        ({"sizes": None}, "damaged"),
        ({"task": "recognition"}, "its task is 'recognition', and the config's is 'translation'"),
        ({"max_source": math.inf}, "Infinity is not finite"),
        ({"max_source": 3.5}, "max_source must be a whole number"),
        ({"max_source": 10**400}, "is not finite"),
        ({"scores": {"bleu": {"value": 3, "low": "x", "high": 5}}}, "low of the score bleu is no number"),
        ({"scores": {"bleu": {"value": math.nan}}}, "NaN is not finite"),
        ({"scores": {"bleu": {"value": True}}}, "the score bleu has no value"),
        ({"data": {"path": "\ud800"}}, "surrogate"),
        ({"config__decoding__batch": 2**31}, r"decoding\.batch 2,147,483,648 is more than"),
        ({"config__training__steps": 2**50}, r"training\.steps 1,125,899,906,842,624 is more than"),
        ({"config__model__encoder__hidden": 32_768, "config__model__encoder__layers": 64}, r"times layers 64 is more"),
        ({"languages": 3}, "damaged"),
        ({"max_source": -1}, "damaged"),
        ({"data": 4}, "damaged"),
        ({"config": []}, "config"),
        ({"format": None}, "no format number"),
    ],
)
def test_an_unsound_description_is_refused_in_one_sentence(saved, change, says):
    change_config(saved, **change)
    with pytest.raises(RequestError, match=says) as caught:
        load(saved)
    assert "\n" not in str(caught.value)
    assert "config.json" in str(caught.value) or "model.safetensors" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b" " * 5_000_000])
def test_a_broken_config_is_refused(saved, content):
    (saved / "config.json").write_bytes(content)
    with pytest.raises(RequestError, match=r"config\.json"):
        load(saved)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_truncated_weights_are_refused(saved, share):
    path = saved / "model.safetensors"
    os.truncate(path, int(path.stat().st_size * share))
    with pytest.raises(RequestError, match="damaged or cut short"):
        load(saved)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"config__source__height": 2**28, "config__batches__pixels": 2**38}, r"source\.height 268,435,456 is more"),
        ({"config__source__max_width": 2**20, "config__batches__pixels": 2**38}, r"source\.max_width 1,048,576 is"),
        ({"config__decoding__batch": 2**40}, r"decoding\.batch"),
        ({"config__source__backbone__width": 65}, r"backbone\.width 65\.0 is more than"),
        ({"task": "translation"}, "its task is 'translation', and the config's is 'recognition'"),
        ({"sizes__source": 330}, "sizes must be those of target, not of target, source"),
    ],
)
def test_the_limits_of_a_description_hold_for_every_section(tmp_path, change, says):
    save(tmp_path / "model", random_bundle())
    change_config(tmp_path / "model", **change)
    with pytest.raises(RequestError, match=says):
        load(tmp_path / "model")


def test_a_recogniser_is_not_confused_by_subwords_beside_it(tmp_path):
    bundle = random_bundle()
    save(tmp_path / "model", bundle)
    tiny_bundle().vocabularies["source"].save(tmp_path / "model" / "subwords.model")
    assert load(tmp_path / "model").charset == bundle.charset


def test_two_vocabularies_with_shared_embeddings_are_refused(saved):
    (saved / "subwords.model").rename(saved / "source.model")
    (tmp := saved / "target.model").write_bytes((saved / "source.model").read_bytes())
    assert load(saved).sizes == {"source": 330, "target": 330}
    train_subwords(["a b c d e f g h i j k l m n o p q r s t u v w x y z"] * 3, Pieces(size=330)).save(tmp)
    change_config(saved, sizes__target=len(Subwords.load(tmp)))
    with pytest.raises(RequestError, match="share_embeddings needs one vocabulary, and source and target differ"):
        load(saved)


def test_a_score_that_is_no_number_does_not_make_a_model_unreadable(tmp_path):
    bundle = tiny_bundle()
    bundle.info["scores"] = {"cer": {"value": math.inf, "split": "val"}, "bleu": {"value": 3.0, "split": "val"}}
    save(tmp_path / "model", bundle)
    assert load(tmp_path / "model").info["scores"] == {"bleu": {"value": 3.0, "split": "val"}}


def test_a_header_of_any_size_is_not_read(saved):
    with (saved / WEIGHTS).open("r+b") as file:
        file.write(struct.pack("<Q", 50_000_000))
        file.truncate(60_000_000)
    with pytest.raises(RequestError, match="its header claims 50,000,000 bytes"):
        load(saved)


def test_a_pipe_is_not_waited_for(saved):
    (saved / WEIGHTS).unlink()
    os.mkfifo(saved / WEIGHTS)
    with pytest.raises(RequestError, match=r"model\.safetensors is missing"):
        load(saved)


def test_a_header_that_promises_more_than_the_file_has_is_refused(saved):
    header = json.dumps({"x": {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]}}).encode()
    (saved / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(RequestError, match="damaged or cut short"):
        load(saved)


def test_weights_that_are_not_finite_are_refused(tmp_path):
    bundle = tiny_bundle()
    with torch.no_grad():
        bundle.model.decoder.output.bias[5] = torch.nan
    save(tmp_path / "model", bundle)
    with pytest.raises(RequestError, match=r"decoder\.output\.bias.*not finite"):
        load(tmp_path / "model")


def test_half_precision_is_for_the_disk_only_and_spares_vectors(saved, tmp_path):
    whole = load(saved)
    save(tmp_path / "half", whole, half=True)
    half = load(tmp_path / "half")
    assert (tmp_path / "half" / WEIGHTS).stat().st_size < 0.65 * (saved / WEIGHTS).stat().st_size
    for name, tensor in half.model.state_dict().items():
        expected = whole.model.state_dict()[name]
        assert tensor.dtype == expected.dtype
        assert torch.equal(tensor, expected.half().float() if tensor.ndim > 1 else expected)
    save(tmp_path / "again", half, half=True)
    assert load(tmp_path / "again").fingerprint == half.fingerprint


def test_a_model_of_64_bits_in_half_precision_is_read_in_32(tmp_path):
    bundle = tiny_bundle()
    bundle.model.double()
    save(tmp_path / "half", bundle, half=True)
    assert {one.dtype for one in load(tmp_path / "half").model.state_dict().values()} == {torch.float32}


def test_what_half_precision_cannot_hold_is_refused(tmp_path):
    bundle = tiny_bundle()
    with torch.no_grad():
        bundle.model.decoder.output.weight[0, 0] = 1e6
    with pytest.raises(RequestError, match="which 16 bits cannot hold"):
        save(tmp_path / "model", bundle, half=True)


@pytest.mark.parametrize(
    ("dtype", "says"),
    [
        (torch.bfloat16, "is stored as BF16; s2s reads F16"),
        (torch.int64, "is stored as I64, and the model has torch.float32 there"),
        (torch.float64, "differ in precision"),
    ],
)
def test_a_tensor_of_another_type_is_refused(saved, dtype, says):
    tensors = load_file(saved / WEIGHTS)
    tensors["decoder.output.bias"] = tensors["decoder.output.bias"].to(dtype)
    save_file(tensors, saved / WEIGHTS)
    with pytest.raises(RequestError, match=says):
        load(saved)


@pytest.mark.parametrize("name", ["model.safetensors", "subwords.model"])
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(RequestError, match=name):
        load(saved)


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(RequestError, match="there is no model"):
        load(tmp_path / "nowhere")
    with pytest.raises(RequestError, match="is not a model"):
        load(tmp_path)
    (tmp_path / "config.yaml").write_text("")
    with pytest.raises(RequestError, match="no model yet"):
        load(tmp_path)


@pytest.mark.parametrize("scores", [{"bleu": 3}, {"bleu": {"value": "high"}}, {"bleu": {}}])
def test_scores_that_are_none_are_refused(saved, scores):
    document = json.loads((saved / "config.json").read_text())
    (saved / "config.json").write_text(json.dumps(document | {"scores": scores}))
    with pytest.raises(RequestError, match="the score bleu has no value"):
        load(saved)
