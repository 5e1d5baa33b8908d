"""What training minimises and validation measures: one objective for each kind of target."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from s2s.config.experiment import Experiment
from s2s.config.training import DecoderLoss
from s2s.data.batches import Batch
from s2s.nn.heads import BLANK, FIRST_LABEL
from s2s.nn.losses import cross_entropy, ctc, symmetric_kl
from s2s.nn.memory import DecoderState
from s2s.nn.model import EncoderDecoder, EncoderHead, LanguageModel
from s2s.nn.running import token_nll
from s2s.text.vocabulary import EOS, PAD, UNK
from s2s.training.schedules import gold_share


@dataclass
class Sums:
    """What a batch contributes, summed over its tokens."""

    loss: Tensor
    """What is minimised, with a gradient."""
    nll: Tensor
    """Negative log-likelihood of the tokens, for people to read."""
    tokens: int
    """How many tokens."""
    state: DecoderState | None = None
    """What the batch after it goes on from, where batches follow one another."""


@dataclass
class ValidationSums:
    """What validation counts of a batch."""

    nll: float
    """Negative log-likelihood of the tokens that can have one."""
    tokens: int
    """How many those are."""
    blank: int = 0
    """Steps at which a CTC head writes nothing."""
    steps: int = 0
    """All its steps."""


class Objective(ABC):
    """The objective of an experiment. Models are given in the mode, training or evaluation, that is meant."""

    blanks = False
    """Whether it has steps at which nothing is written."""
    state: DecoderState | None = None
    """What the next training batch goes on from, where batches follow one another; set as a step is taken."""

    def __init__(self, config: Experiment) -> None:
        self.smoothing = config.loss.label_smoothing

    @abstractmethod
    def sums(self, model: nn.Module, batch: Batch, step: int) -> Sums:
        """The loss of a training batch at an optimiser step, from 0."""

    @abstractmethod
    def validation_sums(self, model: nn.Module, batch: Batch) -> ValidationSums:
        """What validation counts."""


class DecoderObjective(Objective):
    """Cross-entropy with label smoothing; if asked for, R-Drop and parallel scheduled sampling."""

    def __init__(self, config: Experiment) -> None:
        super().__init__(config)
        assert isinstance(config.loss, DecoderLoss)
        self.r_drop, self.teacher_forcing = config.loss.r_drop, config.loss.teacher_forcing
        self.steps = config.training.steps

    def sums(self, model: nn.Module, batch: Batch, step: int) -> Sums:
        """See Objective."""
        assert isinstance(model, EncoderDecoder)
        source, lengths, read, written = batch.source, batch.lengths, batch.target["in"], batch.target["out"]
        gold = gold_share(self.teacher_forcing, step, self.steps)
        if gold < 1:
            read = mix(model, batch, gold)
        if self.r_drop:
            # Two dropout passes are one pass over the batch stacked on itself.
            source, lengths, read, written = (torch.cat([one, one]) for one in (source, lengths, read, written))
        keep = written != PAD
        logits = model(source, lengths, read, keep).logits
        loss, nll = cross_entropy(logits, written[keep], self.smoothing)
        if self.r_drop:
            # Half of equation 4 of the paper, so that the loss stays comparable with that of a single pass.
            one, other = logits.chunk(2)
            loss = 0.5 * (loss + self.r_drop * symmetric_kl(one, other))
            nll = 0.5 * nll
        return Sums(loss, nll, batch.tokens)

    def validation_sums(self, model: nn.Module, batch: Batch) -> ValidationSums:
        """See Objective."""
        written = batch.target["out"]
        keep = written != PAD
        logits = model(batch.source, batch.lengths, batch.target["in"], keep).logits
        return ValidationSums(float(cross_entropy(logits, written[keep])[1]), batch.tokens)


class CtcObjective(Objective):
    """Connectionist temporal classification."""

    blanks = True

    def sums(self, model: nn.Module, batch: Batch, step: int) -> Sums:
        """See Objective."""
        logits, steps = model(batch.source, batch.lengths)
        written, lengths = batch.target["out"], batch.target["lengths"]
        loss, _ = ctc(logits, steps, written, lengths, self.smoothing)
        nll = loss.detach()
        if self.smoothing:
            nll, _ = ctc(logits.detach(), steps, written, lengths)
        return Sums(loss, nll, batch.tokens)

    def validation_sums(self, model: nn.Module, batch: Batch) -> ValidationSums:
        """See Objective."""
        assert isinstance(model, EncoderHead)
        logits, steps = model(batch.source, batch.lengths)
        written, lengths = batch.target["out"], batch.target["lengths"]
        inside = torch.arange(logits.shape[1], device=logits.device) < steps[:, None]
        blank = int((logits.argmax(2) == BLANK)[inside].sum())
        # A character outside of the charset has no label, and a text longer than its steps no path.
        known = (written != UNK).all(1)
        if not known.any():
            return ValidationSums(0.0, 0, blank, int(steps.sum()))
        loss, impossible = ctc(logits[known], steps[known], written[known], lengths[known])
        return ValidationSums(float(loss), int((lengths[known] + 1)[~impossible].sum()), blank, int(steps.sum()))


class NextObjective(Objective):
    """Cross-entropy of each next token, by backpropagation through one window; states go on to the next.

    They begin with zeros in every epoch.
    """

    def sums(self, model: nn.Module, batch: Batch, step: int) -> Sums:
        """See Objective."""
        written = batch.target["out"]
        keep = written != PAD
        output = model(batch.target["in"], keep, None if batch.step == 0 else self.state)
        loss, nll = cross_entropy(output.logits, written[keep], self.smoothing)
        # In the precision of the weights, whatever the products were in, so that a checkpoint's is always the same.
        dtype = next(model.parameters()).dtype
        return Sums(loss, nll, batch.tokens, output.state.map(lambda part: part.detach().to(dtype)))

    def validation_sums(self, model: nn.Module, batch: Batch) -> ValidationSums:
        """See Objective."""
        assert isinstance(model, LanguageModel)
        written = batch.target["out"]
        nll = token_nll(model, batch.target["in"], written)
        return ValidationSums(float(nll[written != PAD].double().sum()), batch.tokens)


class NamesObjective(Objective):
    """Cross-entropy of one class an example, or of one tag a word, with label smoothing."""

    def __init__(self, config: Experiment) -> None:
        super().__init__(config)
        self.key = config.target.kind

    def sums(self, model: nn.Module, batch: Batch, step: int) -> Sums:
        """See Objective."""
        loss, nll = self._cross_entropy(model, batch, batch.target[self.key] != PAD, self.smoothing)
        return Sums(loss, nll, batch.tokens)

    def validation_sums(self, model: nn.Module, batch: Batch) -> ValidationSums:
        """See Objective. A name that was not trained has no probability."""
        known = (batch.target[self.key] != PAD) & (batch.target[self.key] != UNK)
        if not known.any():
            return ValidationSums(0.0, 0)
        return ValidationSums(float(self._cross_entropy(model, batch, known, 0.0)[1]), int(known.sum()))

    def _cross_entropy(self, model: nn.Module, batch: Batch, where: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
        logits, _ = model(batch.source, batch.lengths)
        return cross_entropy(logits[where], batch.target[self.key][where] - FIRST_LABEL, smoothing)


OBJECTIVES: Mapping[str, Callable[[Experiment], Objective]] = {
    "text": DecoderObjective,
    "ctc": CtcObjective,
    "next": NextObjective,
    "label": NamesObjective,
    "tags": NamesObjective,
}
"""By kind of target."""


def mix(model: EncoderDecoder, batch: Batch, gold: float) -> Tensor:
    """Decoder inputs (B, T) of which a share is replaced by what a first pass over the gold ones predicts.

    Parallel scheduled sampling: Mihaylova & Martins 2019, Duckworth et al. 2019.
    """
    read = batch.target["in"]
    with torch.no_grad():
        predicted = model(batch.source, batch.lengths, read).logits.argmax(2)
    before = torch.cat([read[:, :1], predicted[:, :-1]], 1)
    drawn = torch.rand(before.shape, device=before.device) >= gold
    # A prediction that the sentence is over would end the search; nothing is decoded after it.
    replaced = drawn & (read != PAD) & (before != EOS)
    return torch.where(replaced, before, read)
