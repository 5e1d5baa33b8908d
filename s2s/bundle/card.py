"""README.md of a model directory: what it is, from what, how good, how to use it, how to make it again."""

from typing import Any

from s2s import __version__
from s2s.bundle.bundle import Bundle

_KINDS = {"lstm": "LSTM", "gru": "GRU", "rnn": "tanh RNN"}


def card(bundle: Bundle) -> str:
    """The card as Markdown, with the front matter of the Hugging Face hub."""
    source, target = bundle.languages
    parts = [
        f"---\nlibrary_name: s2s\npipeline_tag: translation\nlanguage:\n- {source}\n- {target}\n---",
        f"# {source} → {target}",
        _what(bundle),
        "```\ns2s translate MODEL < source.txt > target.txt\n```\n\n"
        '```python\nimport s2s\n\ntranslator = s2s.load("MODEL")\ntranslator("...").text\n```\n\n'
        "`MODEL` is this directory; nothing else is needed.",
        _list("Data", bundle.info.get("data", {})),
        _scores(bundle.info.get("scores", {})),
        _list("Training", {**bundle.info.get("training", {}), "s2s": __version__}),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _what(bundle: Bundle) -> str:
    model, subwords = bundle.config.model, bundle.config.subwords
    sizes = f"{len(bundle.source_codec):,}"
    if bundle.source_codec is not bundle.target_codec:
        sizes += f" source and {len(bundle.target_codec):,} target"
    direction = "bidirectional " if model.encoder.bidirectional else ""
    return (
        f"A recurrent encoder-decoder of {bundle.parameters:,} parameters: {model.encoder.layers}-layer {direction}"
        f"{_KINDS[model.encoder.cell]} encoder of {model.encoder.hidden} units, {model.attention.kind} attention, "
        f"{model.decoder.layers}-layer {_KINDS[model.decoder.cell]} decoder of {model.decoder.hidden} units; "
        f"{sizes} {subwords.model} subwords."
    )


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
    for name, score in scores.items():
        low, high = score.get("low"), score.get("high")
        between = "" if low is None or high is None else f"{low:.2f} - {high:.2f}"
        signature = f"`{score['signature']}`" if score.get("signature") else ""
        rows.append(f"| {name} | {score['value']:.2f} | {between} | {score.get('split', '')} | {signature} |")
    return "\n".join(["## Scores", "", *rows])


def _inline(fact: object) -> str:
    text = str(fact)
    return f"`{text}`" if text.startswith("s2s ") else text
