import numpy as np
import torch

from s2s.data.batches import Examples
from s2s.data.corpus import Corpus
from s2s.data.sampler import Plan
from s2s.data.text_sides import SubwordTargets, TextInputs
from s2s.text.vocabulary import BOS, EOS, PAD


class Codepoints:
    """Words at spaces, letters as pieces, a word said twice as its alternative."""

    def words(self, text):
        return text.split()

    def segment(self, word):
        return [ord(letter) for letter in word]

    def alternatives(self, word, alpha):
        return [self.segment(word), self.segment(word + word)], [0.5, 0.5]


def pairs(sample=0.0):
    return Corpus(["ab", "c", ""], ["x", "yz w", "u"], Codepoints(), Codepoints(), max_length=9, sample=sample)


def examples(data):
    return Examples(TextInputs(data.source), SubwordTargets(data.target), lambda row: {})


def collate(data, plan, resample=True):
    return examples(data).batch(plan, plan.epoch if resample else None)


def test_both_sides_end_with_eos_and_the_decoder_reads_the_target_one_step_late():
    batch = collate(pairs(), Plan(0, 4, np.array([1, 0]), 11))
    a, b, c, w, x, y, z = map(ord, "abcwxyz")
    assert batch.source.tolist() == [[c, EOS, PAD], [a, b, EOS]]
    assert batch.lengths.tolist() == [2, 3]
    assert batch.target["out"].tolist() == [[y, z, w, EOS], [x, EOS, PAD, PAD]]
    assert batch.target["in"].tolist() == [[BOS, y, z, w], [BOS, x, PAD, PAD]]
    assert (batch.tokens, batch.step_tokens, batch.epoch, batch.step) == (6, 11, 0, 4)
    assert batch.rows.tolist() == [1, 0]


def test_a_blank_side_is_just_its_end():
    assert collate(pairs(), Plan(0, 0, np.array([2]), 2)).source.tolist() == [[EOS]]


def test_sampled_batches_fit_the_lengths_that_the_sampler_saw():
    data = pairs(sample=0.5)
    for epoch in range(5):
        source, target = data.lengths(epoch)
        batch = examples(data)[Plan(epoch, 0, np.arange(3), 9)]
        assert batch.lengths.tolist() == source.tolist()
        assert (batch.target["out"] != PAD).sum(1).tolist() == target.tolist()
        best = collate(data, Plan(epoch, 0, np.arange(3), 9), resample=False)
        assert torch.equal(best.source, collate(pairs(), Plan(0, 0, np.arange(3), 9)).source)


def test_a_batch_moves_as_a_whole():
    batch = collate(pairs(), Plan(0, 0, np.arange(3), 9)).to(torch.device("meta"))
    assert {batch.source.device, batch.lengths.device, batch.target["in"].device} == {torch.device("meta")}
