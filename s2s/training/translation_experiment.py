"""A translation experiment: vocabulary, corpora, model and judge from a config and a dataset."""

from dataclasses import replace
from typing import Any

from s2s.bundle.bundle import TranslationBundle
from s2s.bundle.codecs import unpack_subwords
from s2s.bundle.save import save
from s2s.config.errors import RequestError
from s2s.config.translation import Translation
from s2s.data.batches import Batch, PairBatches
from s2s.data.corpus import Corpus
from s2s.data.sampler import Plan, padding
from s2s.data.store import Prepared
from s2s.inference.ordinary import Ordinary
from s2s.inference.result import Result
from s2s.inference.translator import Translator
from s2s.nn.model import EncoderDecoder, build
from s2s.text.subwords import Subwords
from s2s.training.data import TrainingData
from s2s.training.experiment import Experiment
from s2s.training.luggage import pack
from s2s.training.origin import Origin, judged
from s2s.training.processes import once, spread
from s2s.training.start import start_from
from s2s.training.texts import Texts, read_texts, train_codecs
from s2s.training.translation import TranslationTask
from s2s.training.translation_judge import TranslationJudge
from s2s.training.validation import Judgement

UNLIMITED = 2**40
"""A length that no sentence has: validation leaves none out."""


def account(model: EncoderDecoder, codecs: tuple[Subwords, Subwords], corpus: Corpus, data: TrainingData) -> list[str]:
    """Lines that say what is about to be trained."""
    source, target = corpus.lengths(0)
    batches = [plan.rows for plan in data.sampler.epoch(0)]
    steps = data.sampler.steps(0)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    vocabulary = f"{len(codecs[0]):,}" if codecs[0] is codecs[1] else f"{len(codecs[0]):,} + {len(codecs[1]):,}"
    lines = [
        f"{parameters:,} parameters, vocabulary {vocabulary}",
        f"{len(corpus):,} pairs, {source.mean():.1f} source and {target.mean():.1f} target tokens on average",
        f"{steps:,} step{'s' * (steps > 1)} an epoch of {target.sum() / steps:,.0f} target tokens, "
        f"{100 * padding(batches, source, target):.1f} % padding",
    ]
    if corpus.too_long:
        lines.append(f"{corpus.too_long:,} pairs longer than batches.max_length are left out of training")
    return lines


def worst_batch(corpus: Corpus, data: TrainingData) -> Batch:
    """The batch of the first epoch with the most padded tokens."""
    source, target = corpus.lengths(0)

    def size(plan: Plan) -> int:
        return len(plan.rows) * int(source[plan.rows].max() + target[plan.rows].max())

    return PairBatches(corpus)[max(data.sampler.epoch(0), key=size)]


def adopt_vocabulary(config: Translation, start: TranslationBundle) -> Translation:
    """The config with the vocabulary of the model that a run starts from; how it is sampled stays the config's own."""
    ours = config.subwords
    try:
        return replace(config, subwords=replace(start.config.subwords, sample=ours.sample, alpha=ours.alpha))
    except ValueError as error:
        raise RequestError(f"the config does not suit the vocabulary of the model to start from: {error}") from None


def build_translation(
    origin: Origin[Translation, Prepared],
    checkpoint: dict[str, Any] | None = None,
    start: TranslationBundle | None = None,
) -> Experiment:
    """Put together what `train` needs.

    Args:
        origin: config, data, places.
        checkpoint: of the run to go on with; its vocabulary is used.
        start: the model to start from; its vocabulary and weights are used.

    Raises:
        RequestError: the data or the model to start from do not suit the config.
    """
    config = origin.config
    texts, validation_texts = read_texts(origin.data, config.training.seed, origin.place.say)
    if checkpoint is not None:
        codecs = unpack_subwords(checkpoint["s2s"], "the checkpoint")
    elif start is not None:
        codecs = start.source_codec, start.target_codec
    else:
        # Once, though all would train the same one: they would only take the cores from each other.
        codecs = once(lambda: train_codecs(texts, config.subwords, origin.place.say))
    corpus = Corpus(
        texts.source,
        texts.target,
        *codecs,
        max_length=config.batches.max_length,
        max_sampled=min(config.batches.max_length, config.batches.tokens - 1),
        sample=config.subwords.sample,
        alpha=config.subwords.alpha,
        seed=config.training.seed,
    )
    _check_sizes(corpus, config, origin.data)
    model = build(config.model, len(codecs[0]), len(codecs[1]))
    if start is not None:
        start_from(model, start.model)
    if config.training.precision == "64":
        model.double()  # before a checkpoint is read into it, or half of the digits would be lost
    epoch, step = (0, 0) if checkpoint is None else checkpoint["s2s"]["position"]
    data = TrainingData(
        PairBatches(corpus), corpus.lengths, config.batches.tokens, config.batches, config.training.seed, (epoch, step)
    )
    longest = int(corpus.source.lengths(None).max())
    bundle = TranslationBundle(
        model, config, *codecs, origin.data.languages, longest, info=origin.facts(checkpoint, start)
    )
    return Experiment(
        task=TranslationTask(model, config),
        data=data,
        judge=_judge(origin, bundle, validation_texts),
        worst_batch=lambda: worst_batch(corpus, data),
        examples=lambda rows: [
            {"source": texts.source[line], "target": texts.target[line]} for line in corpus.lines[rows]
        ],
        luggage=lambda: pack(bundle),
        account=account(model, codecs, corpus, data),
    )


def _judge(origin: Origin[Translation, Prepared], bundle: TranslationBundle, texts: Texts) -> TranslationJudge:
    config = origin.config
    corpus = Corpus(texts.source, texts.target, bundle.source_codec, bundle.target_codec, max_length=UNLIMITED)
    translator = Translator.from_bundle(bundle, origin.place.device)
    translator.spread = spread
    seen: list[Result] = []

    def translate(sources: list[str]) -> list[str]:
        seen[:] = translator(sources, beam=config.validation.beam)
        return [result.text for result in seen]

    def keep(judgement: Judgement, step: int) -> None:
        kept, ordinary = judged(bundle, judgement, step, texts.split), Ordinary.of(seen)
        save(origin.place.model, replace(kept, info=ordinary.record(kept.info)) if ordinary else kept)

    return TranslationJudge(
        bundle.model,
        corpus,
        (texts.source, texts.target),
        origin.data.languages[1],
        config.validation,
        config.batches.tokens,
        translate,
        keep,
    )


def _check_sizes(corpus: Corpus, config: Translation, data: Prepared) -> None:
    """Raise RequestError unless there is something to train on, and a batch can hold it."""
    if not len(corpus):
        raise RequestError(f"{data.path}: no training pair is within batches.max_length")
    longest = max(int(side.max()) for side in corpus.lengths(None))
    if longest > config.batches.tokens:
        raise RequestError(
            f"the longest training example has {longest} tokens, more than batches.tokens {config.batches.tokens}; "
            "raise batches.tokens or lower batches.max_length"
        )
