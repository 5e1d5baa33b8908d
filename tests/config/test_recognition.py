"""The config of a recogniser refuses in words what cannot work."""

from pathlib import Path

import pytest

from s2s.config.errors import RequestError
from s2s.config.experiment import experiment_from, read_experiment
from s2s.config.strict import to_dict

CTC = {"source": {"kind": "image"}, "target": {"kind": "ctc"}}
TEXT = {"source": {"kind": "image"}, "target": {"kind": "text"}}


def test_a_section_that_is_given_in_part_keeps_the_defaults_of_its_pair() -> None:
    given = {"validation": {"every": 7}, "model": {"encoder": {"layers": 1}, "decoder": {"layers": 2}}}
    config, plain = experiment_from(TEXT | given, "here"), experiment_from(TEXT, "here")
    assert config.validation.metric == plain.validation.metric == "auto"
    assert config.model.encoder.hidden == plain.model.encoder.hidden == 96
    assert config.model.decoder.embedding == plain.model.decoder.embedding == 128


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"target": {"vocabulary": {"alphabet": "given"}}}, "characters and alphabet: given go together"),
        ({"target": {"vocabulary": {"characters": "abc"}}}, "characters and alphabet: given go together"),
        ({"source": {"height": 40}}, "multiple of 16"),
        ({"source": {"height": 16}}, "32 or more"),
        ({"source": {"min_width": 0}}, "min_width must be 1 or more"),
        ({"source": {"max_width": 4}}, "max_width must be min_width or more"),
        ({"source": {"max_width": 100000}}, "has no room for one picture"),
        ({"source": {"backbone": {"kind": "vgg", "blocks": [2, 1, 1, 1]}}}, "vgg is as published"),
        ({"source": {"backbone": {"blocks": [1, 1, -1, 1]}}}, "must not be negative"),
        ({"source": {"backbone": {"width": 0.0}}}, "width must be 0.01 or more"),
        ({"target": {"kind": "text"}, "model": {"attention": {"kind": "dot"}}}, "256 units with the encoder's 192"),
        ({"model": {"attention": {"kind": "dot"}}}, 'unknown key "attention" in model'),
        ({"decoding": {"length_penalty": 1.0}}, 'unknown key "length_penalty" in decoding'),
        ({"loss": {"label_smoothing": 1.0}}, "label_smoothing must be at least 0 and below 1"),
        ({"batches": {"pixels": 1000}}, "no room for one picture"),
        ({"batches": {"tokens": 1000}}, 'unknown key "tokens" in batches'),
        ({"decoding": {"beam": 0}}, "beam must be 1 or more"),
    ],
)
def test_what_cannot_work_is_refused(values: dict[str, dict[str, object]], message: str) -> None:
    merged = {key: {**CTC.get(key, {}), **values.get(key, {})} for key in {**CTC, **values}}
    for section in (merged["target"], merged["source"]):
        for name, kind in (("vocabulary", "characters"), ("backbone", "light")):
            if name in section:
                section[name] = {"kind": kind, **section[name]}
    with pytest.raises(RequestError, match=message):
        experiment_from(merged, "here")


def test_the_message_names_the_line_in_either_format(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("task: recognition\npicture:\n  colour: true\n  height: 40\n")
    with pytest.raises(RequestError, match=r"words\.yaml, line 4: in source: height must be a multiple of 16"):
        read_experiment(path)
    path.write_text("source:\n  kind: image\n  height: 40\ntarget: {kind: ctc}\n")
    with pytest.raises(RequestError, match=r"words\.yaml, line 3: in source: height must be a multiple of 16"):
        read_experiment(path)


@pytest.mark.parametrize("pair", [CTC, TEXT])
def test_a_config_survives_its_own_plain_form(pair: dict[str, object]) -> None:
    config = experiment_from(pair, "here")
    assert experiment_from(to_dict(config), "here") == config
