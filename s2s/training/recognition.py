"""Pictures to text: the training objective."""

from s2s.config.recognition import Recognition
from s2s.data.images.batches import PictureBatch
from s2s.nn.losses import cross_entropy, ctc
from s2s.nn.model import CTCRecognizer, EncoderDecoder
from s2s.text.codec import PAD
from s2s.training.task import Objective, Task


class RecognitionTask(Task):
    """CTC, or the cross-entropy of an attention decoder."""

    unit = "images"
    budget = "pixels"

    def __init__(self, model: CTCRecognizer | EncoderDecoder, config: Recognition) -> None:
        super().__init__(model, config.optimizer, config.schedule, config.training, config.batches.accumulate)
        self.smoothing = config.loss.label_smoothing

    def objective(self, batch: PictureBatch) -> Objective:
        """The loss of a batch, summed over its pictures."""
        if isinstance(self.model, CTCRecognizer):
            logits, steps = self.model(batch.images, batch.widths)
            loss, _ = ctc(logits, steps, batch.target_out, batch.lengths, self.smoothing)
            nll = loss.detach()
            if self.smoothing:
                nll, _ = ctc(logits.detach(), steps, batch.target_out, batch.lengths)
        else:
            keep = batch.target_out != PAD
            logits = self.model(batch.images, batch.widths, batch.target_in, keep).logits
            loss, nll = cross_entropy(logits, batch.target_out[keep], self.smoothing)
        return Objective(loss, nll, batch.target_tokens, len(batch.rows))
