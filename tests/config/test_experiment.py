"""What can be learned from what, and the tables of every room."""

import pytest

from s2s.config.errors import RequestError
from s2s.config.experiment import PAIRS, SOURCES, TARGETS, experiment_from, read_experiment
from s2s.config.find import shipped
from s2s.config.stored import complete
from s2s.config.strict import to_dict

PAIR = {"source": {"kind": "text"}, "target": {"kind": "text"}}
FIRST = {
    "task": "recognition",
    "charset": {"kind": "given", "characters": "abc"},
    "picture": {"height": 48},
    "augmentation": {"noise_chance": 0.0},
    "model": {"backbone": {"width": 0.5}, "decoder": "attention", "attention_decoder": {"hidden": 64}},
    "decoding": {"batch_pixels": 1000},
}
"""A config of the first format."""


def test_every_table_covers_every_kind():
    from s2s.bundle.load import COMMANDS
    from s2s.cli.compare import DOING
    from s2s.cli.evaluation import EVALUATIONS, REMARKS
    from s2s.inference.load import PREDICTORS
    from s2s.nn.model import ENCODERS, JOINED
    from s2s.training.experiment import READINGS
    from s2s.training.objectives import OBJECTIVES
    from s2s.training.text_material import WRITTEN

    tasks = {pair.task for pair in PAIRS.values()}
    assert {source for source, _ in PAIRS} == SOURCES.keys() == ENCODERS.keys() == READINGS.keys() == EVALUATIONS.keys()
    assert {target for _, target in PAIRS} == TARGETS.keys() == JOINED.keys() == OBJECTIVES.keys()
    assert tasks == PREDICTORS.keys() == COMMANDS.keys() == DOING.keys()
    assert {target for source, target in PAIRS if source == "text"} == WRITTEN.keys()
    assert {pair.task for (source, _), pair in PAIRS.items() if source == "text"} == REMARKS.keys()


@pytest.mark.parametrize("pair", PAIRS)
def test_a_pair_needs_nothing_but_its_kinds_and_survives_its_plain_form(pair):
    config = experiment_from({"source": {"kind": pair[0]}, "target": {"kind": pair[1]}}, "here")
    assert experiment_from(to_dict(config), "here") == config
    assert config.validation.metric == config.target.default_metric


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"source": {"kind": "text"}}, 'target needs the key "kind", one of text, ctc, next, label, tags'),
        ({"target": {"kind": "text"}}, 'source needs the key "kind", one of text, image, none'),
        (PAIR | {"source": {"kind": "txt"}}, 'there is no source of kind "txt"; did you mean "text"'),
        (
            PAIR | {"target": {"kind": "ctc"}},
            "kind ctc cannot be learned from a source of kind text, only text or label or tags",
        ),
        (
            PAIR | {"model": {"share_embeddings": True}, "target": {"kind": "text", "vocabulary": {"kind": "bpe"}}},
            "share_embeddings needs target.vocabulary: source",
        ),
        (PAIR | {"target": {"kind": "text", "vocabulary": {"kind": "characters"}}}, "is made of subwords"),
        (PAIR | {"target": {"kind": "text", "vocabulary": "sorce"}}, 'cannot be "sorce"; did you mean "source"'),
        ({"source": {"kind": "image"}, "target": {"kind": "text", "vocabulary": "source"}}, "image has none"),
    ],
)
def test_what_cannot_be_learned_is_refused_in_a_sentence(values, message):
    with pytest.raises(RequestError, match=message):
        experiment_from(values, "here")


def test_a_config_of_the_first_format_is_the_same_experiment():
    config = experiment_from(FIRST, "here")
    assert (config.source.kind, config.source.height, config.source.backbone.width) == ("image", 48, 0.5)
    assert config.source.augmentation.noise_chance == 0
    assert (config.target.kind, config.target.vocabulary.characters) == ("text", "abc")
    assert (config.model.decoder.hidden, config.decoding.batch) == (64, 1000)
    ctc = experiment_from({**FIRST, "model": {"decoder": "ctc", "attention": {"size": 8}}}, "here")
    assert ctc.target.kind == "ctc"
    assert not hasattr(ctc.model, "attention")
    joint = experiment_from({"subwords": {"model": "bpe", "size": 99}}, "here")
    assert (joint.source.vocabulary.kind, joint.source.vocabulary.size) == ("bpe", 99)
    assert joint.target.vocabulary == "source"
    apart = experiment_from({"subwords": {"joint": False, "size": 99}, "decoding": {"batch_tokens": 7}}, "here")
    assert apart.target.vocabulary == apart.source.vocabulary
    assert apart.decoding.batch == 7


@pytest.mark.parametrize(("task", "word"), [("translate", "translation"), ("recogniton", "recognition")])
def test_a_task_that_the_first_format_does_not_know_is_refused(task, word):
    with pytest.raises(RequestError, match=f'there is no task "{task}"; did you mean "{word}"'):
        experiment_from({"task": task}, "here")


def test_options_of_the_first_format_still_set_their_keys():
    words = read_experiment(
        shipped("configs")["recognition/words"],
        [("picture.height", "48"), ("model.decoder", "attention"), ("model.attention_decoder.hidden", "64")],
    )
    assert (words.source.height, words.target.kind, words.model.decoder.hidden) == (48, "text", 64)
    scan = read_experiment(shipped("configs")["translation/scan"], [("subwords.model", "char")])
    assert scan.source.vocabulary.kind == "char"


LANGUAGE = {"source": {"kind": "none"}, "target": {"kind": "next"}}
CLASSES = {"source": {"kind": "text"}, "target": {"kind": "label"}}


@pytest.mark.parametrize(
    ("values", "key"),
    [
        (LANGUAGE | {"model": {"decoder": {"bridge": "zero"}}}, "bridge"),
        (LANGUAGE | {"model": {"decoder": {"input_feeding": True}}}, "input_feeding"),
        (LANGUAGE | {"target": {"kind": "next", "vocabulary": {"alpha": 0.5}}}, "alpha"),
        (LANGUAGE | {"validation": {"examples": 5}}, "examples"),
        (CLASSES | {"validation": {"beam": 5}}, "beam"),
    ],
)
def test_a_key_that_would_do_nothing_is_refused(values, key):
    with pytest.raises(RequestError, match=f'unknown key "{key}"'):
        experiment_from(values, "here")


def test_stored_configs_with_keys_that_did_nothing_are_the_same_experiments_without_them():
    idle = {"model": {"decoder": {"hidden": 8, "bridge": "project"}}, "validation": {"beam": 1, "every": 3}}
    plain = experiment_from(LANGUAGE | {"model": {"decoder": {"hidden": 8}}, "validation": {"every": 3}}, "here")
    assert experiment_from(LANGUAGE | idle, "here") == plain
    idle["model"]["decoder"]["bridge"], idle["validation"]["beam"] = "zero", 7
    assert experiment_from(complete(LANGUAGE | idle), "here") == plain
    assert idle["validation"]["beam"] == 7  # what was given stays as it was
    translation = {"validation": {"beam": 7}}
    assert experiment_from(complete(PAIR | translation), "here").validation.beam == 7
