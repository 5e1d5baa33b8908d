"""CTC search against the enumeration of every path of small lattices."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from s2s.nn.heads import SHIFT
from s2s.search.ctc import align, beam, greedy
from s2s.text.vocabulary import EOS

V = 3  # a blank and two characters


def collapse(path):
    """The text that a path writes: repeats dropped, then blanks."""
    return tuple(label for label, _ in itertools.groupby(path) if label)


def texts(log_probs):
    """Every text of a lattice (S, V): probability over all paths, and its best path."""
    total, best = {}, {}
    for path in itertools.product(range(log_probs.shape[1]), repeat=log_probs.shape[0]):
        score = sum(log_probs[step, label].item() for step, label in enumerate(path))
        text = collapse(path)
        total[text] = total.get(text, 0.0) + math.exp(score)
        if text not in best or score > best[text][0]:
            best[text] = score, path
    return total, best


def spans(path):
    """First step and the one after the last of each character of a path."""
    found, step = [], 0
    for label, run in itertools.groupby(path):
        size = len(list(run))
        if label:
            found.append((step, step + size))
        step += size
    return found


def lattice(seed, rows=1, steps=5, sharpness=2.0, vocabulary=V):
    generator = torch.Generator().manual_seed(seed)
    return (sharpness * torch.randn(rows, steps, vocabulary, generator=generator, dtype=torch.float64)).log_softmax(2)


def labels(reading):
    return tuple(token - SHIFT for token in reading.tokens)


@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from([0.5, 2.0, 5.0]))
def test_greedy_writes_the_best_path_and_knows_the_probability_of_its_text(seed, steps, sharpness):
    log_probs = lattice(seed, 1, steps, sharpness)
    path = log_probs[0].argmax(1).tolist()
    (reading,) = greedy(log_probs, torch.tensor([steps]))
    assert labels(reading) == collapse(path)
    assert reading.spans == spans(path)
    assert reading.confidence == pytest.approx(texts(log_probs[0])[0][collapse(path)])
    for (start, end), token, probability in zip(reading.spans, reading.tokens, reading.probabilities, strict=True):
        assert probability == pytest.approx(log_probs[0, start:end, token - SHIFT].max().exp().item())


@given(st.integers(0, 10**6), st.integers(1, 5), st.sampled_from([0.0, 0.5, 2.0, 5.0]))
def test_a_wide_beam_finds_every_text_in_the_order_of_its_probability(seed, steps, sharpness):
    log_probs = lattice(seed, 1, steps, sharpness)
    total, best = texts(log_probs[0])
    (found,) = beam(log_probs, torch.tensor([steps]), size=100, n_best=100)
    assert len(found) == len(total)
    assert {labels(reading) for reading in found} == set(total)
    confidences = [reading.confidence for reading in found]
    assert confidences == sorted(confidences, reverse=True)
    for reading in found:
        assert reading.confidence == pytest.approx(total[labels(reading)])
        # Where paths tie any of them will do.
        path = [0] * steps
        for label, (start, end) in zip(labels(reading), reading.spans, strict=True):
            path[start:end] = [label] * (end - start)
        assert collapse(path) == labels(reading)
        score = sum(log_probs[0, step, label].item() for step, label in enumerate(path))
        assert score == pytest.approx(best[labels(reading)][0])


def test_the_beam_beats_greedy_where_many_paths_beat_the_best_one():
    step = torch.tensor([0.6, 0.4]).log()
    log_probs = step.expand(1, 2, 2)  # blank twice: 0.36; the character, on three paths: 0.64
    steps = torch.tensor([2])
    assert greedy(log_probs, steps)[0].tokens == []
    ((reading,),) = beam(log_probs, steps, size=2)
    assert reading.tokens == [EOS + 1]
    assert reading.confidence == pytest.approx(0.64)


@pytest.mark.parametrize("search", [greedy, lambda *inputs: [each[0] for each in beam(*inputs, size=4)]])
def test_a_row_reads_the_same_in_any_company(search):
    log_probs = lattice(3, 7, 12, 3.0, 6)
    steps = torch.tensor([12, 1, 5, 7, 12, 3, 2])
    together = search(log_probs, steps)
    for row, alone in enumerate(steps.tolist()):
        (reading,) = search(log_probs[row : row + 1, :alone], steps[row : row + 1])
        assert reading.tokens == together[row].tokens
        assert reading.spans == together[row].spans
        assert reading.log_prob == pytest.approx(together[row].log_prob)


def test_a_narrow_beam_is_no_worse_than_a_beam_of_one():
    log_probs, steps = lattice(1, 20, 12, 1.0, 6), torch.full((20,), 12)
    narrow, wide = (beam(log_probs, steps, size) for size in (1, 8))
    gains = [b[0].log_prob - a[0].log_prob for a, b in zip(narrow, wide, strict=True)]
    assert sum(gains) > 0
    assert all(len({tuple(reading.tokens) for reading in row}) == len(row) for row in beam(log_probs, steps, 8, 8))


def test_a_doubled_character_needs_a_blank_between():
    path = [1, 1, 0, 1, 2]
    log_probs = torch.full((1, 5, 3), 0.001)
    log_probs[0, torch.arange(5), path] = 0.998
    log_probs, steps = log_probs.log(), torch.tensor([5])
    for reading in (greedy(log_probs, steps)[0], beam(log_probs, steps, 5)[0][0]):
        assert labels(reading) == (1, 1, 2)
        assert reading.spans == [(0, 2), (3, 4), (4, 5)]
        assert reading.probabilities == pytest.approx([0.998] * 3, abs=1e-4)


def test_nothing_but_blanks_is_an_empty_text():
    log_probs = torch.tensor([0.98, 0.01, 0.01]).log().expand(2, 4, 3)
    steps = torch.tensor([4, 2])
    for readings in (greedy(log_probs, steps), [row[0] for row in beam(log_probs, steps, 3)]):
        assert [(reading.tokens, reading.spans, reading.probabilities) for reading in readings] == [([], [], [])] * 2
        assert readings[1].confidence == pytest.approx(0.98**2)


def test_alignment_of_a_text_with_no_other_path_takes_every_step():
    log_probs = lattice(0, 1, 3)
    places = align(log_probs, torch.tensor([3]), torch.tensor([[1, 2, 1]]), torch.tensor([3]))
    assert places.tolist() == [[0, 1, 2]]
