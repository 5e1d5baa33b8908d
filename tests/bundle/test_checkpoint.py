import json
import math
import os
import pickle
import struct
import warnings
import zipfile
from dataclasses import replace

import pytest
import torch

from s2s.bundle.archive import open_checkpoint
from s2s.bundle.load import load
from s2s.config.errors import RequestError
from s2s.config.strict import to_dict
from tests.tiny import tiny_bundle


def checkpoint(bundle, tmp_path, weights=None, **changes):
    bundle.vocabularies["source"].save(tmp_path / "vocabulary")
    vocabulary = torch.frombuffer(bytearray((tmp_path / "vocabulary").read_bytes()), dtype=torch.uint8)
    ours = {
        "config": json.dumps(to_dict(bundle.config)),
        "info": json.dumps(bundle.info),
        "languages": list(bundle.languages),
        "max_source": bundle.max_source,
        "source": vocabulary,
        "target": vocabulary.clone(),
        "weights": weights,
    }
    state = {f"model.{name}": tensor for name, tensor in bundle.model.state_dict().items()}
    path = tmp_path / "last.ckpt"
    torch.save({"state_dict": state, "s2s": ours | changes}, path)
    return path


def test_a_checkpoint_is_a_model_by_itself(tmp_path):
    bundle = replace(tiny_bundle(max_source=30), info={"training": {"seed": 3}})
    loaded = load(checkpoint(bundle, tmp_path))
    assert loaded.fingerprint == bundle.fingerprint
    for part in ("config", "languages", "max_source", "info"):
        assert getattr(loaded, part) == getattr(bundle, part)
    assert loaded.model.decoder.output.weight is loaded.model.encoder.embedding.table.weight


def test_a_checkpoint_of_a_later_format_is_refused_with_the_version_it_needs(tmp_path):
    with pytest.raises(RequestError, match=r"format 3, written by s2s 7\.5; .*install s2s 7\.5$"):
        load(checkpoint(tiny_bundle(), tmp_path, format=3, version="7.5"))


def test_averaged_weights_are_the_model(tmp_path):
    other = tiny_bundle(seed=1)
    averaged = {name: tensor.detach().clone() for name, tensor in other.model.named_parameters()}
    assert load(checkpoint(tiny_bundle(), tmp_path, averaged)).fingerprint == other.fingerprint


def test_a_run_without_a_model_yet_gives_its_last_checkpoint(tmp_path):
    bundle = tiny_bundle()
    (tmp_path / "checkpoints").mkdir()
    checkpoint(bundle, tmp_path).rename(tmp_path / "checkpoints" / "last.ckpt")
    assert load(tmp_path).fingerprint == bundle.fingerprint


class Code:
    def __reduce__(self):
        return (print, ("run by a checkpoint",))


def test_a_checkpoint_that_carries_code_is_refused_and_not_run(tmp_path, capsys):
    torch.save({"state_dict": {}, "s2s": Code()}, tmp_path / "evil.ckpt")
    (tmp_path / "old.ckpt").write_bytes(pickle.dumps(Code()))
    with pytest.raises(RequestError, match="refused"):
        load(tmp_path / "evil.ckpt")
    with pytest.raises(RequestError, match="not a checkpoint"):
        load(tmp_path / "old.ckpt")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_truncated_checkpoint_is_refused(tmp_path, share):
    path = checkpoint(tiny_bundle(), tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(RequestError, match=r"last\.ckpt is"):
        load(path)


DEEP = '{"a":' * 900 + "1" + "}" * 900


@pytest.mark.parametrize(
    "changes",
    [
        *({"config": config} for config in ("{}x", 3, DEEP, "[" * 100_000, "NaN", '{"task": "recognition"}')),
        *({"info": info} for info in (3, "[]", DEEP, '{"data": 3}', '{"scores": {"bleu": {"value": NaN}}}')),
        *({"info": f'{{"scores": {{"bleu": {{"value": {value}}}}}}}'} for value in ("1e999", '"x"', "1" + "0" * 400)),
        *({"max_source": value} for value in (math.inf, math.nan, -1, "3", 2**70, 3.5)),
        *({"languages": value} for value in ("de", ["de"], 3, ["de", 3])),
        *({"source": value} for value in (torch.zeros(3), torch.zeros((), dtype=torch.uint8), 3)),
        *({"weights": value} for value in (3, [1], torch.zeros(2), {"decoder.output.bias": 3})),
    ],
)
def test_an_unsound_checkpoint_is_refused_in_one_sentence(tmp_path, changes):
    with pytest.raises(RequestError, match=r"last\.ckpt") as caught:
        load(checkpoint(tiny_bundle(), tmp_path, **changes))
    assert "\n" not in str(caught.value)


NAME = "decoder.output.bias"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda tensor: tensor.to(torch.complex64), "carries more than numbers"),
        (lambda tensor: tensor.to_sparse(), "carries more than numbers"),
        (lambda tensor: tensor.to("meta"), "carries more than numbers"),
        (lambda tensor: torch.nn.Parameter(tensor), "carries more than numbers"),
        (lambda tensor: tensor.clone().requires_grad_(), "needs a gradient"),
        (lambda tensor: tensor[:1].clone().expand(len(tensor)), "is a view of other numbers"),
        (lambda tensor: tensor[:0], "does not fit its config"),
        (lambda tensor: tensor.double(), "differ in precision"),
        (lambda tensor: tensor.long(), "is stored as I64, and the model has torch.float32 there"),
        (lambda tensor: tensor.bfloat16(), "is stored as torch.bfloat16; s2s reads F16"),
        (lambda tensor: tensor * torch.nan, "not finite"),
    ],
)
def test_a_tensor_that_is_not_plain_numbers_of_the_right_type_is_refused(tmp_path, change, says):
    bundle = tiny_bundle()
    weights = {NAME: change(bundle.model.state_dict()[NAME])}
    with pytest.raises(RequestError, match=says) as caught:
        load(checkpoint(bundle, tmp_path, weights))
    assert "\n" not in str(caught.value)


