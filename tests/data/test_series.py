"""Series from files to features: every format, and one sentence with its place for what cannot be used."""

import gzip
import json
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s.config.errors import RequestError
from s2s.config.experiment import experiment_from
from s2s.config.series import SeriesAugmentation, SeriesSource
from s2s.config.series_recipe import SeriesFiles, SeriesRecipe
from s2s.data.series.augment import bend, hide
from s2s.data.series.columns import Columns
from s2s.data.series.features import features
from s2s.data.series.files import read_series, unlabelled
from s2s.data.series.inputs import SeriesInputs
from s2s.data.series.numbers import MAX_NUMBERS, pen_rows
from s2s.data.series.prepare import SHARED, prepare_series
from s2s.data.series.recordings import read_recording
from s2s.data.series.store import open_series

TS = "#about\n@problemName X\n@timeStamps false\n@data\n1,2,3:4,5,6:yes\n7,8:9,10:no\n"


def read(path, **options):
    changed = Counter()
    found = list(read_series(path, SeriesFiles({"train": path.name}, **options), changed))
    return found, changed


def test_a_ts_file_is_read_dimension_by_dimension(tmp_path):
    (tmp_path / "x.ts.gz").write_bytes(gzip.compress(TS.encode()))
    (first, second), _ = read(tmp_path / "x.ts.gz")
    assert (first.rows.tolist(), first.target) == ([[1, 4], [2, 5], [3, 6]], "yes")
    assert (second.rows.tolist(), second.name) == ([[7, 9], [8, 10]], "x.ts.gz, line 6")


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("1,2,3,4,b\n5,6,a\n", {}),
        ("x1,y1,class\n1,2,3,4,b\n5,6,a\n", {}),
        ("b\t1\t2\t3\t4\na\t5\t6\tNaN\tnan\n", {"label": 1}),
        ("1 2 3 4 b\n5 6 a\n\n", {}),
    ],
)
def test_a_table_has_a_series_a_line(content, options, tmp_path):
    (tmp_path / "x.txt").write_text(content)
    (first, second), changed = read(tmp_path / "x.txt", columns=("x", "y"), **options)
    assert (first.rows.tolist(), first.target) == ([[1, 2], [3, 4]], "b")
    assert (second.rows.tolist(), second.target) == ([[5, 6]], "a")
    assert changed.total() == content.count("NaN") + content.count("\n\n")


def test_json_lines_have_rows_or_strokes(tmp_path):
    rows = [{"values": [[1, 2], [3, 4]], "label": "a"}, {"values": [1, 2], "label": 7}]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (first, second), _ = read(tmp_path / "x.jsonl")
    assert (first.rows.tolist(), second.rows.tolist(), second.target) == ([[1, 2], [3, 4]], [[1], [2]], "7")
    (tmp_path / "y.jsonl").write_text('{"ink": [[1, 2, 3, 4], [[5, 6]]], "word": "hi"}\n')
    (found,), _ = read(tmp_path / "y.jsonl", strokes="ink", label="word")
    assert found.rows.tolist() == [[1, 2, 0], [3, 4, 1], [5, 6, 1]]
    assert found.names == ("x", "y", "lift")


def folder(path, labels, **files):
    path.mkdir()
    (path / "labels.tsv").write_text(labels)
    for name, content in files.items():
        (path / f"{name}.csv").write_text(content)
    return path


