"""The page of `s2s serve` in a real browser; `make test-browser` runs these."""

import json
import re
import shutil

import pytest

from tests.bars import draw
from tests.cli.serving import serving, write_models
from tests.cli.test_serve import png
from tests.tiny import TEXT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium"),
]
HTML = "<img src=x onerror=\"document.title='hacked'\">"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def server(models):
    with serving(models) as one:
        yield one


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(params=[{"width": 1280, "height": 800}, {"width": 360, "height": 640}], ids=["wide", "narrow"])
def page(request, browser, server):
    """A fresh page, which must neither fail, nor load from elsewhere, nor be wider than its window at the end."""
    context = browser.new_context(viewport=request.param)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened, faults, loaded = context.new_page(), [], []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda one: loaded.append(one.url))
    opened.goto(server.url)
    opened.wait_for_selector("#models button")
    yield opened
    assert faults == []
    assert [url for url in loaded if not re.match(rf"{re.escape(server.url)}|blob:|data:", url)] == []
    assert opened.evaluate("document.documentElement.scrollWidth") == request.param["width"]
    context.close()


def choose(page, name):
    page.click(f'#models button[data-name="{name}"]')


def answered(page):
    page.wait_for_selector('#output[aria-busy="false"]')


def test_the_translation_appears_as_one_types_and_is_that_of_the_api(page, server):
    page.locator("#text").press_sequentially(TEXT[0], delay=5)
    answered(page)
    _, answer = server.ask("/v1/translate", {"text": TEXT[0]})
    shown = page.locator(".result .big").text_content()
    assert shown.split() == answer["results"][0]["text"].split()
    page.click("#copy")
    assert page.evaluate("navigator.clipboard.readText()") == answer["results"][0]["text"]


def test_typing_asks_once_and_not_for_every_letter(page):
    asked = []
    page.on("request", lambda one: asked.append(one.url) if "translate" in one.url else None)
    page.locator("#text").press_sequentially("A dog runs.", delay=1)
    answered(page)
    assert len(asked) < 4


def test_a_hover_shows_where_the_model_looked(page, server):
    page.fill("#text", TEXT[0])
    answered(page)
    result = server.ask("/v1/translate", {"text": TEXT[0], "alignment": True})[1]["results"][0]
    assert len(result["source_tokens"]) >= page.locator(".source .piece").count() > 1
    page.locator(".big .piece").first.hover()
    lit = page.locator('.source .piece[style*="--w"]')
    assert lit.count() > 0
    assert "looked at" in page.locator(".hint").text_content()
    page.locator(".source .piece").nth(1).hover()
    assert "was looked at by" in page.locator(".hint").text_content()


def test_the_keyboard_alone_is_enough(page):
    page.keyboard.type("A dog.")  # the page begins in its text field
    answered(page)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "big pieces":
            break
    page.keyboard.press("ArrowRight")
    assert page.locator(".piece.on").count() == 1
    assert "looked at" in page.locator(".hint").text_content()
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.dataset.name") == "classifier":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(".bars")


def test_n_best_are_listed_with_their_scores(page, server):
    page.fill("#text", TEXT[0])
    page.fill('[data-key="n_best"]', "3")
    page.wait_for_selector("ol.best li:nth-child(3)")
    body = {"text": TEXT[0], "n_best": 3, "beam": 3}
    best = server.ask("/v1/translate", body)[1]["results"][0]["n_best"]
    assert page.locator("ol.best .number").all_text_contents() == [f"{one['score']:.3f}" for one in best]


def test_a_link_restores_the_input_and_the_settings(page, server):
    choose(page, "writer")
    page.fill("#text", "A dog & a #1 cat +\nzwei Männer")
    page.fill('[data-key="seed"]', "7")
    page.fill('[data-key="length"]', "30")
    answered(page)
    page.click("#link")
    url = page.evaluate("navigator.clipboard.readText()")
    written = page.locator(".written").text_content()
    page.goto("about:blank")
    page.goto(url)
    answered(page)
    assert page.input_value("#text") == "A dog & a #1 cat +\nzwei Männer"
    assert page.input_value('[data-key="seed"]') == "7"
    assert page.locator(".written").text_content() == written


