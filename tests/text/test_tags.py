import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.errors import RequestError
from s2s.text.labels import Labels
from s2s.text.tags import Tags, are_chunks, joined, normalise_words, words

WORDS = st.lists(st.text(min_size=1).filter(lambda word: word.strip(" \t")), min_size=1)


@given(WORDS, st.sampled_from(["nfc-spaces", "nfkc"]))
def test_normalising_a_sentence_keeps_the_number_of_its_words_and_changes_nothing_the_second_time(found, kind):
    text = joined(found)
    assert len(words(text)) == len(found)
    normal = normalise_words(text, kind)
    assert len(words(normal)) == len(found)
    assert normalise_words(normal, kind) == normal


def test_a_vocabulary_of_tags_reads_what_it_wrote(tmp_path):
    tags = Tags(["B-X", "I-X", "O"])
    assert tags.encode("O B-X ?") == [6, 4, 1]
    assert tags.decode(tags.encode("O B-X I-X")) == "O B-X I-X"
    tags.save(tmp_path / "labels.json")
    assert Tags.load(tmp_path / "labels.json").names == tags.names
    Labels(["two words"]).save(tmp_path / "labels.json")
    with pytest.raises(RequestError, match=r"labels\.json: 'two words' cannot be a tag"):
        Tags.load(tmp_path / "labels.json")


def test_tags_mark_chunks_where_all_of_them_do():
    assert are_chunks({"B-X", "I-X", "O"})
    assert not are_chunks({"NOUN", "O"})
    assert not are_chunks({"O"})
