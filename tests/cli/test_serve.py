"""`s2s serve`: the answers of the command line over HTTP, whoever else asks, whatever is sent."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
from PIL import Image

import s2s.cli.serving
from s2s.cli.main import main
from s2s.cli.serving import answers
from s2s.cli.serving.served import TASKS, named
from s2s.config.errors import RequestError
from tests.bars import draw
from tests.cli.serving import serving, write_models
from tests.tiny import TEXT

LINES = [TEXT[0], "", "a b c", TEXT[1] * 3]
PACKAGE = Path(s2s.cli.serving.__file__).parent


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def server(models):
    with serving(models) as one:
        yield one


def png(image):
    written = io.BytesIO()
    Image.fromarray(image).save(written, "PNG")
    return written.getvalue()


def bomb(width, height):
    """A PNG of few bytes and many pixels."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    pixels = zlib.compress(bytes(1 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "command", "body", "options"),
    [
        ("translator", "translate", {}, []),
        ("translator", "translate", {"n_best": 3, "alignment": True}, ["--n-best", "3", "--alignment"]),
        (
            "translator",
            "translate",
            {"beam": 2, "n_best": 2, "length_penalty": 0.5, "coverage_penalty": 0.1},
            ["--beam", "2", "--n-best", "2", "--length-penalty", "0.5", "--coverage-penalty", "0.1"],
        ),
        (
            "translator",
            "translate",
            {"sample": True, "temperature": 0.7, "top_k": 5, "top_p": 0.9, "seed": 3, "n_best": 2},
            ["--sample", "--temperature", "0.7", "--top-k", "5", "--top-p", "0.9", "--seed", "3", "--n-best", "2"],
        ),
        ("classifier", "predict", {}, []),
        ("tagger", "predict", {}, []),
    ],
)
def test_text_gets_the_answer_of_the_command_line(name, command, body, options, server, models, tmp_path, capsysbinary):
    (tmp_path / "in.txt").write_text("".join(f"{line}\n" for line in LINES), encoding="utf-8")
    call = [command, models[name], tmp_path / "in.txt", "--format", "jsonl", "--device", "cpu", *options]
    assert main(list(map(str, call))) == 0
    printed = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    status, answer = server.ask(f"/v1/{command}", {"text": LINES, "model": name, **body})
    assert (status, answer) == (200, {"model": name, "results": printed})
    {"translate": answers.Translations, "predict": answers.Predictions}[command].model_validate(answer)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", []),
        ("?whole=true", ["--whole"]),
        ("?whole=true&n_best=3&beam=4", ["--whole", "--n-best", "3", "--beam", "4"]),
    ],
)
@pytest.mark.parametrize("what", ["word", "page"])
def test_pictures_get_the_answer_of_the_command_line(query, options, what, server, models, tmp_path, capsysbinary):
    image = draw("abcab")
    if what == "page":
        image = Image.new("L", (900, 700), 255)
        for row in range(8):
            image.paste(Image.fromarray(draw("abcabcabccbabcaabbcc")), (100, 60 + 70 * row))
        image.save(tmp_path / "x.png")
    else:
        Image.fromarray(image).save(tmp_path / "x.png")
    call = ["transcribe", tmp_path / "x.png", "--model", models["reader"], "--format", "jsonl", *options]
    assert main([*map(str, call), "--device", "cpu"]) == 0
    printed = json.loads(capsysbinary.readouterr().out)
    status, answer = server.ask(f"/v1/transcribe{query}", (tmp_path / "x.png").read_bytes())
    answers.Transcription.model_validate(answer)
    assert (answer.pop("width"), answer.pop("height")) == Image.open(tmp_path / "x.png").size
    assert (status, {**answer, "path": printed["path"]}) == (200, {**printed, "model": "reader"})
    assert bool(answer.get("lines")) == (what == "page" and not query)


@pytest.mark.parametrize("stream", [False, True])
def test_a_language_model_writes_what_the_command_line_writes(stream, server, models, capsys):
    options = ["--length", "40", "--temperature", "0.8", "--top-k", "20", "--top-p", "0.9", "--seed", "5"]
    assert main(["generate", str(models["writer"]), "A dog", *options, "--device", "cpu"]) == 0
    printed = capsys.readouterr().out
    body = {"prompt": "A dog", "length": 40, "temperature": 0.8, "top_k": 20, "top_p": 0.9, "seed": 5}
    if not stream:
        status, answer = server.ask("/v1/generate", body)
        answers.Written.model_validate(answer)
        assert (status, answer) == (200, {"model": "writer", "text": printed.removeprefix("A dog")[:-1]})
        return
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request(
        "POST", "/v1/generate", json.dumps({**body, "stream": True}), {"content-type": "application/json"}
    )
    assert connection.getresponse().read().decode() == printed.removeprefix("A dog")[:-1]


