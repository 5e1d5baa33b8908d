"""`s2s translate`: lines in, lines out, whatever they are."""

import bz2
import gzip
import io
import json
import lzma
import os
import pty
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace

import pytest
import torch

from s2s.bundle.save import save
from s2s.cli.main import main
from s2s.cli.translate import NAMED
from s2s.inference.ordinary import Ordinary
from s2s.text.vocabulary import EOS
from tests.tiny import TEXT, tiny_bundle


@pytest.fixture
def translate(model, monkeypatch, capsysbinary):
    """Run `s2s translate`; gives exit status, lines of output and standard error."""

    def run(*arguments, text=""):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        status = main(["translate", str(model), *arguments])
        out, err = capsysbinary.readouterr()
        *lines, rest = out.decode().split("\n")
        assert rest == ""
        return status, lines, err.decode()

    return run


def test_lines_of_standard_input_come_out_in_order(translate):
    lines = [TEXT[0], "", TEXT[1], " ", TEXT[2]]
    status, together, _ = translate(text="\n".join(lines) + "\n")
    assert (status, len(together)) == (0, 5)
    assert [together[1], together[3]] == ["", ""]
    assert [translate(text=line + "\n")[1][0] for line in lines] == together


@pytest.mark.parametrize(
    "line",
    ["a\u2028b", "a\x0cb", "a\rb", "\ufeffa", "a\u0085b", "\U0001f415 \ud7ff", "x" * 300, "a\0b", "שלום a العالم"],
)
def test_one_line_stays_one_line(translate, line):
    assert len(translate(text=f"{line}\n{TEXT[0]}")[1]) == 2


def test_ten_thousand_blank_lines_stay_blank(translate):
    assert translate(text="\n" * 10_000) == (0, [""] * 10_000, "")


def test_what_is_not_utf8_is_refused_with_its_line_after_the_lines_before_it(model, monkeypatch, capsysbinary):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"one\n\xed\xa0\x80\ntwo\n")))  # half a surrogate
    assert main(["translate", str(model)]) == 2
    out, err = capsysbinary.readouterr()
    assert out.count(b"\n") == 1
    assert b"standard input, line 2: byte 0xED at place 1 is not UTF-8" in err


@pytest.mark.slow
def test_a_line_of_a_megabyte_gives_one_line(translate):
    assert len(translate("--beam", "1", text=f"{'dog ' * 250_000}\n")[1]) == 1


def test_a_line_of_5000_tokens_gives_one_line_and_a_warning_with_its_number(translate):
    status, lines, err = translate(text=f"{TEXT[0]}\n{'A dog runs. ' * 1300}\n{TEXT[1]}\n")
    assert (status, len(lines)) == (0, 3)
    assert err.startswith("standard input, line 2: longer than the 30 subwords")
    assert err.count("longer than") == 1


def test_files_follow_each_other_and_name_themselves_in_warnings(translate, tmp_path):
    (tmp_path / "a").write_text(f"{TEXT[0]}\n{TEXT[1]}\n")
    (tmp_path / "b").write_text("no line feed at the end, and long " * 5)
    _, lines, err = translate(str(tmp_path / "a"), str(tmp_path / "b"), "-", text=TEXT[2])
    assert len(lines) == 4
    assert f"{tmp_path / 'b'}, line 1: longer" in err


def test_an_unreadable_file_is_refused_before_work(translate, tmp_path):
    (tmp_path / "a").write_bytes(b"good\nb\xffad\n")
    status, lines, err = translate(str(tmp_path / "a"))
    assert (status, lines) == (2, [])
    assert "a, line 2: byte 0xFF" in err
    assert translate(str(tmp_path / "nothing"))[0] == 2


def test_n_best_lines_have_number_score_and_text(translate):
    _, lines, _ = translate("--n-best", "2", text=f"{TEXT[0]}\n{TEXT[1]}\n")
    fields = [line.split("\t") for line in lines]
    assert [field[0] for field in fields] == ["1", "1", "2", "2"]
    assert float(fields[0][1]) >= float(fields[1][1])
    assert [fields[0][2], fields[2][2]] == translate(text=f"{TEXT[0]}\n{TEXT[1]}\n")[1]


