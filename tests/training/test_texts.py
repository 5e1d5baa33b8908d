"""The text of a run: normal form in training as in use, and copies held out together."""

import json
from io import StringIO
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from s2s.bundle.load import load
from s2s.config.document import dump
from s2s.config.errors import RequestError
from s2s.data.copies import groups
from s2s.data.pairs import Pairs
from s2s.inference.translator import Translator
from s2s.training.holding_out import hold_out, hold_out_pairs
from s2s.training.run import train
from tests.training.tiny import first_format, numbers, tiny, write_dataset

ROWS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("stuvwxyz")), min_size=20, max_size=90)


def held(pairs, seed=1):
    said: list[str] = []
    source, target = ([str(text) for text in side] for side in zip(*pairs, strict=True))
    kept, out = hold_out_pairs(source, target, Path("data"), seed, said.append)
    return kept.tolist(), out.tolist(), "\n".join(said)


@given(ROWS)
def test_rows_are_in_one_group_if_a_chain_of_shared_values_joins_them(rows):
    place = {row: number for number, group in enumerate(groups(*zip(*rows, strict=True))) for row in group}
    assert sorted(place) == list(range(len(rows)))
    for one in place:
        for other in place:
            if rows[one][0] == rows[other][0] or rows[one][1] == rows[other][1]:
                assert place[one] == place[other]


@given(st.lists(st.integers(0, 60), min_size=60, max_size=300))
def test_no_copy_of_what_is_held_out_is_in_train(kinds):
    pairs = [(f"S{kind}", f"t{kind}") for kind in kinds]
    if max(map(kinds.count, kinds)) > len(kinds) / 20:
        return
    kept, out, _ = held(pairs)
    assert sorted(kept + out) == list(range(len(pairs)))
    assert not {pairs[row] for row in kept} & {pairs[row] for row in out}
    assert len(pairs) / 40 - 1 <= len(out) <= len(pairs) / 20


def test_without_copies_the_same_rows_are_held_out_as_ever():
    kept, out = hold_out(200, "pairs", Path("data"), 7, lambda line: None)
    assert held([(row, row) for row in range(200)], seed=7)[:2] == (kept.tolist(), out.tolist())


def test_one_large_group_does_not_fill_what_is_held_out():
    pairs = [(row, "yes" if row < 90 else row) for row in range(2000)]
    for seed in range(5):
        _, out, said = held(pairs, seed)
        assert len(out) == 100
        assert min(out) >= 90
        assert "pairs of the same source or target are held out together" in said


def test_where_all_share_a_target_copies_of_a_source_are_held_out_together_and_the_rest_is_said():
    kept, out, said = held([(row // 2, row % 2) for row in range(400)])
    assert len(out) == 20
    assert not {row // 2 for row in kept} & {row // 2 for row in out}
    assert "pairs of the same source are held out together" in said
    assert "2 targets among those held out are in train too" in said


def test_text_of_nothing_but_copies_of_one_pair_is_refused():
    with pytest.raises(RequestError, match=r"copies of one another.*add a split called val"):
        held([("a", "b")] * 100)


def odd(pairs):
    """The same text, decomposed and with other spaces."""
    odder = [
        [text.replace("ü", "u\u0308").replace(" ", "\u00a0") for text in side] for side in (pairs.source, pairs.target)
    ]
    return Pairs(*odder)


def test_a_model_trained_on_text_in_another_form_is_the_same_model(tmp_path):
    pairs = numbers()
    train_pairs, validation = pairs.keep(list(range(100))), pairs.keep(list(range(100, 112)))
    told = StringIO()
    for name, change in (("plain", lambda pairs: pairs), ("odd", odd)):
        data = write_dataset(tmp_path / f"{name} data", {"train": change(train_pairs), "val": validation})
        train(tiny(training={"steps": 3}), data, tmp_path / name, console=Console(file=told, width=200), threads=1)
    one, other = (load(tmp_path / name).model.state_dict() for name in ("plain", "odd"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert "train: 200 texts changed (space other than the plain one)" in told.getvalue()
    translate = Translator.from_bundle(load(tmp_path / "plain"))
    assert translate("two\u00a0three\u3000one\x1b") == translate("two three one")


def test_a_run_begun_before_there_was_a_normalisation_goes_on_without(tmp_path):
    pairs = odd(numbers())
    data = write_dataset(tmp_path / "data", {"train": pairs.keep([*range(100), *range(100)])})

    def said(**options):
        told = StringIO()
        train(data=data, out=tmp_path / "run", threads=1, console=Console(file=told, width=200), **options)
        return told.getvalue()

    config = tiny(subwords={"normalization": "none"}, training={"steps": 3})
    assert "held out together" in said(config=config)
    forget(tmp_path / "run")
    again = said(config=tiny(training={"steps": 6}), resume=True)
    assert "10 of 200 training pairs are held out" in again
    assert "together" not in again  # but by row, as it was done then
    for model in (tmp_path / "run", tmp_path / "run" / "checkpoints" / "last.ckpt"):
        assert load(model).config.source.vocabulary.normalization == "none"


def forget(run):
    """Store the run's config as it was stored before there was that key."""
    old = first_format(training={"steps": 3})
    (run / "config.yaml").write_text(dump(old))
    checkpoint = torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)
    checkpoint["s2s"]["config"] = json.dumps(old)
    torch.save(checkpoint, run / "checkpoints" / "last.ckpt")
