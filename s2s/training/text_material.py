"""What a run that reads text is made of."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from s2s.bundle.bundle import Bundle
from s2s.bundle.vocabularies import unpack_vocabularies
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment
from s2s.config.source import TextSource
from s2s.config.stored import is_unnormalised
from s2s.config.target import CHUNKING, TAGGING
from s2s.config.training import AUTO, SearchValidation, TokenBatches
from s2s.config.vocabulary import Pieces
from s2s.data.batches import Examples, Inputs, Targets
from s2s.data.corpus import Corpus, Side
from s2s.data.report import fingerprint
from s2s.data.sampler import Plan, padding, plan_batches
from s2s.data.store import Prepared
from s2s.data.text_sides import LabelTargets, SubwordTargets, TagTargets, TextInputs, WordInputs
from s2s.inference.classifier import Classifier
from s2s.inference.ordinary import Ordinary
from s2s.inference.tagger import SequenceTagger
from s2s.inference.translator import Translator
from s2s.nn.heads import FIRST_LABEL
from s2s.text.charset import Policy
from s2s.text.labels import Labels
from s2s.text.normalisation import Normalisation
from s2s.text.tags import are_chunks, words
from s2s.text.vocabulary import Vocabulary
from s2s.training.doubts import doubt_labels, doubt_lost
from s2s.training.material import Answers, Material, Outputs, Validated
from s2s.training.origin import Origin
from s2s.training.processes import once, spread
from s2s.training.start import doubt_languages, doubt_vocabulary
from s2s.training.texts import Texts, frequencies, label_names, read_texts, tag_names, train_vocabularies

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
    written = WRITTEN[config.target.kind]
    texts, held = read_texts(origin.data, config.training.seed, say, by_row, written.names is not None)
    for one in (texts, held) if written.by_word else ():
        one.check_tags(origin.data.path)
    texts, seen = (one.normalised(*_normalisations(config, written), say, written.by_word) for one in (texts, held))
    if checkpoint is not None:
        vocabularies: Mapping[str, Any] = unpack_vocabularies(checkpoint["s2s"], config, "the checkpoint")
    elif start is not None:
        vocabularies = start.vocabularies
    else:
        # Once, though all would train the same one: they would only take the cores from each other.
        vocabularies = once(lambda: train_vocabularies(texts, config, written.names, say))
    corpus = _training_corpus(texts, vocabularies, config)
    doubts = _check_sizes(corpus, config.batches, origin.data, checkpoint is not None)
    if start is not None and checkpoint is None:
        doubts += [
            *doubt_languages(start, origin.data.languages),
            *doubt_vocabulary(start, {"source": texts.source, "target": texts.target}),
        ]
    # For the loss; the translator normalises its inputs itself, and references stay as they are.
    whole = Corpus(seen.source, seen.target, vocabularies["source"], vocabularies["target"], max_length=UNLIMITED)
    if isinstance(labels := vocabularies["target"], Labels):
        doubts += doubt_labels(labels, texts.target, held.target, held.split)

    def outputs(bundle: Bundle) -> Outputs:
        answer = written.answers(bundle, origin)
        return lambda rows: answer([held.source[row] for row in rows])

    return Material(
        vocabularies,
        Examples(
            written.inputs(corpus.source),
            written.targets(corpus.target),
            lambda row: {"source": texts.source[corpus.lines[row]], "target": texts.target[corpus.lines[row]]},
        ),
        plan_batches,
        _validated(held, whole, written, config.batches),
        outputs,
        lambda plans, steps: written.account(corpus, vocabularies, plans, steps),
        origin.data.languages,
        int(corpus.source.lengths(None).max()),
        doubts,
    )


def choose_score(config: Experiment, data: Prepared) -> Experiment:
    """The config with the metric that `auto` stands for: that of chunks where the training tags mark them."""
    if config.validation.metric != AUTO:
        return config
    if not WRITTEN[config.target.kind].by_word:
        raise RequestError(
            f"validation.metric {AUTO} is for readers and taggers; choose {config.target.default_metric}"
        )
    tags = {tag for line in data.lines("train") for tag in words(line)}
    metric = CHUNKING[0] if are_chunks(tags) else TAGGING[0]
    return replace(config, validation=replace(config.validation, metric=metric))


def _normalisations(config: Experiment, target: "Written") -> tuple[Normalisation, Normalisation]:
    """Those of the two sides; names of classes and tags stay as they are."""
    assert isinstance(config.source, TextSource)
    if target.names is not None:
        return config.source.vocabulary.normalization, "none"
    read, written = config.source.vocabulary, getattr(config.target, "vocabulary", None)
    return read.normalization, written.normalization if isinstance(written, Pieces) else read.normalization


def _training_corpus(texts: Texts, vocabularies: Mapping[str, Any], config: Experiment) -> Corpus:
    assert isinstance(config.batches, TokenBatches)
    assert isinstance(config.source, TextSource)
    read, written = config.source.vocabulary, getattr(config.target, "vocabulary", None)
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


def _validated(held: Texts, corpus: Corpus, written: "Written", batches: TokenBatches) -> Validated:
    examples = Examples(
        written.inputs(corpus.source),
        written.targets(corpus.target),
        lambda row: {"source": held.source[row], "target": held.target[row]},
    )
    source, target = examples.lengths(None)
    budget = max(batches.tokens, int(np.maximum(source, target).max()))
    plans = [Plan(0, 0, rows, 0) for rows in plan_batches(source, target, budget, 1, 0, 0)]
    return Validated(held.split, examples, plans, held.source, held.target, fingerprint(held.source, held.target, []))


def _translations(bundle: Bundle, origin: Origin[Prepared]) -> Callable[[Sequence[str]], Answers]:
    """Translates with a model's weights of the moment."""
    assert isinstance(bundle.config.validation, SearchValidation)
    translator, beam = Translator(bundle, origin.place.device), bundle.config.validation.beam
    translator.spread = spread

    def answer(texts: Sequence[str]) -> Answers:
        results = translator(texts, beam=beam)
        ordinary = Ordinary.of(results)
        return Answers([one.text for one in results], {"ordinary": asdict(ordinary)} if ordinary else {})

    return answer


