import lightning as L
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from s2s.config.experiment import experiment_from
from s2s.data.batches import Examples
from s2s.data.corpus import Corpus
from s2s.data.sampler import Plan
from s2s.data.text_sides import SubwordTargets, TextInputs
from s2s.nn.model import build_model
from s2s.text.vocabulary import BOS, PAD
from s2s.training import objectives
from s2s.training.module import TrainingModule
from s2s.training.objectives import DecoderObjective, mix

VOCABULARY = 20


class Numbers:
    """Words are numbers, and so are their ids."""

    def words(self, text):
        return text.split()

    def segment(self, word):
        return [int(word)]

    def alternatives(self, word, alpha):
        return [[int(word)]], [1.0]


def corpus(pairs=12):
    generator = np.random.default_rng(1)
    sides = [
        [" ".join(map(str, generator.integers(4, VOCABULARY, generator.integers(1, 9)))) for _ in range(pairs)]
        for _ in range(2)
    ]
    return Corpus(*sides, Numbers(), Numbers(), max_length=9)


def make_task(dropout=0.0, accumulate=1, loss=None, steps=3):
    widths = {"embedding": 8, "hidden": 8, "dropout": dropout, "embedding_dropout": dropout}
    values = {
        "source": {"kind": "text"},
        "target": {"kind": "text", "vocabulary": {"kind": "word"}},
        "model": {"encoder": widths, "attention": {"size": 8}, "decoder": widths},
        "loss": loss or {},
        "batches": {"accumulate": accumulate},
        "optimizer": {"lr": 0.01, "clip_norm": 0.1},
        "schedule": {"warmup": 0},
        "training": {"steps": steps},
    }
    config = experiment_from(values, "the test")
    torch.manual_seed(3)
    model = build_model(config, {"source": VOCABULARY, "target": VOCABULARY}).double()
    return TrainingModule(model, DecoderObjective(config), config)


def sums(task, batch):
    return task.objective.sums(task.model, batch, 0)


def fit(task, batches):
    trainer = L.Trainer(
        accelerator="cpu",
        max_steps=len(batches) // task.accumulate,
        accumulate_grad_batches=task.accumulate,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        precision="64-true",
    )
    trainer.fit(task, DataLoader(batches, batch_size=None, collate_fn=lambda batch: batch))


def batches_of(parts):
    """A step's batches over a corpus whose rows are shared out between them."""
    data = corpus()
    tokens = int(data.lengths(None)[1].sum())
    examples = Examples(TextInputs(data.source), SubwordTargets(data.target), lambda row: {})
    return [examples[Plan(0, 0, np.asarray(rows), tokens)] for rows in parts]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("loss", [{}, {"r_drop": 2.0}, {"label_smoothing": 0.0}])
def test_accumulated_batches_are_the_big_batch(loss):
    whole, parts = make_task(loss=loss), make_task(loss=loss, accumulate=3)
    fit(whole, batches_of([range(12)]) * 3)
    # Uneven parts: a mean of the parts' means would be another gradient.
    fit(parts, batches_of([range(7), range(7, 9), range(9, 12)]) * 3)
    for one, other in zip(whole.model.parameters(), parts.model.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-12)


def test_r_drop_of_a_model_without_dropout_is_the_plain_loss():
    (batch,) = batches_of([range(12)])
    plain, doubled = sums(make_task(), batch), sums(make_task(loss={"r_drop": 5.0}), batch)
    assert doubled.loss.item() == pytest.approx(plain.loss.item())
    assert doubled.nll.item() == pytest.approx(plain.nll.item())
    assert doubled.tokens == plain.tokens == batch.tokens


def test_r_drop_punishes_passes_that_differ():
    (batch,) = batches_of([range(12)])
    losses = []
    for weight in (1e-9, 5.0):
        task = make_task(dropout=0.5, loss={"r_drop": weight})
        torch.manual_seed(0)
        losses.append(sums(task, batch).loss.item())
    assert losses[1] > losses[0] * 1.01


def test_scheduled_sampling_replaces_a_share_of_gold_inputs_by_predictions_and_never_bos_or_padding():
    (batch,) = batches_of([range(12)])
    task = make_task()
    torch.manual_seed(0)
    assert torch.equal(mix(task.model, batch, 1.0), batch.target["in"])
    mixed = mix(task.model, batch, 0.0)
    assert (mixed[:, 0] == BOS).all()
    assert torch.equal(mixed == PAD, batch.target["in"] == PAD)
    predicted = task.model(batch.source, batch.lengths, batch.target["in"]).logits.argmax(2)
    inner = batch.target["in"][:, 1:] != PAD
    same = mixed[:, 1:] == predicted[:, :-1]
    assert same[inner].float().mean() > 0.9  # all but the predicted ends of sentences
    half = (mix(task.model, batch, 0.5) != batch.target["in"]).sum() / (mixed != batch.target["in"]).sum()
    assert 0.2 < half < 0.8


@pytest.mark.filterwarnings("ignore")
def test_teacher_forcing_falls_over_the_run(monkeypatch):
    (batch,) = batches_of([range(12)])
    task = make_task(loss={"teacher_forcing": 0.0})
    asked = []
    monkeypatch.setattr(objectives, "mix", lambda model, batch, gold: asked.append(gold) or batch.target["in"])
    sums(task, batch)
    assert asked == []  # the first step is all gold
    fit(task, [batch] * 3)
    assert asked == pytest.approx([0.5, 0.0])
