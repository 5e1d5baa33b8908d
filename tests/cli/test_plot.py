"""`s2s plot`: pictures with the numbers behind them."""

import json

import numpy as np
import pytest
from PIL import Image

from s2s.cli.main import main
from s2s.config.errors import RequestError
from s2s.image.preprocessing import fit
from s2s.inference.load import load
from tests.bars import TEXTS, draw
from tests.tiny import TEXT

ROWS = """\
step,epoch,loss,nll,gradient_norm,learning_rate,tokens_per_second,seconds,validation_loss,validation_bleu
50,1,4.5,4.5,1.2,0.001,900,10,,
50,1,,,,,,10,4.1,2.5
100,1,3.5,3.5,0.9,nan,900,20,3.3,9.5
"""


def plot(*arguments):
    return main(["plot", *map(str, arguments), "--threads", "1"])


def numbers(folder, name):
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def test_attention_is_drawn_as_the_translator_gives_it(model, tmp_path, capsys):
    (tmp_path / "texts.txt").write_text(f"{TEXT[2]}\n\n", encoding="utf-8")
    assert plot(model, TEXT[0], tmp_path / "texts.txt", "--out", tmp_path / "plots", "--format", "json") == 0
    assert capsys.readouterr().out.split() == [f"{tmp_path}/plots/attention-{n}.json" for n in (1, 2)]
    translator = load(model, "cpu")
    for name, text in (("attention-1", TEXT[0]), ("attention-2", TEXT[2])):
        result, found = translator(text, alignment=True), numbers(tmp_path / "plots", name)
        assert (found["source"], found["output"]) == (result.source_tokens, result.tokens)
        np.testing.assert_allclose(found["weights"], result.alignment, atol=1e-6)
        np.testing.assert_allclose(np.sum(found["weights"], 1), 1, atol=1e-5)


def test_ctc_is_drawn_as_the_reader_reads_it(reader, tmp_path):
    Image.fromarray(draw(TEXTS[0])).save(tmp_path / "bars.png")
    assert plot(reader, tmp_path / "bars.png", "--out", tmp_path, "--format", "json") == 0
    found = numbers(tmp_path, "ctc-1")
    own = load(reader, "cpu")
    (reading,) = own.read([fit(draw(TEXTS[0]), own.source)])
    assert found["text"] == own.charset.decode(reading.tokens)
    assert "".join(piece for piece, _, _ in found["spans"]) == found["text"]
    assert set(found["characters"]) == set(found["text"])
    for curve in (found["blank"], *found["characters"].values()):
        assert len(curve) == len(found["columns"])
        assert all(0 <= value <= 1 for value in curve)


def test_runs_are_drawn_side_by_side_from_what_they_wrote_down(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.csv").write_text(ROWS)
    assert plot(tmp_path / "a", tmp_path / "b", "--out", tmp_path, "--format", "json") == 0
    runs = numbers(tmp_path, "run")["runs"]
    assert list(runs) == [str(tmp_path / "a"), str(tmp_path / "b")]
    assert runs[str(tmp_path / "a")]["loss"] == [[50, 100], [4.5, 3.5]]
    assert runs[str(tmp_path / "a")]["validation_bleu"] == [[50, 100], [2.5, 9.5]]
    assert runs[str(tmp_path / "a")]["learning_rate"] == [[50], [0.001]]


@pytest.mark.parametrize(("form", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_same_picture_is_the_same_file(model, reader, tmp_path, form, begins):
    (tmp_path / "metrics.csv").write_text(ROWS)
    Image.fromarray(draw(TEXTS[0])).save(tmp_path / "bars.png")
    for out in ("one", "two"):
        for what in ([model, TEXT[0]], [reader, tmp_path / "bars.png"], [tmp_path]):
            assert plot(*what, "--out", tmp_path / out, "--format", form) == 0
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {f"{name}.{form}" for name in ("attention-1", "ctc-1", "run")}
    for name in names:
        content = (tmp_path / "one" / name).read_bytes()
        assert content.startswith(begins)
        assert content == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda model, reader, path: [model], "to see what a model does, name an input too"),
        (lambda model, reader, path: [reader, path / "gone.png"], "gone.png: cannot be read"),
        (lambda model, reader, path: [path / "empty"], "metrics.csv: has no rows yet"),
        (lambda model, reader, path: [path / "odd"], "metrics.csv: not the table of a run"),
        (lambda model, reader, path: [model, "a" * 400], "more than 150 subwords"),
    ],
)
def test_what_cannot_be_drawn_is_refused(model, reader, tmp_path, capsys, make, says):
    for name, text in (("empty", ROWS.split("\n")[0] + "\n"), ("odd", "step,loss\n1,much\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.csv").write_text(text)
    assert plot(*make(model, reader, tmp_path), "--out", tmp_path / "plots") == RequestError.status
    assert says in capsys.readouterr().err
    assert not (tmp_path / "plots").exists()
