"""Readers: what each format gives, and the one sentence for each way it can be wrong."""

import gzip
import json
import socket

import datasets
import pytest

from s2s.config.errors import RequestError, WorkError
from s2s.data.store import open_dataset
from tests.data.corpora import OWN, prepare_text, write, write_corpus

TABLE = "languages: [de, en]\nread: {kind: tsv, source: 2, target: 1, splits: {train: a.tsv}}\n"
JSON = """\
languages: [de, en]
read: {kind: jsonl, source: translation.de, target: translation.en, splits: {train: a.jsonl}}
"""


def train_of(folder):
    return open_dataset(folder).pairs("train")


def test_line_counts_are_compared_before_anything_is_paired(tmp_path):
    write(write_corpus(tmp_path), dev__en="one\n")
    with pytest.raises(RequestError, match=r"split val: .*dev\.de has 3 lines but .*dev\.en has 1;"):
        prepare_text(tmp_path, OWN.format(base="."), tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_line_separator_inside_a_text_does_not_shift_the_lines(tmp_path):
    write(write_corpus(tmp_path), train__de="a\u2028b\nc\x0cd\n", train__en="x\ny\n")
    prepare_text(tmp_path, OWN.format(base="."), tmp_path / "data")
    assert train_of(tmp_path / "data") == (["a\u2028b", "c\x0cd"], ["x", "y"])


def test_gzipped_files_read_as_plain_ones(tmp_path):
    write_corpus(tmp_path)
    for path in tmp_path.glob("*.??"):
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    recipe = OWN.format(base=".").replace(".de", ".de.gz").replace(".en", ".en.gz")
    assert prepare_text(tmp_path, recipe, tmp_path / "data").splits["train"].examples == 20


def test_a_missing_file_is_named(tmp_path):
    (write_corpus(tmp_path) / "dev.de").unlink()
    with pytest.raises(RequestError, match=r"own\.yaml: there is no file dev\.de in .*--source"):
        prepare_text(tmp_path, OWN.format(base="."), tmp_path / "data")


def test_an_optional_split_may_be_missing_and_is_reported(tmp_path):
    (write_corpus(tmp_path) / "test.en").unlink()
    recipe = OWN.format(base=".").replace("test.en}", "test.en, optional: true}")
    report = prepare_text(tmp_path, recipe, tmp_path / "data")
    assert (list(report.splits), report.missing) == (["train", "val"], ["test"])


def test_a_missing_train_split_is_an_error_even_if_optional(tmp_path):
    (write_corpus(tmp_path) / "train.en").unlink()
    recipe = OWN.format(base=".").replace("train.en}", "train.en, optional: true}")
    with pytest.raises(RequestError, match="train split's files are not there"):
        prepare_text(tmp_path, recipe, tmp_path / "data")


def test_further_references_are_kept_as_streams(tmp_path):
    write(write_corpus(tmp_path), more__en="A\nB\nC\nD\n")
    recipe = OWN.format(base=".").replace("test.en}", "test.en, references: [more.en]}")
    prepare_text(tmp_path, recipe, tmp_path / "data")
    data = open_dataset(tmp_path / "data")
    assert data.references("test") == [data.pairs("test")[1], ["A", "B", "C", "D"]]
    assert data.references("val") == [data.pairs("val")[1]]


@pytest.mark.parametrize("name", ["../secret.de", "/etc/passwd", "a/../../b", "..\\b"])
def test_file_names_cannot_leave_their_folder(tmp_path, name):
    write_corpus(tmp_path / "corpus")
    recipe = OWN.format(base="corpus").replace("train.de", f"'{name}'")
    with pytest.raises(RequestError, match=r"leaves its folder|is an absolute path|has a backslash"):
        prepare_text(tmp_path, recipe, tmp_path / "data")


def test_table_columns_are_chosen_by_number(tmp_path):
    write(tmp_path, a__tsv='x\ta\tmore\n"y\tb"\n')
    prepare_text(tmp_path, TABLE, tmp_path / "data")
    assert train_of(tmp_path / "data") == (["a", 'b"'], ["x", '"y'])


def test_a_table_header_is_skipped(tmp_path):
    write(tmp_path, a__tsv="en\tde\nx\ta\n")
    prepare_text(tmp_path, TABLE.replace("tsv,", "tsv, header: true,"), tmp_path / "data")
    assert train_of(tmp_path / "data") == (["a"], ["x"])


EXCEL = 'German,English\n"Sie sagte ""ja"".","She said ""yes""."\n"eins, zwei",one\n'
OWN_NAMES = TABLE.replace("source: 2, target: 1", "source: German, target: English")


@pytest.mark.parametrize(
    ("recipe", "content"),
    [
        (TABLE.replace("source: 2, target: 1", "source: 1, target: 2").replace("tsv,", "csv,"), EXCEL),
        (OWN_NAMES.replace("tsv,", "csv,"), EXCEL),
        (OWN_NAMES, EXCEL),
        (OWN_NAMES, EXCEL.replace("eins, zwei", "eins; zwei").replace(",", "\t").replace("; ", ", ")),
    ],
)
def test_tables_of_a_spreadsheet_are_read_without_quotes_and_header_and_it_is_said(tmp_path, recipe, content):
    write(tmp_path, a__tsv=content)
    report = prepare_text(tmp_path, recipe, tmp_path / "data")
    assert train_of(tmp_path / "data") == (['Sie sagte "ja".', "eins, zwei"], ['She said "yes".', "one"])
    said = report.origin[f"read {tmp_path / 'a.tsv'}"]
    assert "-separated, quotes enclose fields, header " in said
    assert said.endswith(" skipped, 2 rows")


def test_how_a_table_is_read_can_be_forced(tmp_path):
    write(tmp_path, a__tsv='en\tde\n"x, y"\t"a"\n')
    recipe = TABLE.replace("tsv,", "tsv, header: false, quoting: none, delimiter: tab,")
    prepare_text(tmp_path, recipe, tmp_path / "data")
    assert train_of(tmp_path / "data") == (["de", '"a"'], ["en", '"x, y"'])


def test_a_column_that_a_header_lacks_is_named(tmp_path):
    write(tmp_path, a__tsv="Germam\tEnglish\na\tb\n")
    with pytest.raises(RequestError, match='no column "German"; did you mean "Germam"'):
        prepare_text(tmp_path, OWN_NAMES, tmp_path / "data")


def test_a_csv_whose_rows_differ_is_refused_with_the_line(tmp_path):
    write(tmp_path, a__tsv="a,b\nc,d\ne, f,g\n")
    with pytest.raises(RequestError, match=r"a\.tsv, line 3: not 2 comma-separated columns as in most lines"):
        prepare_text(tmp_path, TABLE.replace("tsv,", "csv,"), tmp_path / "data")


def test_a_short_table_row_is_named(tmp_path):
    write(tmp_path, a__tsv="x\ta\nonly\n")
    with pytest.raises(RequestError, match=r"a\.tsv, line 2: .* reads column 2"):
        prepare_text(tmp_path, TABLE, tmp_path / "data")


def test_json_lines_read_nested_keys_and_line_breaks_are_counted(tmp_path):
    rows = [{"translation": {"de": "a\r\nb", "en": "x"}}, {"translation": {"de": "c\u2028d", "en": "y"}}]
    write(tmp_path, a__jsonl="".join(json.dumps(row) + "\n" for row in rows))
    report = prepare_text(tmp_path, JSON, tmp_path / "data")
    assert train_of(tmp_path / "data") == (["a b", "c\u2028d"], ["x", "y"])
    assert report.changed == {"train": {"line break inside a text": 1}}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json}", "line 2: not a JSON object"),
        ('{"translation": {"de": "a"}}', 'line 2: no "en" .* there is de'),
        ('{"translation": {"de": "a", "en": 5}}', "line 2: .* is a int, not a text"),
        ("[]", "line 2: .* a list, not an object"),
    ],
)
def test_a_bad_json_line_is_named(tmp_path, line, said):
    write(tmp_path, a__jsonl='{"translation": {"de": "a", "en": "x"}}\n' + line + "\n")
    with pytest.raises(RequestError, match=said):
        prepare_text(tmp_path, JSON, tmp_path / "data")