class Calls:
    def __init__(self, function, *arguments):
        self.reduced = function, arguments

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize("hostile", [Calls(bytearray, 10**12), Calls(torch.Tensor, 10**6, 10**6), {1, 2}, b"bytes", 3j])
def test_what_could_take_memory_or_is_not_a_number_is_not_called(tmp_path, hostile):
    torch.save({"state_dict": {}, "s2s": hostile}, tmp_path / "x.ckpt")
    with pytest.raises(RequestError, match="is refused: it carries more than numbers and text"):
        open_checkpoint(tmp_path / "x.ckpt")


def rezipped(path, change):
    """The archive with every entry passed through `change(name, content)`, a list of (info, content)."""
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of entries that are there twice
        for name, content in entries:
            for info, new in change(name, content):
                archive.writestr(info, new)
    return path


def deflated(name, content):
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return [(info, content)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (deflated, "compressed"),
        (lambda name, content: [(name, content)] * 2, "twice"),
        (lambda name, content: [(name, content), (name.replace("data.pkl", "Data.PKL"), content)], "twice, or not one"),
        (lambda name, content: [(name, content[:4] if "/data/" in name else content)], "damaged"),
        (
            lambda name, content: [(name, content + b"0" * 5_000_000 if "pkl" in name else content)],
            "its pickle has more",
        ),
        (lambda name, content: [(f"{name}{i}" if i else name, b"") for i in range(5000)], "its directory has more"),
    ],
)
def test_an_archive_that_torch_would_not_write_is_refused(tmp_path, change, says, monkeypatch):
    if "directory" in says:
        monkeypatch.setattr("s2s.bundle.archive._MAX_DIRECTORY", 100_000)
    with pytest.raises(RequestError, match=says) as caught:
        open_checkpoint(rezipped(checkpoint(tiny_bundle(), tmp_path), change))
    assert "\n" not in str(caught.value)


def test_entries_that_overlap_are_refused(tmp_path):
    path = checkpoint(tiny_bundle(), tmp_path)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        largest = max(info.file_size for info in archive.infolist())
        place = archive.start_dir
    while content[place : place + 4] == b"PK\1\2":  # every entry claims to be as large as the file
        content[place + 20 : place + 28] = struct.pack("<II", len(content) - 2 * largest, len(content) - 2 * largest)
        place += 46 + sum(struct.unpack("<HHH", content[place + 28 : place + 34]))
    path.write_bytes(content)
    with pytest.raises(RequestError, match="claim more bytes than the file has"):
        open_checkpoint(path)


def test_an_archive_on_several_disks_is_refused(tmp_path):
    path = checkpoint(tiny_bundle(), tmp_path)
    content = bytearray(path.read_bytes())
    for place in range(len(content) - 200, len(content) - 3):
        if content[place : place + 4] in (b"PK\6\7", b"PK\5\6"):
            content[place + 4 : place + 6] = b"\7\0"
            content[place + 16 : place + 18] = b"\7\0"
    path.write_bytes(content)
    with pytest.raises(RequestError, match="damaged"):
        open_checkpoint(path)


def test_a_pipe_and_a_folder_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.ckpt")
    for path in (tmp_path, tmp_path / "pipe.ckpt"):
        with pytest.raises(RequestError, match="is not a file"):
            open_checkpoint(path)


def test_a_checkpoint_that_holds_itself_is_read(tmp_path):
    itself = []
    itself.append(itself)
    torch.save({"list": itself, "tensor": torch.arange(3)}, tmp_path / "x.ckpt")
    assert open_checkpoint(tmp_path / "x.ckpt")["tensor"].tolist() == [0, 1, 2]


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    torch.save({"state_dict": {}}, tmp_path / "x.ckpt")
    with pytest.raises(RequestError, match="not a checkpoint of an s2s model"):
        load(tmp_path / "x.ckpt")
    torch.save([1, 2], tmp_path / "x.ckpt")
    with pytest.raises(RequestError, match="not a checkpoint of an s2s model"):
        load(tmp_path / "x.ckpt")
