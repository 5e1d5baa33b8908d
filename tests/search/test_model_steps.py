import pytest
import torch

from s2s.config.model import Attention, Decoder, Encoder, EncoderDecoder
from s2s.search.beam import beam_search
from s2s.search.greedy import greedy_search
from s2s.search.rules import Rules
from s2s.search.scoring import force
from s2s.search.steps import ModelSteps
from s2s.text.vocabulary import BOS, EOS
from tests.nn.options import build

VOCABULARY = 13


def model(kind="multihead", cell="lstm", input_feeding=False, recurrence="hidden"):
    torch.manual_seed(2)
    config = EncoderDecoder(
        Encoder(cell=cell, embedding=8, hidden=4, layers=2),
        Attention(kind=kind, size=8, heads=2),
        Decoder(cell=cell, embedding=8, hidden=8, layers=2, input_feeding=input_feeding, recurrence=recurrence),
    )
    built = build(config, VOCABULARY, VOCABULARY).double().eval()
    for parameter in built.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    torch.nn.init.constant_(built.decoder.output.bias[EOS : EOS + 1], 2.0)  # so that outputs end
    return built


def sources(lengths):
    rows = torch.full((len(lengths), max(lengths)), 0)
    generator = torch.Generator().manual_seed(0)
    for row, length in enumerate(lengths):
        rows[row, :length] = torch.randint(4, VOCABULARY, (length,), generator=generator)
    return rows, torch.tensor(lengths)


def rules(lengths):
    mask = torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)
    return Rules(torch.tensor(lengths) * 3 + 5, torch.tensor([0, 1, 2]), mask)


@pytest.mark.parametrize(
    ("kind", "cell", "input_feeding", "recurrence"),
    [
        ("multihead", "lstm", False, "hidden"),
        ("additive", "gru", True, "hidden"),
        ("dot", "rnn", False, "hidden"),
        ("none", "lstm", True, "hidden"),
        ("multihead", "lstm", False, "output"),
        ("none", "gru", False, "output"),
    ],
)
@torch.inference_mode()
def test_beam_score_equals_teacher_forced_score(kind, cell, input_feeding, recurrence):
    built = model(kind, cell, input_feeding, recurrence)
    lengths = [7, 3, 5, 1, 6, 2]
    source, source_lengths = sources(lengths)
    inputs = built.encode(source, source_lengths)
    results = beam_search(ModelSteps(built.decoder), inputs, rules(lengths), 4, n_best=2)
    for row, found in enumerate(results):
        for h in (h for h in found if h.finished):
            output = built(
                source[row : row + 1, : lengths[row]], source_lengths[row : row + 1], torch.tensor([[BOS, *h.tokens]])
            )
            log_probs = output.logits[0].log_softmax(-1)
            expected = log_probs[range(len(h.tokens) + 1), [*h.tokens, EOS]].sum().item()
            assert h.log_prob == pytest.approx(expected, rel=1e-9)
            forced = force(
                ModelSteps(built.decoder),
                inputs.select(torch.tensor([row])),
                [h.tokens],
                torch.device("cpu"),
            )
            assert forced.item() == pytest.approx(expected, rel=1e-9)
    assert any(h.finished for found in results for h in found)


@pytest.mark.parametrize("kind", ["multihead", "additive", "none"])
@torch.inference_mode()
def test_search_does_not_depend_on_company(kind):
    built = model(kind)
    lengths = [9, 1, 4, 2, 8, 8, 3, 5, 1, 7]
    source, source_lengths = sources(lengths)
    together = beam_search(ModelSteps(built.decoder), built.encode(source, source_lengths), rules(lengths), 3)
    for row, length in enumerate(lengths):
        inputs = built.encode(source[row : row + 1, :length], source_lengths[row : row + 1])
        alone = beam_search(ModelSteps(built.decoder), inputs, rules([length]), 3)
        assert alone[0][0].tokens == together[row][0].tokens
        assert alone[0][0].score == pytest.approx(together[row][0].score, rel=1e-9)


@torch.inference_mode()
def test_beam_of_one_equals_greedy_on_a_model():
    built = model()
    lengths = [9, 1, 4, 2, 8]
    source, source_lengths = sources(lengths)
    inputs, steps = built.encode(source, source_lengths), ModelSteps(built.decoder)
    assert beam_search(steps, inputs, rules(lengths), 1) == greedy_search(steps, inputs, rules(lengths))