def test_requests_that_come_together_are_one_batch_and_get_their_own_answers(models):
    texts = [f"{TEXT[0][:length]} {length}" for length in range(1, 13)]
    with serving({"translator": models["translator"]}, gather=1) as server, ThreadPoolExecutor(12) as clients:
        with server.held():
            asked = [clients.submit(server.ask, "/v1/translate", {"text": text}) for text in texts]
            server.until("s2s_open_requests", len(texts))
        together = [one.result() for one in asked]
        assert server.counters()['s2s_batch_inputs_sum{model="translator"}'] == len(texts)
        assert server.counters()['s2s_batch_inputs_count{model="translator"}'] < len(texts)
        for text, (status, answer) in zip(texts, together, strict=True):
            (alone,), (found,) = server.ask("/v1/translate", {"text": text})[1]["results"], answer["results"]
            assert (status, found["text"]) == (200, alone["text"])
            assert found["score"] == pytest.approx(alone["score"], abs=1e-3)


def test_a_batch_of_one_computes_each_request_by_itself(models):
    with serving({"tagger": models["tagger"]}, batch=1) as server, ThreadPoolExecutor(8) as clients:
        with server.held():
            asked = [clients.submit(server.ask, "/v1/predict", {"text": "a b"}) for _ in range(8)]
            server.until("s2s_open_requests", 8)
        assert {one.result()[0] for one in asked} == {200}
        assert server.counters()['s2s_batch_inputs_count{model="tagger"}'] == 8


def test_the_fault_of_one_request_is_not_the_others(server):
    texts = [*TEXT[:3], "half \ud800", *TEXT[3:6]]
    with ThreadPoolExecutor(len(texts)) as clients:
        with server.held():
            asked = [clients.submit(server.ask, "/v1/translate", {"text": text}) for text in texts]
            server.until("s2s_open_requests", len(texts))
        statuses = [one.result()[0] for one in asked]
    assert statuses == [422 if "\ud800" in text else 200 for text in texts]


def test_a_client_that_hangs_up_is_not_computed_and_loses_nothing_for_others(models, caplog):
    known = {name: models[name] for name in ("tagger", "writer")}
    with serving(known, gather=0) as server, ThreadPoolExecutor(1) as clients:
        head = b"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: "
        with server.held():
            stays = clients.submit(server.ask, "/v1/predict", {"text": "stays"})
            server.until("s2s_open_requests", 1)
            with server.connect() as leaving:
                leaving.sendall(head + b'14\r\n\r\n{"text": "go"}')
                server.until("s2s_open_requests", 2)
            with server.connect() as halfway:
                halfway.sendall(head + b"99999\r\n\r\n{")
                server.until("s2s_open_requests", 2)
            server.until("s2s_hung_up_total", 2)
        assert stays.result()[0] == 200
        assert server.ask("/v1/predict", {"text": "later"})[0] == 200
        assert server.counters()['s2s_batch_inputs_sum{model="tagger"}'] == 2
        streaming = server.connect()
        streaming.sendall(head.replace(b"predict", b"generate") + b'32\r\n\r\n{"length": 9000, "stream": true}')
        assert b" 200 " in streaming.recv(100)
        streaming.close()
        server.until("s2s_open_requests", 0)
    assert caplog.records == []


J = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("/v1/translate", {"text": "a", "nbest": 2}, 422, r'"nbest" is not known here; did you mean "n_best"\?'),
        ("/v1/translate", {"text": 5}, 422, "text: input should be a valid string"),
        ("/v1/translate", {"text": "a", "n_best": 9}, 422, 'need a beam of 9 or more, not 3; add "beam": 9'),
        ("/v1/translate", {"text": "a", "n_best": 99}, 422, "n_best: input should be less than or equal to 32"),
        ("/v1/translate", {"text": "a", "temperature": 1}, 422, 'temperature goes with "sample": true'),
        ("/v1/translate", {"text": "a", "sample": True, "temperature": 0}, 422, "temperature must be between"),
        ("/v1/translate", {"text": "a", "length_penalty": 11}, 422, "length_penalty must be at most 10"),
        ("/v1/translate", {}, 422, "text: field required"),
        ("/v1/translate", [1], 422, "the body must be a JSON object"),
        ("/v1/translate", b"", 422, "the body is empty"),
        ("/v1/translate", b'{"text": ', 422, r"the body is not JSON \(Expecting value\)"),
        ("/v1/translate", b"[" * 100_000, 400, "."),
        ("/v1/translate", b'{"text": "a", "length_penalty": NaN}', 422, "length_penalty must be a number, not nan"),
        ("/v1/translate", {"text": "a", "model": "reader"}, 404, 'no model "reader" at /v1/translate; there is'),
        ("/v1/translate", {"text": "a", "model": "/etc/passwd"}, 404, 'there is no model "/etc/passwd"'),
        ("/v1/translate", {"text": "a" * 10_001}, 413, "10,001 characters are more than 10,000; ask in parts"),
        ("/v1/translate", {"text": "\U0001f415" * 90_000}, 413, "larger than 124,096 bytes, more than 10,000 char"),
        ("/v1/generate", {"prompt": "a", "length": 10_000}, 413, "10,001 characters are more than 10,000"),
        ("/v1/generate", {"length": 0}, 422, "length: input should be greater than or equal to 1"),
        ("/v1/generate", {"top_k": -1}, 422, "top_k must be 0 or more"),
        ("/v1/generate", {"stream": True, "top_p": 2}, 422, "top_p must be above 0"),
        ("/v1/transcribe", b"/etc/passwd", 422, "the picture: not a picture but text"),
        ("/v1/transcribe", b"", 422, "the picture: the file is empty"),
        ("/v1/transcribe", b"%PDF-1.4 " + bytes(99), 422, "but a PDF; export its pages as pictures"),
        ("/v1/transcribe", png(draw("abc"))[:-30], 422, "the picture: the picture is damaged"),
        ("/v1/transcribe", bomb(20_000, 20_000), 413, "has more than 40,000,000 pixels; make it smaller"),
        ("/v1/transcribe", bomb(8000, 6000), 413, "8000x6000 pixels, more than 40,000,000; make it smaller"),
        ("/v1/transcribe", bomb(30_000, 100), 413, "16,000 is the longest side"),
        ("/v1/transcribe", bomb(6000, 6000), 422, "the picture is damaged"),
        ("/v1/transcribe", bytes(20_000_001), 413, "larger than 20,000,000 bytes, the most for a picture"),
        ("/v1/transcribe?n_best=2", b"x", 422, "add whole=true"),
        ("/v1/transcribe?path=/etc/passwd", b"x", 422, '"path" is not known here'),
        ("/v1/nothing", {}, 404, "there is nothing at this address; see /docs"),
        ("/v1/translate", None, 405, "GET is not answered here; see /docs"),
    ],
)
def test_a_mistake_is_one_sentence_and_the_server_goes_on(path, body, status, sentence, server):
    got, answer = server.ask(path, body, J if isinstance(body, bytes) and "transcribe" not in path else {})
    assert (got, list(answer)) == (status, ["error"])
    assert re.search(sentence, answer["error"])
    assert "\n" not in answer["error"]
    assert server.ask("/healthz") == (200, {"status": "ok"})


def test_a_form_is_refused_with_the_way_to_send_a_picture(server):
    status, answer = server.ask("/v1/transcribe", b"x", {"content-type": "multipart/form-data; boundary=x"})
    assert status == 422
    assert "--data-binary" in answer["error"]


@pytest.mark.parametrize("path", ["/v1/transcribe", "/"])
def test_an_endless_body_is_cut_off_with_a_sentence(path, models, monkeypatch):
    monkeypatch.setattr("s2s.cli.serving.bodies.PARTING", 0.2)
    with serving({"reader": models["reader"]}, max_bytes=100_000) as server, server.connect() as client:
        client.sendall(b"POST %b HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" % path.encode())
        chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        stopped = threading.Event()

        def send():
            try:
                while not stopped.is_set():
                    client.sendall(chunk)
            except OSError:  # cut off
                stopped.set()

        sending = threading.Thread(target=send)
        sending.start()
        answer = b""
        while b"}" not in answer:
            answer += client.recv(4096)
        assert b" 413 " in answer.split(b"\r\n")[0]
        assert b"the request is larger than" in answer
        stopped.set()
        client.close()
        sending.join()
        assert server.ask("/healthz")[0] == 200


def test_who_would_have_to_wait_too_long_is_asked_to_come_again(models):
    with serving({"tagger": models["tagger"]}, max_requests=4) as server, ThreadPoolExecutor(4) as clients:
        with server.held():
            asked = [clients.submit(server.ask, "/v1/predict", {"text": "a b"}) for _ in range(4)]
            server.until("s2s_open_requests", 4)
            connection = HTTPConnection("127.0.0.1", server.port)
            connection.request("POST", "/v1/predict", b'{"text": "a"}', J)
            response = connection.getresponse()
            assert (response.status, response.headers["retry-after"]) == (429, "1")
            assert "4 requests are waiting already" in json.loads(response.read())["error"]
            assert server.ask("/healthz")[0] == 200
        assert [one.result()[0] for one in asked] == [200] * 4
        assert server.ask("/v1/predict", {"text": "a b"})[0] == 200


