"""A classifier of texts, from its training to its answers."""

import io
import json
from collections import Counter
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
from s2s.inference.classifier import Classifier
from s2s.training.run import train
from tests.training.tiny import silent, write_dataset

NAMES = ("good news", "bad", "neither")
WORDS = (("sun", "joy", "win"), ("rain", "pain", "loss"), ("table", "chair", "wall"))
FILL = ("the", "and", "of", "a", "is", "there")


def texts(count, seed):
    """Texts of which one word tells the class."""
    random = Random(seed)
    source, target = [], []
    for number in range(count):
        words = random.choices(FILL, k=random.randint(2, 8))
        words.insert(random.randrange(len(words)), random.choice(WORDS[number % 3]))
        source.append(" ".join(words))
        target.append(NAMES[number % 3])
    return Pairs(source, target)


def tiny(pooling="mean", **training):
    values = {
        "source": {"kind": "text", "vocabulary": {"kind": "word", "size": 300, "sample": 0.1}},
        "target": {"kind": "label", "pooling": pooling},
        "model": {"encoder": {"embedding": 12, "hidden": 12, "dropout": 0.1, "embedding_dropout": 0.1}},
        "batches": {"tokens": 256},
        "optimizer": {"lr": 0.02},
        "schedule": {"warmup": 5},
        "training": {"steps": 40, **training},
        "validation": {"every": 20, "samples": 1},
    }
    return experiment_from(values, "the test")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    splits = {"train": texts(240, 1), "val": texts(30, 2), "test": texts(60, 3)}
    return write_dataset(tmp_path_factory.mktemp("classes") / "data", splits, ("en", "label"))


