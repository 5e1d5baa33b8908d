from itertools import islice

import pytest
import torch

from s2s.config.training import TokenBatches
from s2s.data.batches import Examples
from s2s.data.corpus import Corpus
from s2s.data.text_sides import SubwordTargets, TextInputs
from s2s.text.train_subwords import train_subwords
from s2s.training.data import TrainingData
from tests.training.tiny import numbers, tiny


@pytest.fixture(scope="module")
def corpus():
    pairs = numbers().keep(list(range(40)))
    vocabulary = train_subwords([*pairs.source, *pairs.target], tiny().source.vocabulary)
    return Corpus(pairs.source, pairs.target, vocabulary, vocabulary, max_length=60, sample=0.5, alpha=0.3, seed=1)


def loaded(corpus, workers, start=(0, 0), count=12):
    config = TokenBatches(tokens=128, accumulate=2, max_length=60, workers=workers)
    examples = Examples(TextInputs(corpus.source), SubwordTargets(corpus.target), lambda row: {})
    data = TrainingData(examples, config, seed=1, start=start)
    return data, list(islice(data.train_dataloader(), count))


def fingerprint(batches):
    return [
        (b.source.tolist(), b.target["in"].tolist(), b.target["out"].tolist(), b.step_tokens, b.epoch) for b in batches
    ]


def test_batches_are_the_same_for_any_number_of_workers(corpus):
    assert fingerprint(loaded(corpus, 2)[1]) == fingerprint(loaded(corpus, 0)[1])


def test_loading_goes_on_after_any_step_across_epochs(corpus):
    _, batches = loaded(corpus, 0, count=40)
    assert batches[-1].epoch > 0
    for step in (1, 5, 15):
        data, _ = loaded(corpus, 0, count=0)
        start = data.following(batches[2 * step - 1])
        assert fingerprint(loaded(corpus, 0, start, count=8)[1]) == fingerprint(batches[2 * step : 2 * step + 8])


def test_loading_leaves_the_random_numbers_of_training_alone(corpus):
    before = torch.get_rng_state()
    loaded(corpus, 2)
    assert torch.equal(torch.get_rng_state(), before)
