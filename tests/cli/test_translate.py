"""`s2s translate`: lines in, lines out, whatever they are."""

import io
import json
import subprocess
import sys
import time

import pytest
import torch

from s2s.bundle.save import save
from s2s.cli.main import main
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
    assert set(first) == {"text", "score", "tokens", "n_best", "source_tokens", "alignment"}
    assert len(first["n_best"]) == 3
    assert first["n_best"][0] == {"text": first["text"], "score": first["score"]}
    assert len(first["alignment"]) == len(first["tokens"])
    assert len(first["alignment"][0]) == len(first["source_tokens"])
    assert (blank["text"], blank["tokens"]) == ("", [])
    assert set(json.loads(translate("--format", "jsonl", text=TEXT[0])[1][0])) == {"text", "score", "tokens"}
    main(["translate", "--help"])
    printed = capsysbinary.readouterr().out.decode()
    assert all(f"\n  {name} " in printed for name in first)


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
    assert score("--batch-tokens", "40", "--device", "cpu") == pytest.approx(score(), abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--n-best", "9", "--beam", "2"], "need a beam of 9"),
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
    assert "a, line 2: the output did not end" in capsys.readouterr().err


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
    assert blank == {"text": "", "score": 0.0, "tokens": [], "source_tokens": [], "alignment": []}


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
