"""The package itself: a few names, found when asked for."""

import pytest

import s2s


def test_the_public_names_are_there() -> None:
    for name in s2s.__all__:
        assert getattr(s2s, name) is not None
    assert dir(s2s) == s2s.__all__ == sorted(s2s.__all__)


def test_an_error_is_caught_by_its_public_name() -> None:
    with pytest.raises(s2s.RequestError, match="there is no model nowhere"):
        s2s.load("nowhere")


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        _ = s2s.laod  # type: ignore[attr-defined]