def _classes(bundle: Bundle, origin: Origin[Prepared]) -> Callable[[Sequence[str]], Answers]:
    """Classifies, likewise."""
    classifier = Classifier(bundle, origin.place.device)
    classifier.spread = spread
    return lambda texts: Answers([one.label for one in classifier(texts)])


def _tags(bundle: Bundle, origin: Origin[Prepared]) -> Callable[[Sequence[str]], Answers]:
    """Tags, likewise."""
    tagger = SequenceTagger(bundle, origin.place.device)
    tagger.spread = spread
    return lambda texts: Answers([one.text for one in tagger(texts)])


def _account_pairs(corpus: Corpus, vocabularies: Mapping[str, Any], plans: Sequence[Plan], steps: int) -> list[str]:
    source, target = corpus.lengths(0)
    read, written = vocabularies["source"], vocabularies["target"]
    vocabulary = f"{len(read):,}" if read is written else f"{len(read):,} + {len(written):,}"
    return [
        f"vocabulary {vocabulary}",
        f"{len(corpus):,} pairs, {source.mean():.1f} source and {target.mean():.1f} target tokens on average",
        f"{steps:,} step{'s' * (steps > 1)} an epoch of {target.sum() / steps:,.0f} target tokens, "
        f"{100 * padding([plan.rows for plan in plans], source, target):.1f} % padding",
    ]


def _account_labels(corpus: Corpus, vocabularies: Mapping[str, Any], plans: Sequence[Plan], steps: int) -> list[str]:
    source = corpus.source.lengths(0) + 1
    padded = sum(len(plan.rows) * int(source[plan.rows].max()) for plan in plans)
    real = sum(int(source[plan.rows].sum()) for plan in plans)
    return [
        f"vocabulary {len(vocabularies['source']):,}",
        f"{len(corpus):,} examples, {source.mean():.1f} tokens on average",
        _frequencies(corpus, vocabularies["target"], "classes"),
        f"{steps:,} step{'s' * (steps > 1)} an epoch of {len(corpus) / steps:,.0f} examples, "
        f"{100 * (1 - real / padded):.1f} % padding",
    ]


def _account_tags(corpus: Corpus, vocabularies: Mapping[str, Any], plans: Sequence[Plan], steps: int) -> list[str]:
    pieces, words = corpus.lengths(0)
    words = words - 1  # no end mark
    return [
        f"vocabulary {len(vocabularies['source']):,}",
        f"{len(corpus):,} sentences, {words.mean():.1f} words and {pieces.mean():.1f} tokens on average",
        _frequencies(corpus, vocabularies["target"], "tags"),
        f"{steps:,} step{'s' * (steps > 1)} an epoch of {words.sum() / steps:,.0f} words, "
        f"{100 * padding([plan.rows for plan in plans], pieces, words):.1f} % padding",
    ]


def _frequencies(corpus: Corpus, labels: Labels, what: str) -> str:
    """The classes or tags of a corpus, the most frequent first."""
    counts = np.bincount(corpus.target.segment(None, np.arange(len(corpus)))[0], minlength=len(labels))
    return frequencies(dict(zip(labels.names, counts[FIRST_LABEL:].tolist(), strict=True)), what)


def _check_sizes(corpus: Corpus, batches: TokenBatches, data: Prepared, begun: bool) -> list[str]:
    """A warning of pairs that are too long; RequestError unless there is enough to train on, and a batch holds it.

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


@dataclass(frozen=True)
class Written:
    """What a run that reads text does for a kind of target."""

    inputs: Callable[[Side], Inputs]
    """The source side of a corpus as inputs of examples."""
    targets: Callable[[Side], Targets]
    """The target side of a corpus as targets of examples."""
    answers: Callable[[Bundle, Origin[Prepared]], Callable[[Sequence[str]], Answers]]
    """How a model answers to texts."""
    account: Callable[[Corpus, Mapping[str, Any], Sequence[Plan], int], list[str]]
    """See Material."""
    names: Callable[[list[str]], Vocabulary] | None = None
    """Makes the vocabulary of a target that is names, and not text."""
    by_word: bool = False
    """Whether there is a name for each word of the source."""


WRITTEN: Mapping[str, Written] = {
    "text": Written(TextInputs, SubwordTargets, _translations, _account_pairs),
    "label": Written(TextInputs, LabelTargets, _classes, _account_labels, label_names),
    "tags": Written(WordInputs, TagTargets, _tags, _account_tags, tag_names, by_word=True),
}
"""By kind of target."""
