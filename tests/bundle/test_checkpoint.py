import json
import pickle
from dataclasses import replace

import pytest
import torch

from s2s.bundle.load import load
from s2s.config.errors import RequestError
from s2s.config.strict import to_dict
from tests.tiny import tiny_bundle


def checkpoint(bundle, tmp_path, weights=None, **changes):
    bundle.vocabularies["source"].save(tmp_path / "codec")
    vocabulary = torch.frombuffer(bytearray((tmp_path / "codec").read_bytes()), dtype=torch.uint8)
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


@pytest.mark.parametrize("changes", [{"config": "{}x"}, {"config": 3}, {"languages": "de"}, {"source": torch.zeros(3)}])
def test_an_unsound_checkpoint_is_refused(tmp_path, changes):
    with pytest.raises(RequestError, match=r"last\.ckpt"):
        load(checkpoint(tiny_bundle(), tmp_path, **changes))


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    torch.save({"state_dict": {}}, tmp_path / "x.ckpt")
    with pytest.raises(RequestError, match="not a checkpoint of an s2s model"):
        load(tmp_path / "x.ckpt")
    torch.save([1, 2], tmp_path / "x.ckpt")
    with pytest.raises(RequestError, match="not a checkpoint of an s2s model"):
        load(tmp_path / "x.ckpt")