def test_a_folder_of_recordings_is_read_by_its_labels_and_nothing_is_left_out_in_silence(tmp_path):
    (tmp_path / "out.csv").write_text("1\n")
    labels = "a.csv\tup\nb.npy\tdown\nc.csv\tup\n../out.csv\tup\na.csv\tup\nd.csv\nlink.csv\tup\n"
    place = folder(tmp_path / "train", labels, a="x;y\n1;2\n3;4\n", lost="1\n")
    np.save(place / "b.npy", np.arange(6).reshape(3, 2))
    (place / "link.csv").symlink_to(tmp_path / "out.csv")
    found, _ = read(place)
    good = [one for one in found if not isinstance(one, str)]
    assert [(one.name, one.target, one.names, one.rows.shape) for one in good] == [
        ("a.csv", "up", ("x", "y"), (2, 2)),
        ("b.npy", "down", (), (3, 2)),
    ]
    problems = "\n".join(one for one in found if isinstance(one, str))
    for reason in (
        "line 3: there is no file c.csv",
        "line 4: ../out.csv leads out of",
        "line 5: a.csv is named a second time",
        "line 6: has no label",
        "line 7: link.csv leads out of",
        "lost.csv: has no label in labels.tsv",
    ):
        assert reason in problems


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "it has no rows"),
        ("a,b\n", "it has no rows"),
        ("1,2\n3\n", "row 2: it has 1 column, and row 1 has 2"),
        ("1,2\n3,\n", "row 2: field 2 is empty; fill gaps"),
        ("1,2\n\n3,4\n", "row 2: field 1 is empty"),
        ("1,2\nx,4\n", 'row 2: field 1 is "x", not a number'),
        ("1,2\n3,nan\n", "row 2, column 2: nan is not a finite number"),
        ("1,2\n-inf,4\n", "row 2, column 1: -inf is not a finite number"),
        ("1,2\n1e39,4\n", r"row 2, column 1: 1e\+39 is not a finite number of 32 bits"),
        ("1,2\n1_0,4\n", 'row 2: field 1 is "1_0", not a number'),
        ("a,a\n1,2\n", "two columns have the same name"),
        ("a,b\n1,2,3\n", "its rows have 3 columns, and its first line 2 names"),
    ],
)
def test_a_bad_recording_is_one_sentence_with_file_and_row(content, reason, tmp_path):
    (tmp_path / "r.csv").write_text(content)
    with pytest.raises(RequestError, match=rf"r\.csv.*{reason}"):
        read_recording(tmp_path / "r.csv", "r.csv")


def test_an_array_that_claims_more_than_its_file_holds_or_objects_is_refused(tmp_path):
    path = tmp_path / "r.npy"
    np.save(path, np.ones((4, 2)))
    content = path.read_bytes()
    huge = content.replace(b"(4, 2)", b"(9999999999, 2)".ljust(6), 1)
    for bad in (content[:-8], content[:20], b"", b"\x93NUMPY", huge, content.replace(b"<f8", b"|O8")):
        path.write_bytes(bad)
        with pytest.raises(RequestError, match="not an array of numbers"):
            read_recording(path, "r.npy")
    np.save(path, np.array(["a", "b"]))
    with pytest.raises(RequestError, match="not an array of numbers"):
        read_recording(path, "r.npy")
    np.save(path, np.ones((2, 2, 2)))
    with pytest.raises(RequestError, match="not rows and columns"):
        read_recording(path, "r.npy")


def test_a_series_of_absurd_size_is_refused_before_it_is_kept(monkeypatch, tmp_path):
    import s2s.data.series.numbers as numbers

    assert MAX_NUMBERS == 2**26
    monkeypatch.setattr(numbers, "MAX_NUMBERS", 5)
    np.save(tmp_path / "r.npy", np.ones((3, 2)))
    with pytest.raises(RequestError, match="it has 6 numbers, more than the 5"):
        read_recording(tmp_path / "r.npy", "r.npy")
    with pytest.raises(RequestError, match="in, line 1: it has 6 numbers"):
        unlabelled(["1,2,3,4,5,6"], "in", 2, False, None)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=40), st.from_regex(r"[\[{:,0-9naie.\"}\] -]{0,40}")), max_size=3), st.booleans()
)
def test_any_line_is_a_series_or_one_sentence(lines, pen):
    try:
        found = unlabelled(lines, "in", 2, pen, None)
    except RequestError as error:
        sentence = str(error)
    else:
        sentence = "in, line 1"
        assert len(found) == len(lines)
        assert all(one is None or np.isfinite(one).all() for one in found)
    assert sentence.startswith("in, line ")
    assert "\n" not in sentence


def recipe(**options):
    return SeriesRecipe(SeriesFiles({"train": "train.csv", "test": "test.csv"}, **options))


