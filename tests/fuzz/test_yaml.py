"""YAML of any content as a config, a recipe or an override: read, or refused in one sentence."""

import random
from pathlib import Path

import pytest

from s2s.config.experiment import read_experiment
from s2s.config.find import shipped
from s2s.config.recipes import read_recipe
from tests.fuzz.cases import Outcomes, cases

pytestmark = pytest.mark.fuzz

TOKENS = [
    *("{", "}", "[", "]", ":", "- ", "? ", "&a ", "*a", "!!int ", "!!python/object:x ", "|", ">", "%YAML 9.9", "---"),
    *("\n", "  ", "\t", "'", '"', "#", ".inf", "-.nan", "1e999", "9" * 5000, "~", "null", "0x10", "<<: ", "[" * 900),
    *("\0", "\x1b", "\x85", "\u2028", "\ufeff", '"\\ud800"', "task", "recognition", "read", "kind", "images"),
    *("splits", "train", "-1", "1e400", "..."),
]


def mutated(text: str, values: random.Random) -> bytes:
    for _ in range(values.choice([1, 1, 2, 6])):
        at = values.randrange(len(text) + 1)
        match values.randrange(4):
            case 0:
                text = text[:at] + values.choice(TOKENS) + text[at:]
            case 1:
                text = text[:at] + text[at + values.randrange(20) :]
            case 2:
                lines = text.split("\n")
                values.shuffle(lines)
                text = "\n".join(lines)
            case _:
                text = text[:at] + values.choice(TOKENS) + text[at + values.randrange(1, 8) :]
    content = bytearray(text.encode("utf-8", "surrogatepass"))
    if values.random() < 0.2 and content:
        content[values.randrange(len(content))] = values.randrange(256)
    return bytes(content)


@pytest.mark.parametrize(("folder", "read"), [("configs", read_experiment), ("recipes", read_recipe)])
def test_a_changed_file_is_read_or_refused(tmp_path, folder, read):
    files = [path.read_text() for path in shipped(folder).values()]
    with Outcomes("YAML") as outcomes:
        for values in cases(60):
            path = Path(tmp_path, "x.yaml")
            path.write_bytes(mutated(values.choice(files), values))
            outcomes.add(folder, lambda path=path: read(path))


def test_tokens_in_any_order_are_read_or_refused(tmp_path):
    with Outcomes("YAML") as outcomes:
        for values in cases(150):
            (tmp_path / "x.yaml").write_text("".join(values.choices(TOKENS, k=values.randrange(30))), errors="replace")
            outcomes.add("tokens", lambda: read_recipe(tmp_path / "x.yaml"))
