import pytest

from s2s.config.errors import RequestError
from s2s.text.labels import Labels
from s2s.text.vocabulary import EOS, UNK


def test_names_survive_ids_and_files(tmp_path):
    labels = Labels(["ham", " spam", "ça va"])
    assert [labels.decode(labels.encode(name)) for name in labels.names] == list(labels.names)
    assert labels.encode("ham") == [EOS + 1]
    assert labels.encode("spam") == [UNK]
    labels.save(tmp_path / "labels.json")
    again = Labels.load(tmp_path / "labels.json")
    assert (again.names, again.fingerprint, len(again)) == (labels.names, labels.fingerprint, 7)


@pytest.mark.parametrize("names", [[], ["a", "a"], [" "], ["a\nb"], ["a" * 2000], [str(n) for n in range(20_000)]])
def test_what_cannot_be_classes_is_refused(names):
    with pytest.raises(RequestError):
        Labels(names)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"labels": 3}', b'{"labels": ["a"]}', b'{"format": 1, "labels": ["\\ud800"]}']
)
def test_a_malformed_file_is_refused_by_name(content):
    with pytest.raises(RequestError, match="here: "):
        Labels.parse(content, "here")
