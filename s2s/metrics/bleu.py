"""BLEU, chrF and TER by sacreBLEU (Post 2018), with its signatures."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from sacrebleu.metrics.base import Metric
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

from s2s.metrics.statistics import SEED, Floats, Statistics

# sacreBLEU's own choice for Japanese and Korean needs MeCab; the others are written without spaces between words.
_BY_CHARACTER = {"ja", "ko", "th", "lo", "km", "my"}
_CHINESE = {"zh", "cmn", "yue"}


def tokenizer(language: str | None) -> str:
    """Tokeniser of sacreBLEU for a target language, as `de`, `zh-CN` or `ja_JP`; 13a where none is named."""
    code = re.split("[-_]", (language or "").lower())[0]
    return "char" if code in _BY_CHARACTER else "zh" if code in _CHINESE else "13a"


def count_bleu(
    hypotheses: Sequence[str],
    streams: Sequence[Sequence[str | None]],
    tokenize: str = "13a",
    lowercase: bool = False,
) -> Statistics:
    """N-gram matches, for BLEU."""
    # force: no warning about tokenised text; it would come at every validation.
    return _count(BLEU(tokenize=tokenize, lowercase=lowercase, force=True), hypotheses, streams)


def count_chrf(hypotheses: Sequence[str], streams: Sequence[Sequence[str | None]]) -> Statistics:
    """Character n-gram matches, for chrF2 (Popovic 2015)."""
    return _count(CHRF(), hypotheses, streams)


def count_ter(
    hypotheses: Sequence[str], streams: Sequence[Sequence[str | None]], language: str | None = None
) -> Statistics:
    """Edits with shifts, for TER (Snover 2006). Slow: a second or more for a thousand sentences."""
    asian = tokenizer(language) != "13a"
    return _count(TER(normalized=asian, asian_support=asian), hypotheses, streams)


def _count(metric: Metric, hypotheses: Sequence[str], streams: Sequence[Sequence[Any]]) -> Statistics:
    # sacreBLEU resamples by gathering every draw of every sample at once, gigabytes for a large set. So its statistics
    # and its scoring of their sums are used here, and tests hold the results equal to its own.
    counts = np.asarray(metric._extract_corpus_statistics(hypotheses, streams), dtype=np.float64)

    def value(sums: Floats) -> Floats:
        return np.asarray([metric._compute_score_from_stats(row.tolist()).score for row in sums])

    def signature(samples: int) -> str:
        made = metric.get_signature()
        made.update("bs", samples or None)
        made.update("seed", SEED if samples else None)
        return str(made.format())

    return Statistics(counts, value, signature)
