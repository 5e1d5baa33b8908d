"""Strict configs: everything that is wrong is told in one sentence with file, line and the nearest right name."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.errors import RequestError
from s2s.config.experiment import experiment_from, keys
from s2s.config.strict import from_dict, read, to_dict, to_yaml

KEYS = keys("text", "text")


@dataclass(frozen=True)
class Circle:
    kind: Literal["circle"] = "circle"
    radius: float = 1.0


@dataclass(frozen=True)
class Square:
    side: float
    kind: Literal["square"] = "square"


@dataclass(frozen=True)
class Inner:
    size: int = 3
    ratio: float = 0.5

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"size must be 1 or more, not {self.size}")


@dataclass(frozen=True)
class Everything:
    shape: Circle | Square = field(default_factory=Circle)
    inner: Inner = field(default_factory=Inner)
    maybe: str | None = None
    pair: tuple[str, str] = ("en", "de")
    many: tuple[int, ...] = ()
    rows: list[float] = field(default_factory=list)
    table: dict[str, Inner] = field(default_factory=dict)
    level: Literal["16", "32"] = "32"
    flag: bool = False
    either: int | str = 1


def load(tmp_path: Path, text: str, kind: type = Everything, overrides: tuple[tuple[str, str], ...] = ()) -> Any:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return read(path, kind, overrides)


def refusal(tmp_path: Path, text: str, kind: type = Everything, overrides: tuple[tuple[str, str], ...] = ()) -> str:
    with pytest.raises(RequestError) as caught:
        load(tmp_path, text, kind, overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(tmp_path) + "/", "")


def test_missing_keys_take_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "# nothing\n") == Everything()
    assert load(tmp_path, "inner:\n") == Everything()


def test_every_kind_of_value_is_read(tmp_path: Path) -> None:
    text = """