HUB = "languages: [de, en]\nread: {kind: hub, dataset: someone/corpus, splits: {train: train, val: validation}}\n"


def hub_copy(folder):
    rows = [{"translation": {"de": f"Satz {i}", "en": f"sentence {i}"}} for i in range(3)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    return write(folder, train__jsonl=text, validation__jsonl=text.replace("Satz", "Wort"))


def test_a_hub_dataset_is_read_from_its_translation_column(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    copy = hub_copy(tmp_path / "copy")
    report = prepare_text(tmp_path, HUB, tmp_path / "data", source=str(copy))
    assert train_of(tmp_path / "data") == (["Satz 0", "Satz 1", "Satz 2"], ["sentence 0", "sentence 1", "sentence 2"])
    assert report.origin["dataset"] == "someone/corpus"


def test_a_folder_of_a_hub_recipe_is_relative_to_the_recipe(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    hub_copy(tmp_path / "someone" / "corpus")
    prepare_text(tmp_path, HUB, tmp_path / "data")
    assert train_of(tmp_path / "data")[0] == ["Satz 0", "Satz 1", "Satz 2"]
    (tmp_path / "recipes").mkdir()
    monkeypatch.chdir(tmp_path)
    for dataset in ("someone/corpus", "./corpus", "a/b/c"):
        with pytest.raises(RequestError, match=r"there is no folder .*; give a path relative to the recipe"):
            prepare_text(tmp_path / "recipes", HUB.replace("someone/corpus", dataset), tmp_path / "more")


def test_a_hub_column_that_is_not_there_is_named(tmp_path):
    recipe = HUB.replace("hub,", "hub, source: text,")
    with pytest.raises(RequestError, match=r'row 0: no "text" .* there is translation'):
        prepare_text(tmp_path, recipe, tmp_path / "data", source=str(hub_copy(tmp_path / "copy")))


def test_a_hub_split_that_is_not_there_is_named(tmp_path):
    recipe = HUB.replace("validation", "dev")
    with pytest.raises(RequestError, match="split dev"):
        prepare_text(tmp_path, recipe, tmp_path / "data", source=str(hub_copy(tmp_path / "copy")))


def test_a_hub_that_does_not_answer_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr("s2s.data.hub._PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(WorkError, match=r"the hub does not answer .* check the network"):
            prepare_text(tmp_path, HUB, tmp_path / "data")


def test_without_a_network_the_hub_says_so_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)

    def refuse(*_, **__) -> None:
        raise ConnectionError("Couldn't reach 'someone/corpus' on the Hub")

    monkeypatch.setattr(datasets, "load_dataset", refuse)
    with pytest.raises(WorkError, match=r"hub cannot be reached .* check the network"):
        prepare_text(tmp_path, HUB, tmp_path / "data")
