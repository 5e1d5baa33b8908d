"""A tagger, from its training to its answers."""

import io
import json
from random import Random

import pytest
import torch
from rich.console import Console

import s2s
from s2s.bundle.bundle import Bundle
from s2s.bundle.load import load as load_bundle
from s2s.cli.main import main
from s2s.config.errors import RequestError
from s2s.config.experiment import experiment_from
from s2s.data.pairs import Pairs
from s2s.inference.tagger import SequenceTagger
from s2s.training.run import train
from tests.training.tiny import silent, write_dataset

FIRST, LAST = ("Ada", "Alan", "Grace"), ("Byron", "Turing", "Hopper")
FILL = ("met", "the", "saw", "a", "engine", "and", "walked")


def sentences(count, seed):
    """Names are chunks of one or two words, of which the end of the word or the neighbour tells the tag."""
    random = Random(seed)
    source, target = [], []
    for _ in range(count):
        words, tags = [], []
        for _ in range(random.randint(1, 4)):
            if random.random() < 0.5:
                words += [random.choice(FILL)]
                tags += ["O"]
            else:
                words += [random.choice(FIRST), random.choice(LAST)]
                tags += ["B-PER", "I-PER"]
        source.append(" ".join(words))
        target.append(" ".join(tags))
    return Pairs(source, target)


def tiny(pooling="ends", kind="char", **training):
    values = {
        "source": {"kind": "text", "vocabulary": {"kind": kind, "size": 300, "sample": 0.1}},
        "target": {"kind": "tags", "pooling": pooling},
        "model": {
            "encoder": {"embedding": 12, "hidden": 12, "dropout": 0.1, "embedding_dropout": 0.1},
            "words": {"hidden": 8, "dropout": 0.1},
        },
        "batches": {"tokens": 512},
        "optimizer": {"lr": 0.02},
        "schedule": {"warmup": 5},
        "training": {"steps": 40, **training},
        "validation": {"every": 20, "samples": 1},
    }
    return experiment_from(values, "the test")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    splits = {"train": sentences(200, 1), "val": sentences(30, 2), "test": sentences(60, 3)}
    return write_dataset(tmp_path_factory.mktemp("tags") / "data", splits, ("en", "tags"))