def test_json_lines_have_the_documented_fields(translate, capsysbinary):
    _, lines, _ = translate("--format", "jsonl", "--n-best", "3", "--alignment", text=f"{TEXT[0]}\n\n")
    first, blank = map(json.loads, lines)
    always = {"text", "score", "tokens", "parts", "cut", "unlike_training"}
    assert set(first) == always | {"n_best", "source_tokens", "alignment"}
    assert len(first["n_best"]) == 3
    assert first["n_best"][0] == {name: first[name] for name in ("text", "score", "tokens", "alignment")}
    assert (first["parts"], first["cut"], first["unlike_training"]) == (1, False, None)
    assert len(first["alignment"]) == len(first["tokens"])
    assert len(first["alignment"][0]) == len(first["source_tokens"])
    assert (blank["text"], blank["tokens"]) == ("", [])
    assert set(json.loads(translate("--format", "jsonl", text=TEXT[0])[1][0])) == always
    long = json.loads(translate("--format", "jsonl", text="A dog runs. " * 30)[1][0])
    assert long["parts"] > 1
    main(["translate", "--help"])
    printed = capsysbinary.readouterr().out.decode()
    assert all(f"\n  {name} " in printed for name in first)


def test_outputs_begin_as_asked_by_a_file_or_a_column(translate, tmp_path):
    begun = ["Ein Hu", "", "Zwei"]
    (tmp_path / "begun").write_text("".join(f"{one}\n" for one in begun))
    text = "".join(f"{one}\n" for one in TEXT[:3])
    status, lines, _ = translate("--prefix", str(tmp_path / "begun"), text=text)
    assert status == 0
    assert [line.startswith(one) for line, one in zip(lines, begun, strict=True)] == [True] * 3
    columns = "".join(f"{line}\t{one}\n" for line, one in zip(TEXT, begun, strict=False))
    assert translate("--prefix-column", text=columns)[1] == lines
    assert lines[1] == translate(text=TEXT[1])[1][0]
    status, _, err = translate("--prefix", str(tmp_path / "begun"), text=TEXT[0])
    assert (status, "begun has 3 lines, but the input has 1" in err) == (2, True)
    status, _, err = translate("--prefix", str(tmp_path / "begun"), text=text * 2)
    assert (status, "begun has 3 lines, but the input has more" in err) == (2, True)
    assert "blank line has a blank output; its prefix" in translate("--prefix-column", text=" \ta\n")[2]


def test_phrases_are_required_forbidden_and_looked_up(translate, tmp_path):
    (tmp_path / "terms").write_text("dog\tHund\n")
    status, lines, err = translate("--glossary", str(tmp_path / "terms"), "--require", "Wiese", text=TEXT[0])
    assert (status, "Hund" in lines[0], "Wiese" in lines[0], err) == (0, True, True, "")
    _, lines, err = translate("--prefix-column", "--forbid", "Hund", text="A dog.\tEin Hund \n")
    assert lines[0].startswith("Ein Hund ")
    assert 'line 1: the output does not have "Hund", which was to be in it, or has it and was not to' in err


def test_minimum_bayes_risk_writes_one_line_of_several_outputs(translate):
    options = ["--sample", "--n-best", "20", "--min-length", "3", "--format"]
    text = "\n".join(TEXT[:3])
    plain, risky = (translate("--mbr", *options, form, text=text)[1] for form in ("text", "jsonl"))
    assert plain == [json.loads(line)["n_best"][0]["text"] for line in risky]
    assert plain != [json.loads(line)["text"] for line in translate(*options, "jsonl", text=text)[1]]


def test_samples_are_drawn_from_the_seed(translate):
    text = "\n".join(TEXT[:6])
    drawn = [translate("--sample", "--temperature", "1.5", "--seed", seed, text=text)[1] for seed in ("1", "1", "2")]
    assert drawn[0] == drawn[1] != drawn[2]
    narrow = translate("--sample", "--top-k", "1", text=text)[1]
    assert narrow == translate("--sample", "--top-p", "0.0001", text=text)[1] == translate("--beam", "1", text=text)[1]


