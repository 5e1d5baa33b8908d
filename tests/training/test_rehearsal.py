from types import SimpleNamespace

import lightning as L
import pytest
import torch
from torch import nn

from s2s.config.errors import WorkError
from s2s.training.rehearsal import Rehearsal


class Anything:
    size = "3 rows"

    def to(self, device):
        return self


def rehearse(loss):
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    task = SimpleNamespace(model=model, device=torch.device("cpu"), budget="tokens")
    task.global_step, task.objective = 0, SimpleNamespace(sums=lambda *_: SimpleNamespace(loss=loss(model)))
    trainer = L.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False)
    Rehearsal(Anything).on_train_start(trainer, task)
    return model


def test_the_worst_batch_leaves_weights_gradients_and_random_numbers_alone():
    passes = []

    def loss(model):
        passes.append(model[0].weight.detach().clone())
        return nn.functional.dropout(model(torch.rand(5, 3)), 0.5).sum()

    torch.manual_seed(0)
    nn.Linear(3, 3)  # draws what the model's own does
    expected = torch.rand(3)
    torch.manual_seed(0)
    model = rehearse(loss)
    assert torch.equal(torch.rand(3), expected)
    assert model[0].weight.grad is None
    assert len(passes) == 1
    assert torch.equal(model[0].weight, passes[0])
    assert model[1].running_mean.eq(0).all()
    assert model[1].num_batches_tracked == 0


def test_a_worst_batch_that_does_not_fit_is_told_with_the_setting_to_lower():
    def loss(model):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(WorkError, match=r"out of memory for the largest batch, 3 rows; lower batches\.tokens"):
        rehearse(loss)
