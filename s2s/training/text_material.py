"""What a run that reads text is made of."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from s2s.bundle.bundle import Bundle
from s2s.bundle.vocabularies import unpack_vocabularies
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment
from s2s.config.source import TextSource
from s2s.config.stored import is_unnormalised
from s2s.config.target import TextTarget
from s2s.config.training import TokenBatches
from s2s.config.vocabulary import Pieces
from s2s.data.batches import Examples
from s2s.data.corpus import Corpus
from s2s.data.report import fingerprint
from s2s.data.sampler import Plan, padding, plan_batches
from s2s.data.store import Prepared
from s2s.data.text_sides import SubwordTargets, TextInputs
from s2s.inference.ordinary import Ordinary
from s2s.inference.translator import Translator
from s2s.text.charset import Policy
from s2s.text.normalisation import Normalisation
from s2s.text.subwords import Subwords
from s2s.training.doubts import doubt_lost
from s2s.training.material import Answers, Material, Outputs, Validated
from s2s.training.origin import Origin
from s2s.training.processes import once, spread
from s2s.training.start import doubt_text
from s2s.training.texts import Texts, read_texts, train_vocabularies

UNLIMITED = 2**40
"""A length that no sentence has: validation leaves none out."""


def gather_text(
    origin: Origin[Prepared], checkpoint: Mapping[str, Any] | None, start: Bundle | None, policy: Policy
) -> Material:
    """Read the splits and train or take over the vocabularies; see `s2s.training.experiment.build_experiment`."""
    config, say = origin.config, origin.place.say
    assert isinstance(config.batches, TokenBatches)
    # A run that was begun when copies were held out one by one goes on with what it held out.
    by_row = checkpoint is not None and is_unnormalised(json.loads(checkpoint["s2s"]["config"]))
    texts, held = read_texts(origin.data, config.training.seed, say, by_row)
    texts, seen = (one.normalised(*_normalisations(config), say) for one in (texts, held))
    if checkpoint is not None:
        vocabularies: Mapping[str, Any] = unpack_vocabularies(checkpoint["s2s"], config, "the checkpoint")
    elif start is not None:
        vocabularies = start.vocabularies
    else:
        # Once, though all would train the same one: they would only take the cores from each other.
        vocabularies = once(lambda: train_vocabularies(texts, config, say))
    corpus = _training_corpus(texts, vocabularies, config)
    doubts = _check_sizes(corpus, config.batches, origin.data, checkpoint is not None)
    if start is not None and checkpoint is None:
        doubts += doubt_text(start, origin.data.languages, (texts.source, texts.target))
    # For the loss; the translator normalises its inputs itself, and references stay as they are.
    whole = Corpus(seen.source, seen.target, vocabularies["source"], vocabularies["target"], max_length=UNLIMITED)
    language = origin.data.languages

    def outputs(bundle: Bundle) -> Outputs:
        translator = Translator(bundle, origin.place.device)
        translator.spread = spread

        def answers(rows: Sequence[int]) -> Answers:
            results = translator([held.source[row] for row in rows], beam=config.validation.beam)
            ordinary = Ordinary.of(results)
            return Answers([one.text for one in results], {"ordinary": asdict(ordinary)} if ordinary else {})

        return answers

    return Material(
        vocabularies,
        Examples(
            TextInputs(corpus.source),
            SubwordTargets(corpus.target),
            lambda row: {"source": texts.source[corpus.lines[row]], "target": texts.target[corpus.lines[row]]},
        ),
        plan_batches,
        _validated(held, whole, config.batches),
        outputs,
        lambda plans, steps: _account(corpus, vocabularies, plans, steps),
        language,
        int(corpus.source.lengths(None).max()),
        doubts,
    )


def _normalisations(config: Experiment) -> tuple[Normalisation, Normalisation]:
    """Those of the two sides."""
    assert isinstance(config.source, TextSource)
    read, written = config.source.vocabulary, getattr(config.target, "vocabulary", None)
    return read.normalization, written.normalization if isinstance(written, Pieces) else read.normalization


def _training_corpus(texts: Texts, vocabularies: Mapping[str, Subwords], config: Experiment) -> Corpus:
    assert isinstance(config.batches, TokenBatches)
    assert isinstance(config.source, TextSource)
    assert isinstance(config.target, TextTarget)
    read, written = config.source.vocabulary, config.target.vocabulary
    return Corpus(
        texts.source,
        texts.target,
        vocabularies["source"],
        vocabularies["target"],
        max_length=config.batches.max_length,
        max_sampled=min(config.batches.max_length, config.batches.tokens - 1),
        sample=read.sample,
        alpha=read.alpha,
        seed=config.training.seed,
        target_sampling=(written.sample, written.alpha) if isinstance(written, Pieces) else None,
    )


def _validated(held: Texts, corpus: Corpus, batches: TokenBatches) -> Validated:
    examples = Examples(
        TextInputs(corpus.source),
        SubwordTargets(corpus.target),
        lambda row: {"source": held.source[row], "target": held.target[row]},
    )
    source, target = examples.lengths(None)
    budget = max(batches.tokens, int(np.maximum(source, target).max()))
    plans = [Plan(0, 0, rows, 0) for rows in plan_batches(source, target, budget, 1, 0, 0)]
    return Validated(held.split, examples, plans, held.source, held.target, fingerprint(held.source, held.target, []))


def _account(corpus: Corpus, vocabularies: Mapping[str, Subwords], plans: Sequence[Plan], steps: int) -> list[str]:
    source, target = corpus.lengths(0)
    read, written = vocabularies["source"], vocabularies["target"]
    vocabulary = f"{len(read):,}" if read is written else f"{len(read):,} + {len(written):,}"
    return [
        f"vocabulary {vocabulary}",
        f"{len(corpus):,} pairs, {source.mean():.1f} source and {target.mean():.1f} target tokens on average",
        f"{steps:,} step{'s' * (steps > 1)} an epoch of {target.sum() / steps:,.0f} target tokens, "
        f"{100 * padding([plan.rows for plan in plans], source, target):.1f} % padding",
    ]


def _check_sizes(corpus: Corpus, batches: TokenBatches, data: Prepared, begun: bool) -> list[str]:
    """What is said of pairs that are too long; RequestError unless there is enough to train on, and a batch holds it.

    `begun` is whether the run has begun already.
    """
    if not len(corpus):
        raise RequestError(f"{data.path}: no training pair is within batches.max_length")
    why = f"longer than batches.max_length {batches.max_length}"
    remedy = f"raise batches.max_length (the longest has {corpus.longest:,} subwords) or shorten the texts"
    lost = doubt_lost(corpus.too_long, len(corpus) + corpus.too_long, data.path, why, remedy, begun)
    longest = max(int(side.max()) for side in corpus.lengths(None))
    if longest > batches.tokens:
        raise RequestError(
            f"the longest training example has {longest} tokens, more than batches.tokens {batches.tokens}; "
            "raise batches.tokens or lower batches.max_length"
        )
    return [lost] if lost else []
