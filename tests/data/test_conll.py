"""Words and tags in columns, from files to a dataset."""

import gzip
from dataclasses import replace

import pytest

from s2s.config.errors import RequestError
from s2s.config.recipe import Aligned, Cleaning, Columns, Conllu, Lines, Recipe
from s2s.data.prepare import prepare
from s2s.data.store import open_dataset

TREE = """\
# sent_id = 1
# text = Vámonos al mar 2 000
1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tVamos\tir\tVERB\tv\tMood=Ind\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\tp\t_\t1\tobj\t_\t_
3\tmar\tmar\tNOUN\tn\t_\t1\tobl\t_\t_
3.1\tir\tir\tVERB\tv\t_\t_\t_\t0:root\t_
4\t2 000\t2000\tNUM\tnum\t_\t3\tnummod\t_\t_


# sent_id = 2
1\t#\t#\tSYM\ts\t_\t0\troot\t_\t_
"""
COLUMNS = "-DOCSTART- -X- O\n\nU.N. NNP B-ORG\nofficial NN O \n\n# # O\n"


def made(tmp_path, content, read, languages=("es", "tags"), name="train.txt"):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    recipe = Recipe(languages, read, base=str(tmp_path), cleaning=Cleaning(duplicates=False, overlap="keep"))
    report = prepare(recipe, tmp_path / "data")
    return open_dataset(tmp_path / "data"), report


@pytest.mark.parametrize(
    ("column", "tags"),
    [("upos", "VERB PRON NOUN NUM"), ("xpos", "v p n num"), ("deprel", "root obj obl nummod")],
)
def test_a_treebank_is_its_words_without_multi_word_tokens_and_empty_nodes_which_are_counted(column, tags, tmp_path):
    data, report = made(tmp_path, TREE, Conllu({"train": "train.txt"}, column=column))
    assert data.pairs("train")[0] == ["Vamos nos mar 2\u00a0000", "#"]
    assert data.pairs("train")[1][0] == tags
    assert report.changed["train"] == {
        "multi-word token, whose words are read instead": 1,
        "empty node left out": 1,
        "space inside a word, now a no-break space": 1,
    }


def test_columns_are_separated_by_spaces_or_tabs_and_sentences_by_blank_lines(tmp_path):
    data, report = made(tmp_path, COLUMNS, Columns({"train": "train.txt"}))
    assert data.pairs("train") == (["U.N. official", "#"], ["B-ORG O", "O"])
    assert report.changed["train"] == {"-DOCSTART- line left out": 1}


def test_any_columns_can_be_chosen_and_files_may_be_packed(tmp_path):
    content = gzip.compress(b"0\tNew York\tNNP\tB\n1\tis\tVB\tO\n")
    data, _ = made(tmp_path, content, Columns({"train": "a.gz"}, word=2, tag=3), name="a.gz")
    assert data.pairs("train") == (["New\u00a0York is"], ["NNP VB"])


@pytest.mark.parametrize(
    ("content", "read", "message"),
    [
        ("word TAG\n", Conllu({"train": "train.txt"}), "line 1: not a word of CoNLL-U"),
        (TREE.replace("\t_\n", "\n", 1), Conllu({"train": "train.txt"}), "line 3: not a word of CoNLL-U"),
        ("a B\n\nb\n", Columns({"train": "train.txt"}), "line 3: 1 column, but 2 are needed"),
        ("a B\n", Columns({"train": "train.txt"}, tag=4), "line 1: 2 columns, but 4 are needed"),
        ("a\t \tB\n", Columns({"train": "train.txt"}, tag=2), "line 1: a word or a tag is blank"),
    ],
)
def test_a_line_that_is_not_as_the_format_says_is_named(content, read, message, tmp_path):
    with pytest.raises(RequestError, match=message):
        made(tmp_path, content, read)


def test_words_and_tags_may_come_from_aligned_files_too(tmp_path):
    (tmp_path / "tags.txt").write_text("A B\nA A\n")
    read = Lines({"train": Aligned("words.txt", "tags.txt")})
    data, _ = made(tmp_path, "one two\nthree four\n", read, name="words.txt")
    assert data.pairs("train") == (["one two", "three four"], ["A B", "A A"])


def test_sentences_of_the_same_tags_are_no_copies(tmp_path):
    lines = "one A\n\ntwo A\n\none A\n"
    recipe = Recipe(("en", "tags"), Columns({"train": "train.txt", "val": "train.txt"}), base=str(tmp_path))
    (tmp_path / "train.txt").write_text(lines)
    kept = prepare(replace(recipe, cleaning=Cleaning(overlap="keep")), tmp_path / "data")
    assert kept.dropped == {"train": {"duplicate": 1}}
    assert "val" not in kept.noticed  # that its tags stand in train too is nothing to notice


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"languages": ("en", "de")}, "end with tags"),
        ({"cleaning": Cleaning(max_ratio=2.0)}, "max_ratio compares lengths"),
        ({"sha256": {"other.txt": "0" * 64}}, "not a file in read"),
    ],
)
def test_a_recipe_of_columns_that_makes_no_sense_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**{"languages": ("en", "tags"), "read": Columns({"train": "train.txt"}), **values})
