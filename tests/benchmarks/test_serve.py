"""The load generator counts what it does and notices what it should."""

import json
from dataclasses import replace

from benchmarks.serve import Seen, ask, requests
from tests.cli.serving import serving, write_models


def test_clients_that_hang_up_are_counted_and_the_others_are_all_answered(tmp_path, caplog):
    models = write_models(tmp_path / "models")
    (tmp_path / "in.txt").write_text("a b\n\nc d\n")
    asked = requests("translator", tmp_path / "in.txt", None)
    assert [json.loads(one.split(b"\r\n\r\n")[1])["text"] for one in asked] == ["a b", "c d"]
    with serving({"translator": models["translator"]}) as server:
        seen = ask(server.port, asked, 4, 0.5, 0.3)
        assert seen.given_up > 0
        assert len(seen.waited) > 0
        assert (seen.lost, seen.different) == ([], 0)
        server.until("s2s_open_requests", 0)
    assert caplog.records == []
    with serving({"translator": models["translator"]}, max_characters=1) as server:
        assert ask(server.port, asked, 1, 0.1).lost[0].startswith("413 ")


def test_percentiles_are_of_what_was_waited_for():
    seen = Seen([one / 1000 for one in range(100, 0, -1)], seconds=10)
    assert seen.row() == "10 | 51 | 96 | 100 | 0"
    assert replace(seen, lost=["x"]).row().endswith("| 1")
