"""The embedded corpus: the promises its recipe makes."""

from collections import defaultdict
from random import Random

import pytest

from s2s.config.errors import RequestError
from s2s.data.phrases.corpus import phrases
from s2s.data.phrases.expressions import DRAWS
from s2s.data.phrases.names import Names, shared_names
from s2s.data.phrases.voice import Voice

PAIRS = [("en", "de"), ("en", "hi")]


@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def corpus(request):
    return request.param, phrases(request.param, {"test": 400, "val": 100, "train": 1500}, seed=1)


def names(languages) -> tuple[tuple[Voice, Voice], Names]:
    voices = Voice(languages[0]), Voice(languages[1])
    return voices, shared_names(*voices)


def test_no_source_occurs_twice_in_or_across_splits(corpus):
    _, splits = corpus
    sources = [source for split in splits.values() for source in split[0]]
    assert len(sources) == len(set(sources)) == 2000


def test_targets_have_twelve_words_or_more_on_average(corpus):
    _, splits = corpus
    assert sum(len(target.split()) for target in splits["train"][1]) / 1500 >= 12


@pytest.mark.parametrize("languages", PAIRS, ids="-".join)
def test_three_hundred_countries_and_currencies_are_named(languages):
    _, shared = names(languages)
    assert len(shared.countries) + len(shared.currencies) >= 300


def test_names_in_the_text_are_many(corpus):
    languages, splits = corpus
    voices, shared = names(languages)
    text = "\n".join(splits["train"][0])
    used = [code for code in shared.countries if voices[0].locale.territories[code] in text]
    used += [code for code in shared.currencies if voices[0].money(2, code).split(maxsplit=1)[1] in text]
    assert len(used) >= 300


@pytest.mark.parametrize("languages", [*PAIRS, ("ja", "en"), ("en", "zh")], ids="-".join)
@pytest.mark.parametrize("kind", DRAWS)
def test_an_expression_has_one_translation(languages, kind):
    voices, shared = names(languages)
    random = Random(2)
    translations = defaultdict(set)
    for _ in range(120):
        drawn = DRAWS[kind](random, shared)
        translations[drawn(voices[0])].add(drawn(voices[1]))
    assert {source: targets for source, targets in translations.items() if len(targets) > 1} == {}


def test_the_seed_decides_the_text():
    sizes = {"train": 20}
    assert phrases(("en", "de"), sizes, 1) == phrases(("en", "de"), sizes, 1) != phrases(("en", "de"), sizes, 2)


def test_a_larger_train_split_leaves_the_tests_alone():
    small, large = (phrases(("en", "de"), {"test": 20, "train": size}, 1) for size in (10, 30))
    assert small["test"] == large["test"]


def test_text_is_one_line_of_plain_spaces(corpus):
    _, splits = corpus
    for texts in splits["train"]:
        assert all(text == " ".join(text.split()) and text.isprintable() for text in texts)


def test_no_cldr_code_is_left_in_the_text(corpus):
    _, splits = corpus
    assert not [
        text for texts in splits["train"] for text in texts if "{" in text or "¤" in text or "duration-" in text
    ]


def test_values_are_said_as_each_language_says_them():
    from datetime import date, timedelta

    english, german = Voice("en"), Voice("de")
    assert german.date(date(2019, 3, 5), "full") == "Dienstag, 5. März 2019"
    assert english.join(["a", "b", "c"], "or") == "a, b, or c"
    assert german.join(["a", "b"], "standard") == "a und b"
    assert english.distance(timedelta(weeks=-9), "week") == "9 weeks ago"
    assert (english.percent(0.125), german.percent(0.125)) == ("12.5%", "12,5 %")
    assert german.money(1250.5, "CHF") == "1.250,50 Schweizer Franken"


@pytest.mark.parametrize(
    ("languages", "said"),
    [
        (("en", "xx"), '"xx"'),
        (("en", "e!"), '"e!"'),
        (("de", "de"), "both are de"),
        (("en", "vo"), "that both en and vo name"),
    ],
)
def test_a_language_that_will_not_do_is_named(languages, said):
    with pytest.raises(RequestError, match=said):
        phrases(languages, {"train": 1}, 1)