def test_a_language_model_writes_with_the_controls_that_are_set(page, server):
    choose(page, "writer")
    page.fill('[data-key="length"]', "25")
    page.fill("#text", "A dog")
    answered(page)
    body = {"prompt": "A dog", "length": 25, "temperature": 1, "top_k": 0, "top_p": 1, "seed": 0}
    first = server.ask("/v1/generate", body)[1]["text"]
    assert page.locator(".written").text_content() == "A dog" + first
    page.click("text=Another")
    answered(page)
    second = server.ask("/v1/generate", {**body, "seed": 1})[1]["text"]
    assert page.locator(".written").text_content() == "A dog" + second


@pytest.mark.parametrize("way", ["choose", "paste", "drop"])
def test_a_picture_is_read_and_its_characters_stand_over_it(way, page, server, tmp_path):
    (tmp_path / "x.png").write_bytes(png(draw("abcab")))
    if way == "choose":
        choose(page, "reader")
        page.set_input_files("#file", tmp_path / "x.png")
    else:  # anywhere on the page, whatever model is chosen
        event = {"paste": "new ClipboardEvent('paste', {clipboardData", "drop": "new DragEvent('drop', {dataTransfer"}
        page.evaluate(
            "bytes => { const data = new DataTransfer();"
            "data.items.add(new File([new Uint8Array(bytes)], 'x.png', {type: 'image/png'}));"
            f"document.dispatchEvent({event[way]}: data, bubbles: true, cancelable: true}})); }}",
            list((tmp_path / "x.png").read_bytes()),
        )
    answered(page)
    _, answer = server.ask("/v1/transcribe", (tmp_path / "x.png").read_bytes())
    assert page.locator(".read").text_content() == answer["text"]
    assert page.locator(".band").count() == len(answer["characters"])
    assert "color-mix" in page.locator(".band").first.get_attribute("style")


def test_classes_and_tags_are_shown_as_text_and_not_as_html(page, server):
    choose(page, "classifier")
    page.fill("#text", "A dog.")
    answered(page)
    label = server.ask("/v1/predict", {"text": "A dog."})[1]["results"][0]["label"]
    assert page.locator(".result .big").text_content() == label
    assert "<b>neither</b>" in page.locator(".bars").text_content()
    choose(page, "tagger")
    page.fill("#text", f"Ada {HTML}")
    answered(page)
    assert page.locator(".word").count() == len(f"Ada {HTML}".split())
    assert page.title() == "tagger · s2s"


def test_what_went_wrong_stands_there_in_words(page):
    page.fill("#text", "a" * 10_001)
    page.wait_for_selector("#problem:not([hidden])")
    assert "10,001 characters are more than 10,000" in page.locator("#problem").text_content()
    page.fill("#text", "A dog.")
    answered(page)
    assert page.locator("#problem").is_hidden()
    page.route("**/v1/translate", lambda route: route.abort())
    page.fill("#text", "A cat.")
    page.wait_for_selector("#problem:not([hidden])")
    assert page.locator("#problem").text_content() == "The server does not answer. Is s2s serve still running?"


def test_a_link_to_what_is_not_here_or_is_damaged_is_explained(page, server):
    for link, sentence in [
        ("model=other&text=a", "The link is to the model other, which is not served here."),
        ("model=reader&picture=%21", "The picture in the link is damaged."),
    ]:
        page.goto("about:blank")
        page.goto(f"{server.url}#{link}")
        page.wait_for_selector("#problem:not([hidden])")
        assert page.locator("#problem").text_content() == sentence


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_in_both_schemes(scheme, browser, server):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(server.url)
    page.wait_for_selector("#models button")
    found = page.evaluate(
        "() => ['body', '#about', '.tool', '#models button[aria-pressed=true]', '#drop b'].map(one => {"
        "const node = document.querySelector(one), style = getComputedStyle(node); let under = node;"
        "while (getComputedStyle(under).backgroundColor === 'rgba(0, 0, 0, 0)') under = under.parentElement;"
        "return [style.color, getComputedStyle(under).backgroundColor]; })"
    )

    def luminance(colour):
        linear = [
            share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
            for share in (int(one) / 255 for one in re.findall(r"\d+", colour)[:3])
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for pair in found:
        low, high = sorted(map(luminance, pair))
        assert (high + 0.05) / (low + 0.05) >= 4.5, json.dumps(pair)  # WCAG 2, level AA
    assert (luminance(found[0][1]) < 0.2) == (scheme == "dark")
    context.close()