def test_what_is_left_out_and_what_splits_share_is_counted_and_the_data_is_read_back(tmp_path):
    good = [f"{n},{n + 1},{'ab'[n % 2]}\n" for n in range(20)]
    (tmp_path / "train.csv").write_text("".join([*good, "1,2,3,a\n", "1,x,a\n"]))
    (tmp_path / "test.csv").write_text("".join(["100,101,a\n", good[3]]))
    report = prepare_series(recipe(columns=("x", "y"), hold_out=4), tmp_path / "data", folder=tmp_path)
    assert sum(report.splits[split]["series"] for split in ("train", "val")) == 20
    assert report.splits["val"]["series"] > 0
    assert report.dropped == {
        "train": [
            "train.csv, line 21: 3 numbers cannot be rows of 2 columns",
            'train.csv, line 22: field 2 is "x", not a number; fill gaps and leave out columns of text',
        ]
    }
    data = open_series(tmp_path / "data")
    split = data.read("test")
    assert [one.tolist() for one in split.series] == [[[100, 101]], [[3, 4]]]
    assert list(split.targets) == ["a", "b"]
    assert SHARED in str(report.noticed) or "test" not in report.noticed
    assert data.fingerprint == report.fingerprint


def test_series_with_other_columns_than_most_are_left_out(tmp_path):
    folder(tmp_path / "train", "a.csv\tA\nb.csv\tB\nc.csv\tA\n", a="1,2\n", b="1,2\n", c="1,2,3\n")
    report = prepare_series(SeriesRecipe(SeriesFiles({"train": "train"})), tmp_path / "data", folder=tmp_path)
    assert report.dropped["train"] == ["c.csv: it has 3 columns, and most have 2"]
    assert report.columns == ("c1", "c2")


@pytest.mark.parametrize(
    ("file", "content", "options", "message"),
    [
        ("x.ts", TS, {"label": 1}, r"read\.label is not for files such as x\.ts"),
        ("x.csv", "1,a\n", {"strokes": "ink"}, r"read\.strokes is not for"),
        ("x.csv", "1,a\n", {"label": "word"}, r"read\.label of a table is 1 or -1"),
        (
            "x.jsonl",
            '{"strokes": [[1, 2]], "label": "a"}\n',
            {"strokes": "strokes", "columns": ("a",)},
            "leave read.col",
        ),
        ("x.ts", "1,2:a\n", {}, "no line @data"),
        ("x.ts", TS.replace("false", "true"), {}, "time stamps"),
    ],
)
def test_what_says_nothing_of_a_file_is_refused(file, content, options, message, tmp_path):
    (tmp_path / file).write_text(content)
    with pytest.raises(RequestError, match=message):
        prepare_series(SeriesRecipe(SeriesFiles({"train": file}, **options)), tmp_path / "data", folder=tmp_path)


def test_a_split_of_which_nothing_can_be_used_is_refused(tmp_path):
    (tmp_path / "train.csv").write_text("1,x,a\n")
    (tmp_path / "test.csv").write_text("1,2,a\n")
    with pytest.raises(RequestError, match=r"no series of split train can be used: train\.csv, line 1"):
        prepare_series(recipe(), tmp_path / "data", folder=tmp_path)


def test_standardised_features_have_mean_0_and_deviation_1_even_far_from_0():
    generator = np.random.default_rng(1)
    series = [(1e6 + 3 * generator.standard_normal((50, 2))).astype(np.float32) for _ in range(20)]
    flat = [np.concatenate([one, np.full((50, 1), 7, np.float32)], 1) for one in series]
    for kind in ("values", "deltas"):
        columns = Columns.of("xyz", flat, SeriesSource(features=kind))
        found = np.concatenate([columns.ready(one, SeriesSource(features=kind)) for one in flat])
        moving = [place for place in range(found.shape[1]) if place % 3 != 2]
        assert np.abs(found.mean(0)).max() < 1e-6
        assert np.allclose(found[:, moving].std(0), 1)
        assert np.abs(found[:, 2::3]).max() < 1e-6  # a column that stands still