@pytest.fixture(scope="module")
def model(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    train(tiny(), data, folder, console=silent())
    return folder


@pytest.mark.parametrize(("pooling", "kind"), [("ends", "char"), ("first", "unigram"), ("mean", "unigram")])
def test_a_tagger_learns_which_words_are_names(pooling, kind, data, tmp_path):
    outcome = train(tiny(pooling, kind), data, tmp_path / "run", console=silent())
    assert (outcome.metric, outcome.decoded) == ("chunk_f1", "all 30 examples")
    assert outcome.best > 95
    tagger = s2s.load(tmp_path / "run")
    assert isinstance(tagger, s2s.SequenceTagger)
    assert tagger("the Grace Hopper saw").tags == ("O", "B-PER", "I-PER", "O")


@pytest.mark.parametrize(("tags", "metric"), [("B-X I-X O", "chunk_f1"), ("NOUN VERB O", "tag_accuracy")])
def test_the_score_that_counts_follows_the_tags(tags, metric, tmp_path):
    pairs = Pairs([f"one two n{number}" for number in range(30)], [tags] * 30)
    path = write_dataset(tmp_path / "data", {"train": pairs, "val": pairs}, ("en", "tags"))
    assert train(tiny(steps=1), path, tmp_path / "run", console=silent()).metric == metric


def test_a_tag_does_not_depend_on_what_else_is_in_the_batch(model):
    bundle = load_bundle(model)
    tagger = SequenceTagger(Bundle(bundle.model.double(), bundle.config, bundle.vocabularies, max_source=60))
    lines = [*sentences(40, 4).source, "Ada Byron " * 30, "", " \t", "a\tengine  met"]
    together = tagger(lines)
    for line, answer in zip(lines, together, strict=True):
        alone = tagger(line)
        assert (alone.tags, alone.parts) == (answer.tags, answer.parts)
        assert alone.probabilities == pytest.approx(answer.probabilities, abs=1e-12)
    order = Random(1).sample(range(len(lines)), len(lines))
    assert tagger([lines[place] for place in order]) == [together[place] for place in order]
    assert [len(one.tags) for one in together] == [len(line.split()) for line in lines]
    assert together[-1].words == ("a", "engine", "met")
    assert together[-2].text == ""


def test_a_sentence_longer_than_those_of_training_is_tagged_to_its_end(model):
    tagger = s2s.load(model)
    (answer,) = tagger(["met the " * 60 + "Grace Hopper"])
    assert answer.parts > 1
    assert answer.tags == ("O",) * 120 + ("B-PER", "I-PER")


def test_a_sentence_may_be_given_as_its_words(model):
    tagger = s2s.load(model)
    text, words = tagger(["Alan Turing met", ["Alan", "Turing", "met"]])
    assert text == words
    (spaced,) = tagger([["Alan Turing", "met", "\u200b"]])
    assert len(spaced.tags) == 3
    with pytest.raises(TypeError, match="must be a string"):
        tagger([["one", 2]])


def test_a_tagger_starts_from_another_whose_tags_it_shares(model, data, tmp_path):
    outcome = train(tiny(steps=1), data, tmp_path / "run", start_from=model, console=silent(), given=())
    assert outcome.best > 90
    other = sentences(200, 1)
    other.target[0] = other.target[0].replace("O", "X").replace("B-PER", "X")
    path = write_dataset(tmp_path / "data", {"train": other, "val": sentences(30, 2)}, ("en", "tags"))
    with pytest.raises(RequestError, match=r'training words have labels .* such as "X"; train without --from'):
        train(tiny(), path, tmp_path / "new", start_from=model, console=silent(), given=())


def test_a_tag_that_only_validation_has_is_counted_and_named(data, tmp_path):
    held = sentences(30, 2)
    held.target[0] = " ".join(["B-LOC"] * len(held.source[0].split()))
    path = write_dataset(tmp_path / "data", {"train": sentences(200, 1), "val": held}, ("en", "tags"))
    told = io.StringIO()
    train(tiny(steps=2), path, tmp_path / "run", console=Console(file=told))
    assert 'words of val have labels that no training example has ("B-LOC"' in told.getvalue()
    assert "3 tags: " in told.getvalue()


def test_words_without_their_tags_are_refused(tmp_path):
    pairs = sentences(60, 1)
    pairs.target[4] += " O"
    path = write_dataset(tmp_path / "data", {"train": pairs, "val": sentences(9, 2)}, ("en", "tags"))
    with pytest.raises(RequestError, match=r"example 5 of train has \d+ words? and \d+ tags; a tagger needs a tag"):
        train(tiny(), path, tmp_path / "run", console=silent())


def test_a_word_with_a_space_inside_is_one_word_in_training_too(tmp_path):
    pairs = Pairs([f"10\u00a0000 men n{number}" for number in range(40)], ["NUM NOUN X"] * 40)
    path = write_dataset(tmp_path / "data", {"train": pairs, "val": pairs}, ("fr", "tags"))
    train(tiny(steps=30), path, tmp_path / "run", console=silent())
    assert s2s.load(tmp_path / "run")("10\u00a0000 men").tags[:2] == ("NUM", "NOUN")


def test_the_commands_for_a_tagger(model, data, tmp_path, capsysbinary):
    text = tmp_path / "in.txt"
    text.write_text("the Grace Hopper\n\nAlan Turing met\n")
    assert main(["predict", str(model), str(text)]) == 0
    captured = capsysbinary.readouterr()
    assert captured.out.decode() == "O B-PER I-PER\n\nB-PER I-PER O\n"
    assert "1 of 3 lines are blank" in captured.err.decode()
    assert main(["predict", str(model), str(text), "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [row["tags"] for row in rows] == [["O", "B-PER", "I-PER"], [], ["B-PER", "I-PER", "O"]]
    assert rows[0]["words"] == ["the", "Grace", "Hopper"]
    assert all(0.3 < value <= 1 for value in rows[0]["probabilities"])
    assert main(["predict", str(model), str(text), "--format", "conll"]) == 0
    written = capsysbinary.readouterr().out.decode()
    assert written == "the\tO\nGrace\tB-PER\nHopper\tI-PER\n\n\nAlan\tB-PER\nTuring\tI-PER\nmet\tO\n\n"
    text.write_text("Grace x O\nHopper y O\n\nmet z O\n")
    assert main(["predict", str(model), str(text), "--input", "columns", "--format", "conll"]) == 0
    assert capsysbinary.readouterr().out.decode() == "Grace\tB-PER\nHopper\tI-PER\n\nmet\tO\n\n"
    text.write_text("1-2\tAda's\t" + "_\t" * 7 + "_\n" + "1\tAda\t" + "_\t" * 7 + "_\n")
    assert main(["predict", str(model), str(text), "--input", "conllu"]) == 0
    captured = capsysbinary.readouterr()
    assert captured.out.decode() in ("O\n", "B-PER\n")
    assert "1 x multi-word token" in captured.err.decode()
    assert main(["predict", str(model), str(text), "--format", "tsv"]) == 2
    assert main(["evaluate", str(model), str(data), "--json", str(tmp_path / "scores.json")]) == 0
    out = capsysbinary.readouterr().out.decode()
    assert "chunk_f1" in out
    assert "tag_accuracy" in out
    assert "mistakes" in out
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]
    assert min(scores["chunk_f1"]["value"], scores["tag_accuracy"]["value"]) > 95
    assert main(["check", str(model)]) == 0
    assert "3 tags: B-PER, I-PER, O" in capsysbinary.readouterr().out.decode()
    assert main(["export", str(model), "--out", str(tmp_path / "model")]) == 0
    card = (tmp_path / "model" / "README.md").read_text()
    assert "token-classification" in card
    assert "chunk_f1" in card
    assert load_bundle(tmp_path / "model").fingerprint == load_bundle(model).fingerprint


def test_tags_unknown_to_the_model_are_reported_and_count_as_wrong(model, tmp_path, capsys):
    pairs = Pairs(["met the", "saw a"], ["O LOC", "O O"])
    path = write_dataset(tmp_path / "data", {"train": pairs, "test": pairs}, ("en", "tags"))
    assert main(["evaluate", str(model), f"{path}:test", "--metrics", "tag_accuracy"]) == 0
    captured = capsys.readouterr()
    assert '1 of 4 labels are unknown to the model and count as wrong: "LOC" 1' in captured.err
    assert "tag_accuracy  75.00" in captured.out
    assert "LOC taken for O 1" in captured.out


def test_weights_that_are_not_numbers_are_an_error(model):
    bundle = load_bundle(model)
    with torch.no_grad():
        bundle.model.head.output.bias.fill_(float("nan"))
    with pytest.raises(s2s.WorkError, match="not numbers"):
        SequenceTagger(bundle)("met")


def test_a_tagger_is_compared_by_accuracy_with_a_file_of_tags(model, data, tmp_path):
    right = tmp_path / "right.txt"
    right.write_text("".join(f"{line}\n" for line in sentences(60, 3).target))
    call = ["compare", right, model, "--data", f"{data}:test", "--json", tmp_path / "report.json"]
    assert main(list(map(str, call))) == 0
    scores = json.loads((tmp_path / "report.json").read_text())["scores"]
    assert scores["tag_accuracy"][0]["value"] == 100