def test_search_options_are_heard(translate):
    def score(*options):
        return json.loads(translate("--format", "jsonl", *options, text=TEXT[0])[1][0])["score"]

    assert score("--length-penalty", "0") < score("--length-penalty", "2")
    assert score("--coverage-penalty", "1") < score("--coverage-penalty", "0")
    assert score("--beam", "1") < score("--beam", "20")
    assert len(json.loads(translate("--format", "jsonl", "--min-length", "9", text=TEXT[0])[1][0])["tokens"]) >= 9
    assert score("--min-length", "9", "--repetition-penalty", "4") != score("--min-length", "9")
    assert score("--min-length", "9", "--no-repeat-ngram", "1") != score("--min-length", "9")
    assert score("--batch-tokens", "40", "--device", "cpu") == pytest.approx(score(), abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--n-best", "9", "--beam", "2"], "the 9 best need a beam of 9 or more, not 2; set it (--beam 9)"),
        (["--n-best", "4"], "the 4 best need a beam of 4 or more, not 3; set it (--beam 4)"),
        (["--key", "text"], "--key needs --input jsonl"),
        (["--input", "csv"], "csv"),
        (["--beam", "0"], "--beam must be 1 or more"),
        (["--beam", "many"], "--beam"),
        (["--beam", "1001"], "--beam must be at most 1,000"),
        (["--n-best", "1001"], "n-best must be at most 1,000"),
        (["--sample", "--beam", "3"], "need no beam"),
        (["--threads", "100000"], "--threads must be at most 1,024"),
        (["--temperature", "2"], "--temperature needs --sample"),
        (["--seed", "2"], "--seed needs --sample"),
        (["--sample", "--temperature", "0"], "temperature must be between 0.001 and 1000"),
        (["--alignment"], "--alignment needs --format jsonl"),
        (["--threads", "0"], "--threads"),
        (["--length-penalty", "-1"], "--length-penalty must be"),
        (["--min-length", "-1"], "--min-length must be 0 or more"),
        (["--repetition-penalty", "0.5"], "--repetition-penalty must be 1 or more"),
        (["--no-repeat-ngram", "x"], "--no-repeat-ngram"),
        (["--score", "x", "--min-length", "3"], "--score searches nothing; leave out --min-length"),
        (["--prefix", "none.txt"], "none.txt"),
        (["--prefix", "x", "--prefix-column"], "--prefix"),
        (["--prefix-column", "--input", "jsonl"], "--prefix-column is for lines of text"),
        (["--glossary", "none.txt"], "none.txt"),
        (["--require", "a", "--beam", "1"], "need a beam of 2 or more"),
        (["--score", "x", "--require", "a"], "--score searches nothing; leave out --require"),
        (["--score", "x", "--prefix-column"], "--score searches nothing; leave out --prefix-column"),
        (["--mbr"], "mbr chooses among several outputs; set n-best"),
        (["--score", "x", "--mbr"], "--score searches nothing; leave out --mbr"),
        (["--format", "xml"], "xml"),
        (["--beem", "3"], "--beam"),
    ],
)
def test_impossible_requests_are_refused_in_one_line(translate, arguments, says):
    status, lines, err = translate(*arguments, text=TEXT[0])
    assert (status, lines) == (2, [])
    assert says in err
    assert err.count("\n") == 1


