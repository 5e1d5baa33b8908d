"""README.md of a model directory: what it is, from what, how good, how to use it, how to make it again."""

from typing import Any

from s2s import __version__
from s2s.bundle.bundle import Bundle, RecognitionBundle, TranslationBundle
from s2s.bundle.onnx_model import OnnxRecognizer
from s2s.config.model import Decoder, Recurrent

_ONNX = """\
`MODEL` is this directory; `pip install 's2s[onnx]'` brings what runs it. Other programs run model.onnx by itself: it
takes `images` (batch, channels, height, width), levels 0 to 255, and `widths`, the columns of each that are not
padding, and gives `log_probs` (batch, steps, labels) of CTC and `steps`, how many of each row count. What the labels
write is in its metadata, `labels`; the first is the blank."""
_KINDS = {"lstm": "LSTM", "gru": "GRU", "rnn": "tanh RNN"}


def card(bundle: Bundle) -> str:
    """The card as Markdown, with the front matter of the Hugging Face hub."""
    parts = [
        *(_reader(bundle) if isinstance(bundle, RecognitionBundle) else _translator(bundle)),
        _ONNX if isinstance(bundle.model, OnnxRecognizer) else "`MODEL` is this directory; nothing else is needed.",
        _list("Data", bundle.info.get("data", {})),
        _scores(bundle.info.get("scores", {})),
        _list("Training", {**bundle.info.get("training", {}), "s2s": __version__}),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _translator(bundle: Bundle) -> list[str]:
    """What a translation model is, and its use."""
    assert isinstance(bundle, TranslationBundle)
    source, target = bundle.languages
    model, subwords = bundle.config.model, bundle.config.subwords
    sizes = f"{len(bundle.source_codec):,}"
    if bundle.source_codec is not bundle.target_codec:
        sizes += f" source and {len(bundle.target_codec):,} target"
    return [
        f"---\nlibrary_name: s2s\npipeline_tag: translation\nlanguage:\n- {source}\n- {target}\n---",
        f"# {source} → {target}",
        f"A recurrent encoder-decoder of {bundle.parameters:,} parameters: {_layers(model.encoder)} encoder, "
        f"{model.attention.kind} attention, {_layers(model.decoder)} decoder; {sizes} {subwords.model} subwords.",
        "```\ns2s translate MODEL < source.txt > target.txt\n```",
        '```python\nimport s2s\n\ntranslator = s2s.load("MODEL")\ntranslator("...").text\n```',
    ]


def _reader(bundle: RecognitionBundle) -> list[str]:
    """What a recogniser is, and its use."""
    model, picture = bundle.config.model, bundle.config.picture
    reads = "CTC" if model.decoder == "ctc" else f"{model.attention.kind} attention, {_layers(model.attention_decoder)}"
    characters = bundle.charset.characters
    return [
        "---\nlibrary_name: s2s\npipeline_tag: image-to-text\n---",
        "# Text in pictures",
        f"A recogniser of {bundle.parameters:,} parameters: {model.backbone.kind} convolutions on pictures "
        f"{picture.height} pixels high, {_layers(model.encoder)} encoder, {reads}; {len(characters):,} characters: "
        f"``{characters}``",
        "```\ns2s transcribe PICTURE... --model MODEL\n```",
        '```python\nimport s2s\n\nreader = s2s.load("MODEL")\nreader("photo.png").text\n```',
    ]


def _layers(part: Recurrent | Decoder) -> str:
    """`2-layer bidirectional LSTM of 256 units`."""
    direction = "bidirectional " if isinstance(part, Recurrent) and part.bidirectional else ""
    return f"{part.layers}-layer {direction}{_KINDS[part.cell]} of {part.hidden} units"


def _list(title: str, facts: dict[str, Any]) -> str:
    lines = []
    for name, fact in facts.items():
        if isinstance(fact, dict):
            fact = ", ".join(f"{key} {value}" for key, value in fact.items())
        lines.append(f"- {name}: {_inline(fact)}")
    return "\n".join([f"## {title}", "", *lines]) if lines else ""


def _scores(scores: dict[str, dict[str, Any]]) -> str:
    if not scores:
        return ""
    rows = ["| score | value | 95 % interval | on | signature |", "|---|---|---|---|---|"]
    for key, score in scores.items():
        name = key.partition("@")[0]
        low, high = score.get("low"), score.get("high")
        between = "" if low is None or high is None else f"{low:.2f} - {high:.2f}"
        signature = f"`{score['signature']}`" if score.get("signature") else ""
        on = ", ".join(score[key] for key in ("split", "decoded") if score.get(key))
        rows.append(f"| {name} | {score['value']:.2f} | {between} | {on} | {signature} |")
    return "\n".join(["## Scores", "", *rows])


def _inline(fact: object) -> str:
    text = str(fact)
    return f"`{text}`" if text.startswith("s2s ") else text
