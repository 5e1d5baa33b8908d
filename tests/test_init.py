"""The package itself: two names, found when asked for."""

import pytest

import s2s


def test_the_public_names_are_there() -> None:
    for name in s2s.__all__:
        assert getattr(s2s, name) is not None
    assert dir(s2s) == ["Recognizer", "Translator", "__version__", "load"]


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        _ = s2s.laod  # type: ignore[attr-defined]
