"""Text to text: the training objective."""

import torch
from torch import Tensor

from s2s.config.translation import Translation
from s2s.data.batches import Batch
from s2s.nn.losses import cross_entropy, symmetric_kl
from s2s.nn.model import EncoderDecoder
from s2s.text.codec import EOS, PAD
from s2s.training.schedules import gold_share
from s2s.training.task import Objective, Task


class TranslationTask(Task):
    """Cross-entropy with label smoothing; if asked for, R-Drop and parallel scheduled sampling."""

    def __init__(self, model: EncoderDecoder, config: Translation) -> None:
        super().__init__(model, config.optimizer, config.schedule, config.training, config.batches.accumulate)
        self.loss_config = config.loss

    def objective(self, batch: Batch) -> Objective:
        """The loss of a batch, summed over its target tokens."""
        source, lengths = batch.source, batch.source_lengths
        target_in, target_out = batch.target_in, batch.target_out
        gold = gold_share(self.loss_config.teacher_forcing, self.global_step, self.training_config.steps)
        if gold < 1:
            target_in = self._mix(batch, gold)
        if self.loss_config.r_drop:
            # Two dropout passes are one pass over the batch stacked on itself.
            source, lengths, target_in, target_out = (
                torch.cat([tensor, tensor]) for tensor in (source, lengths, target_in, target_out)
            )
        keep = target_out != PAD
        logits = self.model(source, lengths, target_in, keep).logits
        loss, nll = cross_entropy(logits, target_out[keep], self.loss_config.label_smoothing)
        if self.loss_config.r_drop:
            # Half of equation 4 of the paper, so that the loss stays comparable with that of a single pass.
            one, other = logits.chunk(2)
            loss = 0.5 * (loss + self.loss_config.r_drop * symmetric_kl(one, other))
            nll = 0.5 * nll
        return Objective(loss, nll, batch.target_tokens, batch.target_tokens)

    def _mix(self, batch: Batch, gold: float) -> Tensor:
        """Decoder inputs (B, T) of which a share is replaced by what a first pass over the gold ones predicts.

        Parallel scheduled sampling: Mihaylova & Martins 2019, Duckworth et al. 2019.
        """
        with torch.no_grad():
            predicted = self.model(batch.source, batch.source_lengths, batch.target_in).logits.argmax(2)
        before = torch.cat([batch.target_in[:, :1], predicted[:, :-1]], 1)
        drawn = torch.rand(before.shape, device=before.device) >= gold
        # A prediction that the sentence is over would end the search; nothing is decoded after it.
        replaced = drawn & (batch.target_in != PAD) & (before != EOS)
        return torch.where(replaced, before, batch.target_in)
