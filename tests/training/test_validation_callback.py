from types import SimpleNamespace

import pytest
import torch
from torch import nn

from s2s.config.training import Training
from s2s.config.training import Validation as Config
from s2s.training.averaging import Averaging
from s2s.training.validation_callback import ValidationCallback, ValidationResult


class Scripted:
    """A validator that gives scores by heart, and draws random numbers while at it."""

    metric = "bleu"
    tie_breaker = None

    def __init__(self, scores, higher_is_better=True):
        self.scores, self.higher_is_better = iter(scores), higher_is_better
        self.kept = []

    def validate(self):
        assert not torch.is_grad_enabled()
        torch.rand(7)
        return ValidationResult({"loss": 1.0, "bleu": next(self.scores)}, [])

    def keep(self, result, step):
        self.kept.append((step, result.scores["bleu"]))


class Heard:
    def __init__(self):
        self.best = []

    def validated(self, result, step, best, seconds):
        self.best.append((step, best))


def drive(validation, steps, first=1, of=100):
    """The callback after each of some steps, until it stops the run; returns the last step."""
    task = SimpleNamespace(model=nn.Linear(1, 1), accumulate=1, device=torch.device("cpu"))
    trainer = SimpleNamespace(max_steps=of, should_stop=False, global_step=0)
    for step in range(first, steps + 1):
        trainer.global_step = step
        validation.on_train_batch_end(trainer, task, None, None, step)
        if trainer.should_stop:
            break
    assert task.model.training
    return trainer.global_step


def validation(validator, every=10, patience=0, averaging=None):
    heard = Heard()
    return ValidationCallback(
        validator, averaging or Averaging(Training()), Config(every=every), patience, [heard]
    ), heard


def test_the_best_model_is_kept_each_time_it_is_beaten():
    validator = Scripted([1.0, 3.0, 2.0, 3.0, 4.0])
    callback, heard = validation(validator)
    drive(callback, 50)
    assert validator.kept == [(10, 1.0), (20, 3.0), (50, 4.0)]
    assert heard.best == [(10, True), (20, True), (30, False), (40, False), (50, True)]
    assert (callback.best, callback.best_step) == (4.0, 50)


def test_an_error_rate_is_better_when_lower():
    validator = Scripted([5.0, 7.0, 3.0], higher_is_better=False)
    drive(validation(validator)[0], 30)
    assert validator.kept == [(10, 5.0), (30, 3.0)]


def test_of_equal_scores_the_one_with_the_lower_second_score_is_better():
    class Tied(Scripted):
        tie_breaker = "cer"

        def validate(self):
            return ValidationResult({"bleu": 2.0, "cer": next(self.scores)}, [])

        def keep(self, result, step):
            self.kept.append((step, result.scores["cer"]))

    validator = Tied([1.2, 1.5, 0.0, 0.0])
    begun, _ = validation(validator)
    drive(begun, 20)
    resumed, _ = validation(validator)
    resumed.load_state_dict(begun.state_dict())
    drive(resumed, 40, first=21)
    assert validator.kept == [(10, 1.2), (30, 0.0)]
    older, _ = validation(Tied([0.5]))
    older.load_state_dict({"best": 2.0, "best_step": 40, "waited": 0})  # of a checkpoint that has no second score
    drive(older, 50, first=41)
    assert older.best_step == 40


def test_the_last_step_always_validates():
    callback, heard = validation(Scripted([1.0, 2.0]))
    drive(callback, 13, of=13)
    assert [step for step, _ in heard.best] == [10, 13]


def test_patience_stops_the_run_after_so_many_validations_without_a_better_one():
    callback, _ = validation(Scripted([1.0, 3.0, 2.0, 3.0, 9.0]), patience=2)
    assert drive(callback, 100) == 40


def test_best_and_patience_go_on_from_a_checkpoint():
    begun, _ = validation(Scripted([1.0, 3.0, 2.0]), patience=2)
    drive(begun, 30)
    validator = Scripted([2.5, 9.0])
    resumed, _ = validation(validator, patience=2)
    resumed.load_state_dict(begun.state_dict())
    assert drive(resumed, 100, first=31) == 40
    assert validator.kept == []


def test_validation_leaves_the_random_numbers_of_training_alone():
    task = SimpleNamespace(model=nn.Linear(1, 1), accumulate=1, device=torch.device("cpu"))
    before = torch.get_rng_state()
    callback, heard = validation(Scripted([1.0]))
    callback.on_train_batch_end(SimpleNamespace(max_steps=99, global_step=10), task, None, None, 0)
    assert len(heard.best) == 1
    assert torch.equal(torch.get_rng_state(), before)


def test_a_validator_that_fails_leaves_the_model_in_training():
    model = nn.Linear(1, 1)
    callback, _ = validation(Scripted([]))
    task = SimpleNamespace(model=model, accumulate=1, device=torch.device("cpu"))
    with pytest.raises(StopIteration):
        callback.on_train_batch_end(SimpleNamespace(max_steps=9, global_step=10), task, None, None, 0)
    assert model.training