def test_whoever_writes_a_line_and_waits_gets_its_answer(model):
    command = [sys.executable, "-m", "s2s", "translate", str(model), "--threads", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for line in (TEXT[0], "", TEXT[1]):
            process.stdin.write(f"{line}\n".encode())
            process.stdin.flush()
            assert process.stdout.readline().endswith(b"\n")
        started = time.monotonic()
        process.stdin.write(TEXT[2].encode())
        process.stdin.close()
        assert process.stdout.readline().endswith(b"\n")
        assert time.monotonic() - started < 10
    assert process.returncode == 0


def test_translating_imports_neither_trainer_nor_datasets(model):
    code = (
        "import sys; from s2s.cli.main import main; main(sys.argv[1:]);"
        "print([name for name in ('lightning', 'datasets', 'sacrebleu', 'pandas') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, "translate", str(model)]
    done = subprocess.run(command, input=TEXT[0], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[1] == "[]"


def test_an_output_that_does_not_end_is_told(tmp_path, capsys):
    bundle = tiny_bundle()
    with torch.no_grad():
        bundle.model.decoder.output.bias[EOS] = -100.0
    save(tmp_path / "endless", bundle)
    (tmp_path / "a").write_text(f"\n{TEXT[0]}\n")
    assert main(["translate", str(tmp_path / "endless"), str(tmp_path / "a")]) == 0
    assert "a, line 2: the output reached its length limit and was cut" in capsys.readouterr().err


def test_files_may_stand_before_between_and_after_options(translate, tmp_path):
    files = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for file, text in zip(files, TEXT, strict=False):
        file.write_text(text + "\n")
    one, two = map(str, files)
    orders = [(one, two, "--beam", "1"), ("--beam", "1", one, two), (one, "--beam", "1", two, "--threads", "1")]
    answers = [translate(*order)[:2] for order in orders]
    assert answers[0] == answers[1] == answers[2]
    assert (answers[0][0], len(answers[0][1])) == (0, 2)


def test_a_blank_line_is_aligned_with_nothing(translate):
    blank, _ = (json.loads(line) for line in translate("--format", "jsonl", "--alignment", text=f" \n{TEXT[0]}\n")[1])
    empty = {"text": "", "score": 0.0, "tokens": [], "source_tokens": [], "alignment": []}
    assert blank == {**empty, "parts": 1, "cut": False, "unlike_training": None}


@pytest.mark.parametrize(
    ("closed", "says"), [("<&-", "standard input is closed"), (">&-", "standard output is closed")]
)
def test_a_closed_stream_is_told(model, closed, says):
    command = f'"{sys.executable}" -m s2s translate "{model}" --threads 1 {closed}'
    done = subprocess.run(
        ["bash", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert says in done.stderr


def test_warnings_do_not_stray_into_the_output_where_standard_error_is_closed(model):
    command = f'"{sys.executable}" -m s2s translate "{model}" --threads 1 2>&-'
    text = " ".join(TEXT)
    done = subprocess.run(["bash", "-c", command], input=text, stdout=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert "longer than" not in done.stdout


def test_an_empty_line_for_one_that_is_not_is_said_with_its_number(translate):
    status, lines, err = translate(text=f"{TEXT[0]}\n\u200b\n \t\n\n\0\n")
    assert (status, lines[1:]) == (0, ["", "", "", ""])
    assert err.splitlines() == [
        f"standard input, line {number}: the output is empty, but the input is not" for number in (2, 5)
    ]


def test_json_lines_are_not_translated_as_text_without_a_word(translate, tmp_path):
    lines = [json.dumps({"id": str(number), "source": text}) for number, text in enumerate(TEXT[:2])]
    status, out, err = translate(text="\n" + "\n".join(lines))
    assert (status, out) == (2, [""])
    assert "standard input, line 2: this looks like JSON lines" in err
    assert "--input jsonl --key source" in err
    (tmp_path / "a.jsonl").write_text('{"text": "A dog"}\n')
    status, out, err = translate(str(tmp_path / "a.jsonl"))
    assert (status, out) == (2, [])
    assert "--input jsonl --key text" in err


def test_a_field_of_json_lines_is_translated(translate, tmp_path):
    wanted = translate(text=f"{TEXT[0]}\n\n{TEXT[1]}\n")[1]
    lines = [json.dumps({"source": TEXT[0]}), "", json.dumps({"source": TEXT[1]})]
    assert translate("--input", "jsonl", text="\n".join(lines))[:2] == (0, wanted)
    (tmp_path / "a").write_text("\n".join(lines).replace("source", "en"))
    assert translate("--input", "jsonl", "--key", "en", str(tmp_path / "a"))[:2] == (0, wanted)


def test_json_that_is_meant_as_text_is_translated_as_it_is(translate):
    assert translate("--input", "text", text='{"source": "A dog"}\n')[0] == 0
    assert translate(text="{ is a brace\n[1, 2]\n")[0] == 0
    assert translate(text=f'{TEXT[0]}\n{{"a": "b"}}\n')[0] == 0  # a line of a text about JSON


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"suorce": "A dog"}', 'line 2: no field "source" (--key); did you mean "suorce"'),
        ('{"a": "b"}', 'line 2: no field "source" (--key); choose from a'),
        ('{"source": 3}', 'line 2: "source" is not a string (--key)'),
        ("A dog", "line 2: not a JSON object; translate plain text with --input text"),
        ('{"source": "A dog"', "line 2: not a JSON object"),
        ("[" * 100_000, "line 2: not a JSON object"),
    ],
)
def test_a_line_without_the_field_is_refused_by_number_after_the_lines_before_it(translate, line, says):
    first = json.dumps({"source": TEXT[0]})
    status, out, err = translate("--input", "jsonl", text=f"{first}\n{line}\n{first}\n")
    assert (status, len(out)) == (2, 1)
    assert f"standard input, {says}" in err


def test_compressed_standard_input_is_translated(model, monkeypatch, capsysbinary):
    text = f"{TEXT[0]}\n\n{TEXT[1]}\n".encode()
    outputs = []
    for pack in (bytes, gzip.compress, bz2.compress, lzma.compress):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(pack(text))))
        assert main(["translate", str(model)]) == 0
        outputs.append(capsysbinary.readouterr().out)
    assert outputs == [outputs[0]] * 4


@pytest.fixture
def strict(tmp_path):
    """A model to which nothing is ordinary but a blank."""
    bundle = tiny_bundle()
    save(tmp_path / "strict", replace(bundle, info=Ordinary(-1e-6, 0.0, 100).record(bundle.info)))
    return str(tmp_path / "strict")


def test_lines_unlike_the_training_data_are_reported_and_marked(strict, tmp_path, capsys):
    (tmp_path / "in").write_text("\n".join(["", *TEXT[:12]]) + "\n")
    assert main(["translate", strict, str(tmp_path / "in"), "--format", "tsv"]) == 0
    out, err = capsys.readouterr()
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 14)]
    assert rows[0][2] == ""
    assert all(row[2].startswith("log-probability -") for row in rows[1:])
    named = [line for line in err.splitlines() if "looks unlike the training data (" in line]
    assert named[0].startswith(f"{tmp_path / 'in'}, line 2: ")
    assert len(named) == NAMED
    assert "12 of 13 lines look unlike the training data" in err.splitlines()[-1]
    assert main(["translate", strict, str(tmp_path / "in"), "--format", "jsonl"]) == 0
    marked = [json.loads(line)["unlike_training"] for line in capsys.readouterr().out.splitlines()]
    assert marked == [None, *(row[2] for row in rows[1:])]


