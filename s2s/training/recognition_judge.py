"""Validating a recogniser: the loss of the labels, and scores of what it really reads."""

from collections.abc import Callable, Sequence

import torch

from s2s.config.recognition import Validation
from s2s.config.training import LOSS
from s2s.data.images.batches import PictureBatches
from s2s.data.sampler import Plan, plan_buckets
from s2s.image.load import Pixels
from s2s.metrics.names import check_metric
from s2s.metrics.score import score
from s2s.nn.heads import BLANK
from s2s.nn.losses import cross_entropy, ctc
from s2s.nn.model import CTCRecognizer, EncoderDecoder
from s2s.text.codec import PAD, UNK
from s2s.training.chosen import Chosen
from s2s.training.processes import spread
from s2s.training.validation import Judgement, Sample

CER = "cer"
"""Of two models with the same score that counts the one with less of this is better."""
SHOWN = (CER, "word_accuracy")
"""Scores that are always told."""
BLANKS = "blanks"
"""Percentage of the steps at which a CTC head says nothing."""
PLATEAU = 0.95
"""Share of the pictures read as nothing from which a model is said to be on the blank plateau."""


class RecognitionJudge:
    """Scores the weights that the model has at the moment.

    Args:
        model: in evaluation mode when it is judged.
        batches: the validation split, not augmented.
        chosen: which of its pictures are read.
        config: metric, how many examples are shown.
        pixels: padded pixels a batch of the loss.
        read: pictures in the model's form to texts, with the model's weights of the moment.
        save: keeps the model, with what was said of it and the step.
    """

    def __init__(
        self,
        model: CTCRecognizer | EncoderDecoder,
        batches: PictureBatches,
        chosen: Chosen,
        config: Validation,
        pixels: int,
        read: Callable[[Sequence[Pixels]], list[str]],
        save: Callable[[Judgement, int], None],
    ) -> None:
        self.metric = config.metric
        self.higher_is_better = config.metric != LOSS and check_metric(config.metric).higher_is_better
        self.tie_breaker = None if config.metric == CER else CER
        self.decoded = chosen.words
        self.keep = save
        names = [BLANKS] if isinstance(model, CTCRecognizer) else []
        names += [name for name in SHOWN if name != config.metric]
        self.names = (*names, *([] if config.metric == LOSS else [config.metric]))
        self._model, self._batches, self._config, self._read = model, batches, config, read
        gallery = batches.gallery
        self._rows = chosen.rows.tolist()
        self._plans = [Plan(0, 0, rows, 0) for rows in plan_buckets(*gallery.lengths(), pixels, 1, 0, 0)]

    def judge(self) -> Judgement:
        """The loss, the share of blanks, and the scores of the texts."""
        gallery = self._batches.gallery
        loss, blanks = self._loss()
        texts = self._read([gallery[row] for row in self._rows])
        labels = [gallery.texts[row] for row in self._rows]
        scores, signatures = {LOSS: loss}, {}
        for name in self.names:
            if name == BLANKS:
                scores[name] = 100 * blanks
                continue
            found = score(name, texts, labels, bootstrap=0)
            scores[name], signatures[name] = found.value, found.signature
        names = [gallery.names[row] for row in self._rows]
        samples = [Sample(*parts) for parts in zip(names, labels, texts, strict=True)]
        shown = samples[: self._config.samples]
        return Judgement(scores, shown, self._notes(texts, labels), signatures, self.decoded)

    def _notes(self, texts: list[str], labels: list[str]) -> list[str]:
        silent = [not text for text, label in zip(texts, labels, strict=True) if label]
        if BLANKS not in self.names or sum(silent) < PLATEAU * max(1, len(silent)):
            return []
        return [
            "it reads nothing yet: the blank plateau, which CTC begins with and leaves all at once; if it lasts for "
            "thousands of steps, raise optimizer.lr or begin with shorter texts"
        ]

    def _loss(self) -> tuple[float, float]:
        """Loss a token over the pictures that can have one, and the share of blanks."""
        loss, tokens, blanks, steps = (sum(column) for column in zip(*spread(self._counts, self._plans), strict=True))
        return loss / max(1, tokens), blanks / max(1, steps)

    def _counts(self, plan: Plan) -> tuple[float, int, int, int]:
        """Of a batch: the summed loss, the tokens that have one, blank steps, all steps."""
        device = self._model.device
        batch = self._batches[plan].to(device)
        if not isinstance(self._model, CTCRecognizer):
            keep = batch.target_out != PAD
            logits = self._model(batch.images, batch.widths, batch.target_in, keep).logits
            return float(cross_entropy(logits, batch.target_out[keep])[1]), batch.target_tokens, 0, 0
        logits, steps = self._model(batch.images, batch.widths)
        inside = torch.arange(logits.shape[1], device=device) < steps[:, None]
        blanks = int((logits.argmax(2) == BLANK)[inside].sum())
        # A character outside of the charset has no label, and a text longer than its steps no path.
        known = (batch.target_out != UNK).all(1)
        if not known.any():
            return 0.0, 0, blanks, int(steps.sum())
        loss, impossible = ctc(logits[known], steps[known], batch.target_out[known], batch.lengths[known])
        return float(loss), int((batch.lengths[known] + 1)[~impossible].sum()), blanks, int(steps.sum())
