import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.plain_json import DEEPEST, parse_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_json_can_hold_is_read_back(values):
    text = json.dumps(values)
    assert parse_json(text) == values
    assert parse_json(text.encode()) == values


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": NaN}', "NaN is not finite"),
        ("[Infinity]", "Infinity is not finite"),
        ("-Infinity", "-Infinity is not finite"),
        ("1e400", "1e400 is not finite"),
        ("1" + "0" * 400, r"10000000000000000\.\.\. is not finite"),
        ("-" + "9" * 9000, "is not finite"),
        ('{"a": 1, "b": {"x": 1, "x": 1}}', '"x" is there twice'),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "nested more than 64"),
        ('{"a":' * 100_000, "nested more than 64"),
        ('{"a": 1', "delimiter"),
        ("", "Expecting value"),
        (b"\xff\xfe{\0}\0", "decode"),
    ],
)
def test_what_is_not_plain_is_refused_in_words(text, why):
    with pytest.raises(ValueError, match=why) as caught:
        parse_json(text)
    assert "\n" not in str(caught.value)


def test_too_much_is_refused_before_it_is_read():
    with pytest.raises(ValueError, match="more than 10 bytes"):
        parse_json("[" * 11, most=10)


def test_the_deepest_that_is_allowed_is_read():
    parse_json("[" * DEEPEST + "]" * DEEPEST)