def test_tsv_has_a_line_for_each_output(translate):
    _, lines, _ = translate("--format", "tsv", "--n-best", "2", text=f"{TEXT[0]}\n{TEXT[1]}\n")
    plain = translate("--n-best", "2", text=f"{TEXT[0]}\n{TEXT[1]}\n")[1]
    assert [line.split("\t")[0::3] for line in lines] == [[line.split("\t")[0], line.split("\t")[2]] for line in plain]
    assert all(line.split("\t")[2] == "" for line in lines)


def test_progress_is_shown_on_a_terminal_that_does_not_show_the_output(model, tmp_path):
    (tmp_path / "in").write_text(f"{TEXT[0]}\n{TEXT[1]}\n{'A dog runs. ' * 30}\n")
    command = [sys.executable, "-m", "s2s", "translate", str(model), str(tmp_path / "in"), "--threads", "1"]

    def run(**streams):
        ours, theirs = pty.openpty()
        with subprocess.Popen(command, **{name: streams.get(name, theirs) for name in ("stdout", "stderr")}) as process:
            os.close(theirs)
            shown = b""
            with suppress(OSError):  # that is how a terminal ends
                while piece := os.read(ours, 1000):
                    shown += piece
        os.close(ours)
        assert process.returncode == 0
        return shown.decode()

    shown = run(stdout=subprocess.DEVNULL)
    assert "3 of 3 lines in " in shown
    assert " a second" in shown
    assert f"\x1b[K{tmp_path / 'in'}, line 3: longer than" in shown
    assert " a second" not in run()
    assert " a second" not in run(stderr=subprocess.DEVNULL)