shape: {kind: square, side: 2}
inner: {size: 7, ratio: 1e-3}
maybe: text
pair: [no, yes]
many: [1, 2]
rows: [1, 2.5]
table: {a: {size: 2}}
level: 16
flag: true
either: word
"""
    assert load(tmp_path, text) == Everything(
        shape=Square(side=2.0),
        inner=Inner(7, 1e-3),
        maybe="text",
        pair=("no", "yes"),
        many=(1, 2),
        rows=[1.0, 2.5],
        table={"a": Inner(2)},
        level="16",
        flag=True,
        either="word",
    )


@pytest.mark.parametrize("text", ["1e5", "1.0e+5", "100000.", "100000.0"])
def test_a_number_with_an_exponent_or_a_point_is_whole_where_it_is_exactly(tmp_path: Path, text: str) -> None:
    size = load(tmp_path, f"inner: {{size: {text}}}\n").inner.size
    assert (size, type(size)) == (100_000, int)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("inner:\n  sise: 2", 'x.yaml, line 2: unknown key "sise" in inner; did you mean "size"?'),
        ("ratio: 2", 'x.yaml, line 1: unknown key "ratio"; did you mean "inner.ratio"?'),
        ("inner:\n  zzz: 2", 'x.yaml, line 2: unknown key "zzz" in inner; choose from ratio, size'),
        ("inner:\n  ratio: 1\n  size: 0", "x.yaml, line 3: in inner: size must be 1 or more, not 0"),
        ("inner:\n  size: 2.5", "x.yaml, line 2: inner.size must be a whole number, not 2.5"),
        ("inner:\n  size: 1e-1", "x.yaml, line 2: inner.size must be a whole number, not 0.1"),
        ("inner:\n  size: 1e300", "x.yaml, line 2: inner.size must be a whole number, not 1e+300"),
        ("inner:\n  size: 1e999", "x.yaml, line 2: inner.size must be a whole number, not inf"),
        ("inner:\n  size: true", "x.yaml, line 2: inner.size must be a whole number, not true"),
        ("inner:\n  ratio: .nan", "x.yaml, line 2: inner.ratio must be a number, not nan"),
        ("inner:\n  ratio: 1e999", "x.yaml, line 2: inner.ratio must be a number, not inf"),
        ("inner: 3", "x.yaml, line 1: inner must be a section, not 3"),
        ("flag: yes", 'x.yaml, line 1: flag must be true or false, not "yes"'),
        ("maybe: 3", "x.yaml, line 1: maybe must be text in quotes, not 3"),
        ("level: 33", "x.yaml, line 1: level cannot be 33; choose from 16, 32"),
        ("pair: [a]", "x.yaml, line 1: pair must have 2 items, not 1"),
        ("pair: de", 'x.yaml, line 1: pair must be a list of text, not "de"'),
        ("many:\n- 1\n- x", 'x.yaml, line 3: many[1] must be a whole number, not "x"'),
        ("table:\n  a:\n    siz: 1", 'x.yaml, line 3: unknown key "siz" in table.a; did you mean "size"?'),
        ("table: [1]", "x.yaml, line 1: table must be a section of section, not a list"),
        ("shape: {radius: 2}", 'x.yaml, line 1: shape needs the key "kind", one of circle, square'),
        ("shape: {kind: sqare}", 'x.yaml, line 1: shape.kind cannot be "sqare"; did you mean "square"?'),
        ("shape: {kind: square}", 'x.yaml, line 1: the key "side" is missing in shape'),
        ("either: [1]", "x.yaml, line 1: either must be a whole number or text, not a list"),
        ("- 1", "x.yaml: must be a mapping of keys to values"),
        ("flag: true\nflag: true", 'x.yaml, line 2: "flag" is there twice; first in line 1'),
        ("inner: &a {}\ntable: {x: *a}", "x.yaml, line 1: not valid YAML: anchors and aliases are not supported"),
        ("? [a]\n: 1", "x.yaml, line 1: a key must be a word"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_the_right_name(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text) == message


@pytest.mark.parametrize(
    "text",
    ["a: [", "\t- x", "maybe: !!python/object/apply:os.system [ls]", "[" * 5000, "maybe: \x07", "flag: !!bool x"],
)
def test_what_is_not_plain_yaml_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text).startswith("x.yaml")


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"cannot read .*nothing\.yaml: No such file"):
        read(tmp_path / "nothing.yaml", Everything)
    (tmp_path / "latin.yaml").write_bytes("maybe: é".encode("latin-1"))
    with pytest.raises(RequestError, match="not UTF-8"):
        read(tmp_path / "latin.yaml", Everything)


def test_overrides_win_over_the_file_and_name_themselves_in_errors(tmp_path: Path) -> None:
    overrides = (("inner.size", "9"), ("maybe", "a: b: c"), ("many", "[3, 4]"), ("shape.kind", "circle"))
    made = load(tmp_path, "inner: {size: 1, ratio: 0.25}", overrides=overrides)
    assert made == Everything(inner=Inner(9, 0.25), maybe="a: b: c", many=(3, 4))
    assert refusal(tmp_path, "", overrides=(("inner.sze", "1"),)) == (
        '--inner.sze: unknown key "sze" in inner; did you mean "size"?'
    )
    assert refusal(tmp_path, "", overrides=(("inner.size", "x"),)) == (
        '--inner.size: inner.size must be a whole number, not "x"'
    )
    assert refusal(tmp_path, "", overrides=(("inner.size", "0"),)) == (
        "--inner.size: in inner: size must be 1 or more, not 0"
    )
    assert refusal(tmp_path, "", overrides=(("inner.size.deep", "0"),)).startswith("--inner.size.deep: inner.size must")


def test_a_plain_mapping_names_its_origin() -> None:
    with pytest.raises(RequestError, match=r'^config\.json: unknown key "flg"; did you mean "flag"\?$'):
        from_dict({"flg": True}, Everything, "config.json")
    assert from_dict({"rows": [1]}, Everything, "config.json") == Everything(rows=[1.0])


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is dict:
        return st.dictionaries(st.text(), values(arguments[1]), max_size=3)
    if origin is list or arguments[-1:] == (...,):
        items = st.lists(values(arguments[0]), max_size=3)
        return items if origin is list else items.map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, arguments))
    if arguments:
        return st.one_of(*map(values, arguments))
    scalars: dict[Any, st.SearchStrategy[Any]] = {
        int: st.integers(),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        str: st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
        type(None): st.none(),
        Inner: st.builds(Inner, size=st.integers(1), ratio=st.floats(0, 1)),
    }
    if hint in scalars:
        return scalars[hint]
    return st.builds(hint, **{name: values(each) for name, each in get_type_hints(hint).items()})


@given(values(Everything))
def test_any_config_survives_a_trip_through_plain_values_and_yaml(
    tmp_path_factory: pytest.TempPathFactory, config: Everything
) -> None:
    assert from_dict(to_dict(config), Everything, "x") == config
    path = tmp_path_factory.getbasetemp() / "trip.yaml"
    path.write_text(to_yaml(config), encoding="utf-8")
    assert read(path, Everything) == config


@given(st.data())
def test_a_typo_in_any_key_is_refused_with_the_nearest_name(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from([each.name for each in KEYS if len(each.name.split(".")[-1]) > 3]))
    *sections, last = key.split(".")
    position = data.draw(st.integers(0, len(last) - 1))
    typo = last[:position] + "q" + last[position:]
    mapping: dict[str, Any] = {"source": {"kind": "text"}, "target": {"kind": "text"}}
    section = mapping
    for name in sections:
        section = section.setdefault(name, {"kind": "unigram"} if name == "vocabulary" else {})
    section[typo] = 1
    with pytest.raises(RequestError) as caught:
        experiment_from(mapping, "x.yaml")
    assert f'unknown key "{typo}"' in str(caught.value)
    assert f'did you mean "{last}"?' in str(caught.value)
