"""From strings to statistics: one entrance for every metric, where its inputs are checked."""

from collections.abc import Sequence
from typing import TypeGuard

from s2s.config.errors import RequestError
from s2s.metrics.bleu import count_bleu, count_chrf, count_ter, tokenizer
from s2s.metrics.classes import count_macro_f1
from s2s.metrics.edits import count_edits
from s2s.metrics.names import check_metric
from s2s.metrics.statistics import Statistics
from s2s.metrics.tags import count_chunks, count_tags

References = Sequence[str] | Sequence[Sequence[str | None]]
"""One reference each, or streams: stream i holds the i-th reference of every example, None where it has fewer."""


def measure(name: str, hypotheses: Sequence[str], references: References, language: str | None = None) -> Statistics:
    """Count hypotheses against references for the metric `name`; `language` is the target's, as `de` or `zh-CN`.

    RequestError where the metric is unknown, there is nothing to score, counts differ or an example has no reference.
    """
    metric = check_metric(name)
    if not metric.of_outputs:
        raise RequestError(f"{name} is a score of language models, which no outputs have")
    streams = [references] if _single(references) else list(references)
    _check(hypotheses, streams)
    if name == "bleu":
        return count_bleu(hypotheses, streams, tokenize=tokenizer(language))
    if name == "bleu_lc_tok":
        return count_bleu(hypotheses, streams, lowercase=True)
    if name == "chrf":
        return count_chrf(hypotheses, streams)
    if name == "ter":
        return count_ter(hypotheses, streams, language)
    if name == "macro_f1":
        return count_macro_f1(hypotheses, streams)
    if name == "tag_accuracy":
        return count_tags(hypotheses, streams)
    if name == "chunk_f1":
        return count_chunks(hypotheses, streams)
    return count_edits(name, hypotheses, streams, metric.higher_is_better)


def _single(references: References) -> TypeGuard[Sequence[str]]:
    return not references or isinstance(references[0], str)


def _check(hypotheses: Sequence[str], streams: Sequence[Sequence[str | None]]) -> None:
    for number, stream in enumerate(streams, start=1):
        if len(stream) != len(hypotheses):
            which = (
                f"reference stream {number} has {len(stream):,}" if len(streams) > 1 else f"{len(stream):,} references"
            )
            raise RequestError(
                f"{len(hypotheses):,} hypotheses cannot be scored against {which}; the counts must be equal"
            )
    if not hypotheses:
        raise RequestError("there is nothing to score: no hypothesis and no reference")
    for number, references in enumerate(zip(*streams, strict=True), start=1):
        if all(reference is None for reference in references):
            raise RequestError(f"example {number:,} has no reference to score against")
