from types import SimpleNamespace

import pytest
import torch
from torch import nn

from s2s.config.training import Training
from s2s.training.averaging import Averaging


def drive(averaging, values, accumulate=1):
    """A model whose one weight takes these values after each batch; its averaged weight in the end."""
    model = nn.Linear(1, 1, bias=False)
    task = SimpleNamespace(model=model, accumulate=accumulate, skipped=False)
    trainer = SimpleNamespace(global_step=0)
    with torch.no_grad():
        model.weight.fill_(values[0])
        averaging.on_train_start(trainer, task)
        for at, value in enumerate(values[1:]):
            model.weight.fill_(value)
            trainer.global_step = (at + 1) // accumulate
            averaging.on_train_batch_end(trainer, task, None, None, at)
    return model, task, trainer


def test_the_moving_average_follows_its_recurrence_and_starts_fast():
    values = [1.0, 2.0, 5.0, -1.0]
    averaging = Averaging(Training(ema=0.5))
    drive(averaging, values)
    expected = values[0]
    for step, value in enumerate(values[1:], 1):
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    assert averaging.averaged()["weight"].item() == pytest.approx(expected)


def test_the_moving_average_moves_once_a_step_not_once_a_batch():
    every, second = Averaging(Training(ema=0.5)), Averaging(Training(ema=0.5))
    drive(every, [1.0, 2.0, 5.0])
    drive(second, [1.0, 7.0, 2.0, 7.0, 5.0], accumulate=2)
    assert every.averaged()["weight"].item() == second.averaged()["weight"].item()


def test_the_mean_of_the_last_validated_weights():
    averaging = Averaging(Training(average=2))
    model, _, _ = drive(averaging, [0.0])
    for value in (1.0, 2.0, 4.0):
        with torch.no_grad():
            model.weight.fill_(value)
        averaging.validating(model)
    assert averaging.averaged()["weight"].item() == pytest.approx(3.0)
    assert len(averaging.kept) == 2


def test_averaged_weights_are_swapped_in_and_back_to_the_bit():
    averaging = Averaging(Training(ema=0.9))
    model, _, _ = drive(averaging, [0.1, 0.3])
    trained = model.weight.item()
    address = model.weight.data_ptr()
    with averaging.swapped_in(model):
        assert model.weight.item() == averaging.averaged()["weight"].item() != trained
        assert model.weight.data_ptr() == address
    assert model.weight.item() == trained


def test_weights_come_back_when_validation_fails():
    averaging = Averaging(Training(ema=0.9))
    model, _, _ = drive(averaging, [0.1, 0.3])
    trained = model.weight.item()
    with pytest.raises(ZeroDivisionError), averaging.swapped_in(model):
        raise ZeroDivisionError
    assert model.weight.item() == trained


def test_without_averaging_the_weights_are_themselves():
    averaging = Averaging(Training())
    model, _, _ = drive(averaging, [0.1, 0.3])
    with averaging.swapped_in(model):
        assert model.weight.item() == pytest.approx(0.3)
    assert averaging.averaged() is None


def test_the_average_goes_on_from_a_checkpoint():
    whole, begun, resumed = (Averaging(Training(ema=0.9)) for _ in range(3))
    drive(whole, [1.0, 2.0, 3.0])
    _, task, trainer = drive(begun, [1.0, 2.0])
    resumed.load_state_dict(begun.state_dict())
    resumed.on_train_start(trainer, task)
    with torch.no_grad():
        task.model.weight.fill_(3.0)
    trainer.global_step = 2
    resumed.on_train_batch_end(trainer, task, None, None, 1)
    assert torch.equal(resumed.averaged()["weight"], whole.averaged()["weight"])