@pytest.fixture(scope="module")
def model(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    train(tiny(), data, folder, console=silent())
    return folder


@pytest.mark.parametrize("pooling", ["mean", "max", "last", "attention"])
def test_a_classifier_learns_which_word_counts(pooling, data, tmp_path):
    outcome = train(tiny(pooling), data, tmp_path / "run", console=silent())
    assert (outcome.metric, outcome.decoded) == ("accuracy", "all 30 examples")
    assert outcome.best > 95
    assert (tmp_path / "run" / "model" / "labels.json").is_file()
    classifier = s2s.load(tmp_path / "run")
    assert isinstance(classifier, s2s.Classifier)
    assert classifier("there is joy").label == "good news"


def test_the_answer_does_not_depend_on_the_company(model):
    bundle = load_bundle(model)
    classifier = Classifier(Bundle(bundle.model.double(), bundle.config, bundle.vocabularies, max_source=9))
    lines = [*texts(40, 4).source, "joy " * 30, "", " \t"]
    together = classifier(lines)
    assert [classifier(line).probabilities for line in lines] == [
        pytest.approx(one.probabilities, abs=1e-12) for one in together
    ]
    order = Random(1).sample(range(len(lines)), len(lines))
    shuffled = classifier([lines[place] for place in order])
    assert [one.label for one in shuffled] == [together[place].label for place in order]
    assert [one.label for one in together[-2:]] == ["", ""]
    assert together[0].probability == max(together[0].probabilities.values())
    assert sum(together[0].probabilities.values()) == pytest.approx(1)


def test_a_text_longer_than_those_of_training_is_read_to_its_end(model):
    bundle = load_bundle(model)
    classifier = Classifier(Bundle(bundle.model, bundle.config, bundle.vocabularies, max_source=10))
    (late,) = classifier(["the " * 15 + "rain pain loss rain pain loss rain pain loss rain"])
    assert late.parts == 3
    assert late.probabilities["bad"] > classifier("the " * 25).probabilities["bad"]


def test_a_label_that_only_validation_has_is_counted_and_named(data, tmp_path):
    held = texts(30, 2)
    held.target[0] = "unheard of"
    path = write_dataset(tmp_path / "data", {"train": texts(240, 1), "val": held}, ("en", "label"))
    told = io.StringIO()
    outcome = train(tiny(steps=2), path, tmp_path / "run", console=Console(file=told))
    assert '1 of 30 examples of val have labels that no training example has ("unheard of" 1)' in told.getvalue()
    assert "3 classes: bad 80, good news 80, neither 80; 33.3 % are bad" in told.getvalue()
    assert outcome.step == 2


@pytest.mark.parametrize(
    ("targets", "message"),
    [(["one"] * 240, 'all training labels are "one"'), ([str(n) for n in range(240)], "240 different labels")],
)
def test_a_column_that_is_no_class_is_refused(targets, message, tmp_path):
    path = write_dataset(tmp_path / "data", {"train": Pairs(texts(240, 1).source, targets), "val": texts(9, 2)})
    with pytest.raises(RequestError, match=message):
        train(tiny(), path, tmp_path / "run", console=silent())


def test_training_labels_that_the_model_to_start_from_does_not_know_are_refused(model, tmp_path):
    other = texts(240, 1)
    other.target[:5] = ["unheard of"] * 5
    path = write_dataset(tmp_path / "data", {"train": other, "val": texts(30, 2)}, ("en", "label"))
    with pytest.raises(RequestError, match=r'5 training examples .* such as "unheard of"; train without --from'):
        train(tiny(), path, tmp_path / "run", start_from=model, console=silent(), given=())


def test_what_is_held_out_has_examples_of_every_class(tmp_path):
    path = write_dataset(tmp_path / "data", {"train": texts(3000, 1)}, ("en", "label"))
    train(tiny(steps=2), path, tmp_path / "run", console=silent())
    from s2s.data.store import open_dataset
    from s2s.training.texts import read_texts

    _, held = read_texts(open_dataset(path), 1, lambda line: None, labelled=True)
    assert min(Counter(held.target)[name] for name in NAMES) > 20


def test_the_commands_for_a_classifier(model, data, tmp_path, capsysbinary):
    (tmp_path / "in.txt").write_text("there is joy\n\nthe rain and\n")
    assert main(["predict", str(model), str(tmp_path / "in.txt")]) == 0
    captured = capsysbinary.readouterr()
    assert captured.out.decode() == "good news\n\nbad\n"
    assert "1 of 3 lines are blank" in captured.err.decode()
    assert main(["predict", str(model), str(tmp_path / "in.txt"), "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [row["label"] for row in rows] == ["good news", "", "bad"]
    assert next(iter(rows[0]["probabilities"])) == "good news"
    assert main(["predict", str(model), str(tmp_path / "in.txt"), "--format", "tsv"]) == 0
    assert capsysbinary.readouterr().out.decode().startswith("1\tgood news\t0.")
    assert main(["evaluate", str(model), str(data), "--json", str(tmp_path / "scores.json")]) == 0
    out = capsysbinary.readouterr().out.decode()
    assert "accuracy" in out
    assert "macro_f1" in out
    assert "mistakes" in out
    assert "expected calibration error" in out
    report = json.loads((tmp_path / "scores.json").read_text())
    assert report["scores"]["accuracy"]["value"] > 95
    assert report["calibration"]["accuracy"] == pytest.approx(report["scores"]["accuracy"]["value"])
    assert sum(count for _, _, count in report["calibration"]["bins"]) == report["examples"]
    assert main(["check", str(model)]) == 0
    assert "3 classes: bad, good news, neither" in capsysbinary.readouterr().out.decode()
    assert main(["export", str(model), "--out", str(tmp_path / "model")]) == 0
    card = (tmp_path / "model" / "README.md").read_text()
    assert "text-classification" in card
    assert "macro_f1" in card
    assert load_bundle(tmp_path / "model").fingerprint == load_bundle(model).fingerprint
    assert main(["translate", str(model), str(tmp_path / "in.txt")]) == 2
    assert "use it with s2s predict" in capsysbinary.readouterr().err.decode()


def test_a_classifier_is_compared_by_accuracy_with_a_file_of_labels(model, data, tmp_path, capsys):
    sad = tmp_path / "sad.txt"
    sad.write_text("bad\n" * 60)
    call = ["compare", sad, model, "--data", f"{data}:test", "--json", tmp_path / "report.json"]
    assert main(list(map(str, call))) == 0
    scores = json.loads((tmp_path / "report.json").read_text())["scores"]
    assert set(scores) == {"accuracy", "macro_f1"}
    assert scores["accuracy"][1]["delta"] > 0
    assert "better" in capsys.readouterr().out


def test_a_damaged_list_of_labels_is_refused(model, tmp_path):
    from shutil import copytree

    folder = copytree(model / "model", tmp_path / "model")
    for content in ("{", '{"format": 1, "labels": ["a", "a", "b"]}', '{"format": 1, "labels": ["a", 1]}'):
        (folder / "labels.json").write_text(content)
        with pytest.raises(RequestError, match=r"labels\.json"):
            load_bundle(folder)


def test_weights_that_are_not_numbers_are_an_error(model):
    bundle = load_bundle(model)
    with torch.no_grad():
        bundle.model.head.output.bias.fill_(float("nan"))
    with pytest.raises(s2s.WorkError, match="not numbers"):
        Classifier(bundle)("joy")
