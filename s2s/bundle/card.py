"""README.md of a model directory: what it is, from what, how good, how to use it, how to make it again."""

from typing import Any

from s2s import __version__
from s2s.bundle.bundle import Bundle
from s2s.bundle.onnx_model import OnnxRecognizer
from s2s.config.document import dump
from s2s.config.model import EncoderDecoder, LanguageModel, PlainDecoder, Recurrent, Tagger
from s2s.config.series import SeriesSource
from s2s.config.source import ImageSource
from s2s.config.target import written_by_head
from s2s.config.visible import visible
from s2s.data.series.columns import Columns
from s2s.text.charset import Charset
from s2s.text.labels import Labels
from s2s.text.tags import Tags

_ONNX = """\
`MODEL` is this directory; `pip install 's2s[onnx]'` brings what runs it. Other programs run model.onnx by itself: it
takes `images` (batch, channels, height, width), levels 0 to 255, and `widths`, the columns of each that are not
padding, and gives `log_probs` (batch, steps, labels) of CTC and `steps`, how many of each row count. What the labels
write is in its metadata, `labels`; the first is the blank."""
_SHOWN = 20
"""Classes that are listed."""
_KINDS = {"lstm": "LSTM", "gru": "GRU", "rnn": "tanh RNN"}


def card(bundle: Bundle) -> str:
    """The card as Markdown, with the front matter of the Hugging Face hub."""
    parts = [
        *_TASKS[bundle.config.task](bundle),
        _ONNX if isinstance(bundle.model, OnnxRecognizer) else "`MODEL` is this directory; nothing else is needed.",
        _list("Data", bundle.info.get("data", {})),
        _scores(bundle.info.get("scores", {})),
        _list("Training", {**bundle.info.get("training", {}), "s2s": __version__}),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _translator(bundle: Bundle) -> list[str]:
    """What a translation model is, and its use."""
    source, target = map(visible, bundle.languages or ("source", "target"))
    front = {"library_name": "s2s", "pipeline_tag": "translation", "language": [source, target]}
    return [
        f"---\n{dump(front)}---",
        f"# {source} → {target}",
        f"A recurrent encoder-decoder of {_parts(bundle)}.",
        "```\ns2s translate MODEL < source.txt > target.txt\n```",
        '```python\nimport s2s\n\ntranslator = s2s.load("MODEL")\ntranslator("...").text\n```',
    ]


def _reader(bundle: Bundle) -> list[str]:
    """What a recogniser is, and its use."""
    return [
        "---\nlibrary_name: s2s\npipeline_tag: image-to-text\n---",
        "# Text in pictures",
        f"A recogniser of {_parts(bundle)}",
        "```\ns2s transcribe PICTURE... --model MODEL\n```",
        '```python\nimport s2s\n\nreader = s2s.load("MODEL")\nreader("photo.png").text\n```',
    ]


def _language_model(bundle: Bundle) -> list[str]:
    """What a language model is, and its use."""
    return [
        "---\nlibrary_name: s2s\npipeline_tag: text-generation\n---",
        "# Text that goes on",
        f"A recurrent language model of {_parts(bundle)}. A line ends with the end mark, which counts as a token.",
        '```\ns2s generate MODEL "Once upon"\ns2s generate MODEL --score FILE\n```',
        '```python\nimport s2s\n\nmodel = s2s.load("MODEL")\nmodel.generate("Once upon", length=300)\n'
        'model.score(["Is this likely?"])\n```',
    ]


def _classifier(bundle: Bundle) -> list[str]:
    """What a classifier is, and its use."""
    language = visible((bundle.languages or ("text", ""))[0])
    front = {"library_name": "s2s", "pipeline_tag": "text-classification", "language": [language]}
    return [
        f"---\n{dump(front)}---",
        f"# Classes of {language}",
        f"A recurrent classifier of {_parts(bundle)}.",
        "```\ns2s predict MODEL < texts.txt > labels.txt\n```",
        '```python\nimport s2s\n\nclassifier = s2s.load("MODEL")\nclassifier("...").label\n```',
    ]


def _tagger(bundle: Bundle) -> list[str]:
    """What a tagger is, and its use."""
    language = visible((bundle.languages or ("text", ""))[0])
    front = {"library_name": "s2s", "pipeline_tag": "token-classification", "language": [language]}
    return [
        f"---\n{dump(front)}---",
        f"# Tags of {language}",
        f"A recurrent tagger of {_parts(bundle)}.",
        "```\ns2s predict MODEL < sentences.txt > tags.txt\n```",
        '```python\nimport s2s\n\ntagger = s2s.load("MODEL")\ntagger("...").tags\n```',
    ]


def _series_model(bundle: Bundle) -> list[str]:
    """What a model of series is, and its use."""
    what = "Text" if isinstance(bundle.vocabularies["target"], Charset) else "Classes"
    return [
        "---\nlibrary_name: s2s\npipeline_tag: other\n---",
        f"# {what} of series",
        f"A recurrent model of {_parts(bundle)}.",
        "```\ns2s predict MODEL recording.csv\n```",
        '```python\nimport s2s\n\nmodel = s2s.load("MODEL")\nmodel("recording.csv").text\n```',
    ]


_TASKS = {
    "translation": _translator,
    "recognition": _reader,
    "language": _language_model,
    "classification": _classifier,
    "tagging": _tagger,
    "series-classification": _series_model,
    "series-reading": _series_model,
}


def _parts(bundle: Bundle) -> str:
    """Its parts, from what is read to what is written."""
    source, model = bundle.config.source, bundle.config.model
    if isinstance(model, LanguageModel):
        return f"{bundle.parameters:,} parameters: {_layers(model.decoder)}; {_vocabularies(bundle)}"
    parts = []
    if isinstance(source, ImageSource):
        parts.append(f"{source.backbone.kind} convolutions on pictures {source.height} pixels high")
    if isinstance(source, SeriesSource):
        front = source.front
        parts.append(f"{front.layers} x {front.width} convolutions of {front.kernel} rows, stride {front.stride}")
    parts.append(f"{_layers(model.encoder)} encoder")
    if isinstance(model, Tagger):
        parts.append(f"{_layers(model.words)} over words")
    parts.append(
        f"{model.attention.kind} attention, {_layers(model.decoder)} decoder"
        if isinstance(model, EncoderDecoder)
        else written_by_head(bundle.config.target)
    )
    return f"{bundle.parameters:,} parameters: {', '.join(parts)}; {_vocabularies(bundle)}"


def _vocabularies(bundle: Bundle) -> str:
    target, source = bundle.vocabularies["target"], bundle.vocabularies.get("source")
    read = "" if source is None else f"{len(source):,} subwords, "
    if isinstance(source, Columns):
        read = f"{len(source.names):,} columns as {getattr(bundle.config.source, 'features', '')}: "
        read += f"{', '.join(visible(name) for name in source.names[:_SHOWN])}; "
    if isinstance(target, Charset):
        return f"{read}{len(target.characters):,} characters: ``{target.characters}``"
    if isinstance(target, Labels):
        names = ", ".join(visible(name) for name in target.names[:_SHOWN])
        more = ", ..." if len(target.names) > _SHOWN else ""
        what = "tags" if isinstance(target, Tags) else "classes"
        return f"{read}{len(target.names):,} {what}: {names}{more}"
    first = bundle.vocabularies.get("source", target)
    sizes = f"{len(first):,}"
    if first is not target:
        sizes += f" source and {len(target):,} target"
    return f"{sizes} subwords"


def _layers(part: Recurrent | PlainDecoder) -> str:
    """`2-layer bidirectional LSTM of 256 units`."""
    direction = "bidirectional " if isinstance(part, Recurrent) and part.bidirectional else ""
    through = " with output recurrence" if isinstance(part, PlainDecoder) and part.recurrence == "output" else ""
    return f"{part.layers}-layer {direction}{_KINDS[part.cell]}{through} of {part.hidden} units"


def _list(title: str, facts: dict[str, Any]) -> str:
    lines = []
    for name, fact in facts.items():
        if isinstance(fact, dict):
            fact = ", ".join(f"{key} {value}" for key, value in fact.items())
        lines.append(f"- {visible(name)}: {_inline(fact)}")
    return "\n".join([f"## {title}", "", *lines]) if lines else ""


def _scores(scores: dict[str, dict[str, Any]]) -> str:
    if not scores:
        return ""
    rows = ["| score | value | 95 % interval | on | signature |", "|---|---|---|---|---|"]
    for key, score in scores.items():
        name = _cell(key.partition("@")[0])
        low, high = score.get("low"), score.get("high")
        between = "" if low is None or high is None else f"{low:.2f} - {high:.2f}"
        signature = f"`{_cell(score['signature'])}`" if score.get("signature") else ""
        on = ", ".join(_cell(score[key]) for key in ("split", "decoded") if score.get(key))
        rows.append(f"| {name} | {score['value']:.2f} | {between} | {on} | {signature} |")
    return "\n".join(["## Scores", "", *rows])


def _inline(fact: object) -> str:
    text = visible(fact)
    return f"`{text}`" if text.startswith("s2s ") else text


def _cell(text: object) -> str:
    """Text that stays within its column."""
    return visible(text).replace("|", "\\|")
