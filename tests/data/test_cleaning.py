"""Cleaning: what is dropped from train, under which reason, and that nothing else is touched."""

from hypothesis import given
from hypothesis import strategies as st

from s2s.config.recipe import Cleaning
from s2s.data import cleaning as reasons
from s2s.data.cleaning import clean, notice
from s2s.data.pairs import Pairs

TEXT = st.text(alphabet="ab \t", max_size=4)
ROWS = st.lists(st.tuples(TEXT, TEXT), max_size=12)


def pairs(*rows: tuple[str, str]) -> Pairs:
    return Pairs([source for source, _ in rows], [target for _, target in rows])


def cleaned(train: Pairs, test: Pairs | None = None, **options):
    return clean(train, {"test": test} if test else {}, Cleaning(**options))


@given(ROWS, ROWS, st.booleans(), st.sampled_from(["keep", "pair", "source"]), st.sampled_from([0, 2, 3]))
def test_every_pair_is_kept_or_counted_under_one_reason(train, test, duplicates, overlap, characters):
    kept, dropped, _ = cleaned(
        pairs(*train), pairs(*test), duplicates=duplicates, overlap=overlap, max_characters=characters, max_ratio=2.0
    )
    assert len(kept) + dropped.counts.total() == len(train)
    assert all(source.strip() and target.strip() for source, target in zip(kept.source, kept.target, strict=True))


@given(ROWS, ROWS)
def test_cleaning_twice_changes_nothing_more(train, test):
    kept, _, _ = cleaned(pairs(*train), pairs(*test))
    again, dropped, _ = cleaned(kept, pairs(*test))
    assert (again.source, again.target, dropped.counts.total()) == (kept.source, kept.target, 0)


def test_order_is_kept():
    kept, _, _ = cleaned(pairs(("c", "x"), ("", "y"), ("a", "z"), ("c", "x")))
    assert list(zip(kept.source, kept.target, strict=True)) == [("c", "x"), ("a", "z")]


def test_duplicates_are_pairs_not_sources():
    _, dropped, _ = cleaned(pairs(("a", "x"), ("a", "y"), ("a", "x")))
    assert dropped.counts == {reasons.DUPLICATE: 1}
    assert not cleaned(pairs(("a", "x"), ("a", "x")), duplicates=False)[1].counts


def test_overlap_sees_through_case_and_spacing():
    train, test = pairs(("Ein  Hund", "A dog"), ("Ein Hund", "One dog"), ("b", "c")), pairs(("ein hund", "a DOG"))
    kept, dropped, noticed = cleaned(train, test)
    assert (len(kept), dropped.counts) == (2, {reasons.SAME_PAIR: 1})
    assert noticed.counts == {reasons.SAME_SOURCE: 1}


def test_overlap_by_source_drops_more_and_keep_drops_nothing():
    train, test = pairs(("a", "x"), ("a", "y"), ("b", "c")), pairs(("a", "x"))
    assert cleaned(train, test, overlap="source")[1].counts == {reasons.SAME_PAIR: 1, reasons.SAME_SOURCE: 1}
    kept, dropped, noticed = cleaned(train, test, overlap="keep")
    assert (len(kept), dropped.counts.total(), noticed.counts.total()) == (3, 0, 2)


def test_length_ratio_is_relative_to_the_corpus():
    rows = [("aaaa", "b" * 12)] * 50
    kept, dropped, _ = cleaned(pairs(*rows, ("aaaa", "bbbb")), duplicates=False, max_ratio=2.5)
    assert (len(kept), dropped.counts) == (50, {reasons.RATIO: 1})


def test_long_texts_are_counted():
    assert cleaned(pairs(("aaaa", "b"), ("a", "b")), max_characters=3)[1].counts == {reasons.LONG: 1}


def test_three_examples_of_each_reason_are_kept():
    _, dropped, _ = cleaned(pairs(*[("", str(i)) for i in range(9)]))
    assert dropped.examples == {reasons.BLANK: [("", "0"), ("", "1"), ("", "2")]}


def test_blank_test_pairs_are_noticed_and_stay():
    test = pairs(("a", ""), ("b", "c"))
    assert notice(test, pairs(), {}).counts == {reasons.BLANK: 1}
    assert len(test) == 2


def test_a_copy_in_another_unicode_form_or_other_spaces_is_a_copy():
    train = pairs(("über 5\u00a0km", "a"), ("u\u0308ber 5 km", "a"), ("\u200b", "b"))
    kept, dropped, _ = cleaned(train, pairs(("Über 5\tkm", "a")))
    assert (len(kept), dropped.counts) == (0, {reasons.SAME_PAIR: 2, reasons.BLANK: 1})
    assert cleaned(train)[1].counts == {reasons.DUPLICATE: 1, reasons.BLANK: 1}


def test_texts_that_are_not_in_normal_form_are_noticed_and_stay():
    train = pairs(("a\u00a0b", "x\tz"), ("u\u0308", "\x1b[1m"), ("c", "y"))
    kept, _, noticed = cleaned(train)
    assert kept.source == train.source
    assert noticed.counts == {"space other than the plain one": 1, "other spelling in Unicode NFC": 1} | {
        "control or invisible character": 1
    }


def test_what_a_test_shares_with_train_and_other_tests_is_noticed():
    train, test = pairs(("a", "x"), ("b", "y")), pairs(("c", "X"), ("e", "e"), ("f", "z"))
    found = notice(test, train, {"other": pairs(("E", "e"), ("f", "v")), "third": pairs(("g", "w"))})
    assert found.counts == {
        "target is in train": 1,
        "source and target are the same": 1,
        "pair is in other too": 1,
        "source is in other too": 1,
    }
