"""Validating a translation model: the loss of the references, and scores of what it really translates."""

from collections.abc import Callable, Sequence

import numpy as np

from s2s.config.training import LOSS, Validation
from s2s.data.batches import collate
from s2s.data.corpus import Corpus
from s2s.data.sampler import Plan, plan_batches
from s2s.metrics.names import check_metric
from s2s.metrics.score import score
from s2s.nn.losses import cross_entropy
from s2s.nn.model import EncoderDecoder
from s2s.text.codec import PAD
from s2s.training.chosen import Chosen
from s2s.training.processes import spread
from s2s.training.validation import Judgement, Sample


class TranslationJudge:
    """Scores the weights that the model has at the moment.

    Args:
        model: in evaluation mode when it is judged.
        corpus: the validation split, none of it left out.
        texts: its sources and its references, in the order of the corpus.
        chosen: which of its examples are decoded.
        language: of the target.
        config: metric, how many examples are shown.
        tokens: padded tokens a batch of the loss.
        translate: sources to outputs, with the model's weights of the moment.
        save: keeps the model, with what was said of it and the step.
    """

    def __init__(
        self,
        model: EncoderDecoder,
        corpus: Corpus,
        texts: tuple[Sequence[str], Sequence[str]],
        chosen: Chosen,
        language: str,
        config: Validation,
        tokens: int,
        translate: Callable[[list[str]], list[str]],
        save: Callable[[Judgement, int], None],
    ) -> None:
        self.metric = config.metric
        self.names: tuple[str, ...] = () if config.metric == LOSS else (config.metric,)
        self.higher_is_better = config.metric != LOSS and check_metric(config.metric).higher_is_better
        self.tie_breaker: str | None = None
        self.decoded = chosen.words
        self.keep = save
        self._model, self._corpus, self._language, self._config = model, corpus, language, config
        self._translate = translate
        self._sources, self._references = ([side[row] for row in chosen.rows] for side in texts)
        source, target = corpus.lengths(None)
        budget = max(tokens, int(np.maximum(source, target).max()))
        self._plans = [Plan(0, 0, rows, 0) for rows in plan_batches(source, target, budget, 1, 0, 0)]

    def judge(self) -> Judgement:
        """The loss, and the score of the outputs where the metric is not the loss."""
        scores, signatures = {LOSS: self._loss()}, {}
        shown = len(self._sources) if self.metric != LOSS else self._config.samples
        outputs = self._translate(self._sources[:shown])
        if self.metric != LOSS:
            found = score(self.metric, outputs, self._references, self._language, bootstrap=0)
            scores[self.metric], signatures[self.metric] = found.value, found.signature
        samples = [Sample(*texts) for texts in zip(self._sources, self._references, outputs, strict=False)]
        return Judgement(scores, samples[: self._config.samples], signatures=signatures, decoded=self.decoded)

    def _loss(self) -> float:
        losses, tokens = zip(*spread(self._loss_of, self._plans), strict=True)
        return sum(losses) / sum(tokens)

    def _loss_of(self, plan: Plan) -> tuple[float, int]:
        """A batch's summed loss, and its target tokens."""
        batch = collate(self._corpus, plan, resample=False).to(self._model.device)
        keep = batch.target_out != PAD
        logits = self._model(batch.source, batch.source_lengths, batch.target_in, keep).logits
        return float(cross_entropy(logits, batch.target_out[keep])[1]), batch.target_tokens