def test_slopes_of_a_line_are_its_slope_and_those_of_slopes_nothing():
    found = features(np.arange(20.0)[:, None] * 3, SeriesSource(features="deltas"))
    assert np.allclose(found[4:-4, 1], 3)
    assert np.allclose(found[4:-4, 2], 0)


def test_features_of_a_pen_do_not_depend_on_place_and_size():
    rows = pen_rows([[0, 0, 3, 4, 6, 8], [6, 0, 6, 10]], "here")
    found = features(rows, SeriesSource(features="pen"))
    moved = features(rows * [7, 7, 1] + [100, -50, 0], SeriesSource(features="pen"))
    assert np.allclose(found, moved)
    assert found[:, 5].tolist() == [0, 0, 0, 1, 0]  # the way to the fourth point leads through the air
    assert np.allclose(found[1], [0.3, 0.4, 0.6, 0.8, -0.1, 0])
    one = features(pen_rows([[5, 5]], "here"), SeriesSource(features="pen"))
    assert one.tolist() == [[0, 0, 0, 0, 0, 0]]


def pen(**augmentation):
    return SeriesSource(features="pen", augmentation=SeriesAugmentation(**augmentation))


def test_augmentation_is_a_function_of_seed_epoch_and_row_and_does_what_its_keys_say():
    rows = pen_rows([[0, 0, 3, 4, 6, 8], [6, 0, 6, 10]], "here")
    part = SeriesAugmentation(scale=0.3, rotation=20, shear=0.3, noise=0.1, masked_rows=2, masked_features=2)
    source = SeriesSource(features="pen", augmentation=part)
    columns = Columns.of(("x", "y", "lift"), [rows], source)
    one, again = (SeriesInputs([rows, rows], source, columns, 5) for _ in range(2))
    here = np.arange(2)
    assert (one.tensors(here, 3)[0] == again.tensors(here, 3)[0]).all()
    assert (one.tensors(here, 3)[0] != one.tensors(here, 4)[0]).any()
    assert (one.tensors(here, 3)[0][0] != one.tensors(here, 3)[0][1]).any()
    assert np.allclose(one.tensors(here, None)[0][0], columns.ready(rows, source), atol=1e-6)
    turned = bend(rows, pen(rotation=30), np.random.default_rng(1))
    assert np.allclose(np.hypot(*turned[:, :2].T), np.hypot(*rows[:, :2].T))
    assert (turned[:, 2] == rows[:, 2]).all()
    slanted = bend(rows, pen(shear=0.5), np.random.default_rng(1))
    assert np.allclose(slanted[:, 1], rows[:, 1])
    scaled = bend(rows, pen(scale=0.9), np.random.default_rng(1))
    assert (scaled[:, 2] == rows[:, 2]).all()
    assert (scaled[1:, :2] != rows[1:, :2]).any()
    still = hide(np.ones((9, 4)), SeriesAugmentation(), np.random.default_rng(1))
    assert (still == 1).all()
    for key, axis in (("masked_rows", 1), ("masked_features", 0)):
        masks = [hide(np.ones((9, 4)), SeriesAugmentation(**{key: 3}), np.random.default_rng(n)) for n in range(20)]
        assert any((one == 0).any() for one in masks)
        assert all(((one == 0).all(axis) | (one == 1).all(axis)).all() for one in masks)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"augmentation": {"rotation": 5}}, "set features to pen"),
        ({"front": {"kernel": 4}}, "kernel must be odd"),
        ({"front": {"kernel": 3, "stride": 4}}, "stride 4 would pass over rows"),
        ({"features": "pne"}, 'did you mean "pen"'),
    ],
)
def test_what_a_source_of_series_cannot_be_is_refused(source, message):
    with pytest.raises(RequestError, match=message):
        experiment_from({"source": {"kind": "series", **source}, "target": {"kind": "label"}}, "here")


def test_pen_features_need_two_or_three_columns():
    with pytest.raises(RequestError, match=r"the data has 4; set source\.features to values"):
        Columns.of("abcd", [np.ones((2, 4), np.float32)], SeriesSource(features="pen"))
    assert math.isclose(Columns.of("a", [np.ones((2, 1), np.float32)], SeriesSource()).mean[0], 1)