def test_many_large_bodies_do_not_fill_the_memory(models):
    with serving({"reader": models["reader"]}, max_bytes=50_000, max_characters=1) as server:
        head = b"POST /v1/transcribe HTTP/1.1\r\nhost: x\r\ncontent-length: 49999\r\n\r\n"
        held = [server.connect() for _ in range(16)]
        for client in held:
            client.sendall(head + bytes(49_990))
        server.until("s2s_open_requests", 16)
        status, answer = 200, {}
        for _ in range(50):  # until what was sent has arrived
            status, answer = server.ask("/v1/transcribe", bytes(49_000))
            if status == 429:
                break
        assert status == 429
        assert "too many large requests" in answer["error"]
        for client in held:
            client.close()
        server.until("s2s_open_requests", 0)
        assert server.ask("/v1/transcribe", png(draw("abc")))[0] == 200


def test_everything_that_is_served_is_described(server):
    status, described = server.ask("/openapi.json")
    assert status == 200
    assert {task.path for task in TASKS.values()} <= set(described["paths"])
    assert {"/healthz", "/metrics", "/v1/models"} <= set(described["paths"])
    assert "requestBody" in described["paths"]["/v1/transcribe"]["post"]
    status, about = server.ask("/v1/models")
    assert [one["name"] for one in about["models"]] == ["translator", "reader", "writer", "classifier", "tagger"]
    assert about["models"][0]["languages"] == ["en", "de"]


@pytest.mark.parametrize(("path", "file"), [("/", "page.html"), ("/docs", "docs.html")])
def test_a_page_is_one_file_that_loads_nothing_from_elsewhere(path, file, server):
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", path)
    response = connection.getresponse()
    page = response.read().decode()
    assert (response.status, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page == (PACKAGE / file).read_text(encoding="utf-8")
    assert set(re.findall(r"(?:https?:)?//[\w.]+\.\w+", page)) <= {"http://www.w3.org"}  # the name of a namespace
    assert "default-src 'none'" in page
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", page)


def test_what_is_counted_has_a_bounded_number_of_names(server):
    for number in range(5):
        server.ask(f"/made/up/{number}")
    names = [name for name in server.counters() if "made" in name]
    assert names == []
    assert server.counters()['s2s_requests_total{path="other",status="404"}'] >= 5


def test_sigterm_finishes_what_is_in_flight(models):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    call = [sys.executable, "-m", "s2s", "serve", f"w={models['writer']}", "--port", "0", "--max-characters", "4000"]
    with subprocess.Popen(call, env=environment, stderr=subprocess.PIPE, text=True) as process:
        said = process.stderr.readline()
        port = int(re.search(r"serving w \(language\) at http://127\.0\.0\.1:(\d+)", said)[1])
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/v1/generate", b'{"length": 300, "stream": true}', J)
        response = connection.getresponse()
        begin = response.read(10)
        process.send_signal(signal.SIGTERM)
        text = (begin + response.read()).decode()
        assert len(text) >= 300
        assert process.wait(30) == 0
        assert process.stderr.read() == ""


def test_requests_to_start_that_cannot_be_are_refused(models, tmp_path, capsys, monkeypatch):
    def refused(*arguments):
        assert main(["serve", *map(str, arguments)]) == 2
        return capsys.readouterr().err

    assert "would both be called x; write NAME=" in refused("x=a", "x=b")
    assert "--max-requests must be 1 or more" in refused(models["tagger"], "--max-requests", 0)
    assert "--port must be between 0 and 65535" in refused(models["tagger"], "--port", 70000)
    assert "there is no model nothing" in refused("nothing", "--port", 0)
    with serving({"tagger": models["tagger"]}) as server:
        assert "cannot be listened on: Address already in use" in refused(models["tagger"], "--port", server.port)
    monkeypatch.setattr("s2s.cli.serve.find_spec", lambda name: None)
    assert "pip install 's2s[serve]'" in refused(models["tagger"])


def test_models_are_named_by_their_folders_or_as_asked(tmp_path):
    (tmp_path / "run" / "model").mkdir(parents=True)
    (tmp_path / "a=b").mkdir()
    assert named([str(tmp_path / "run" / "model"), f"de={tmp_path}", str(tmp_path / "a=b"), "words"]) == {
        "run": str(tmp_path / "run" / "model"),
        "de": str(tmp_path),
        "a=b": str(tmp_path / "a=b"),
        "words": "words",
    }
    with pytest.raises(RequestError, match="would both be called run"):
        named([str(tmp_path / "run"), str(tmp_path / "run" / "model")])
