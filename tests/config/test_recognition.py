"""The recognition config refuses in words what cannot work."""

from pathlib import Path

import pytest

from s2s.config.describe import describe
from s2s.config.errors import RequestError
from s2s.config.recognition import Recognition
from s2s.config.strict import from_dict, read, to_dict


def test_every_key_has_a_docstring() -> None:
    assert [key.name for key in describe(Recognition) if not key.help] == []


def test_a_config_survives_its_own_plain_form() -> None:
    assert from_dict(to_dict(Recognition()), Recognition, "here") == Recognition()


def test_a_section_that_is_given_in_part_keeps_the_defaults_of_recognition() -> None:
    given = {"validation": {"every": 7}, "model": {"encoder": {"layers": 1}, "attention_decoder": {"layers": 2}}}
    config = from_dict(given, Recognition, "here")
    assert config.validation.metric == Recognition().validation.metric == "auto"
    assert config.model.encoder.hidden == Recognition().model.encoder.hidden
    assert config.model.attention_decoder.embedding == Recognition().model.attention_decoder.embedding


@pytest.mark.parametrize(
    ("section", "values", "message"),
    [
        ("charset", {"kind": "given"}, "characters and kind: given go together"),
        ("charset", {"characters": "abc"}, "characters and kind: given go together"),
        ("picture", {"height": 40}, "multiple of 16"),
        ("picture", {"height": 16}, "32 or more"),
        ("picture", {"min_width": 0}, "min_width must be 1 or more"),
        ("picture", {"max_width": 4}, "max_width must be min_width or more"),
        ("picture", {"max_width": 100000}, "has no room for one picture"),
        ("model", {"backbone": {"kind": "vgg", "blocks": [2, 1, 1, 1]}}, "vgg is as published"),
        ("model", {"backbone": {"blocks": [1, 1, -1, 1]}}, "must not be negative"),
        ("model", {"backbone": {"width": 0.0}}, "width must be 0.01 or more"),
        ("model", {"decoder": "attention", "attention": {"kind": "dot"}}, "256 units with the encoder's 192"),
        ("loss", {"label_smoothing": 1.0}, "label_smoothing must be at least 0 and below 1"),
        ("batches", {"pixels": 1000}, "no room for one picture"),
        ("decoding", {"beam": 0}, "beam must be 1 or more"),
    ],
)
def test_what_cannot_work_is_refused(section: str, values: dict[str, object], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        from_dict({section: values}, Recognition, "here")


def test_the_message_tells_the_line(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("task: recognition\npicture:\n  colour: true\n  height: 40\n")
    with pytest.raises(RequestError, match=r"words\.yaml, line 4: in picture: height must be a multiple of 16"):
        read(path, Recognition)
