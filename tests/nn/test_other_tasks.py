"""The same parts carry the other shapes of sequence learning: language model, tagging, attention over a picture."""

import pytest
import torch

from s2s.config.model import Attention, Decoder, Encoder, Recurrent
from s2s.nn.attention import build_attention
from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.encoders import TextEncoder
from s2s.nn.heads import TaggingHead
from s2s.nn.losses import cross_entropy
from s2s.nn.memory import Memory
from s2s.nn.word_encoder import WordEncoder
from s2s.text.vocabulary import BOS


def test_a_language_model_is_a_decoder_with_nothing_bound_and_carries_its_state_between_windows():
    torch.manual_seed(0)
    model = RecurrentDecoder(Decoder(embedding=8, hidden=12, layers=2), vocabulary=15).double().eval()
    text = torch.cat([torch.full((3, 1), BOS), torch.randint(4, 15, (3, 11))], 1)
    whole = model(text, None)
    first = model(text[:, :5], None)
    second = model(text[:, 5:], None, first.state)
    torch.testing.assert_close(torch.cat([first.logits, second.logits], 1), whole.logits)
    assert whole.attention is None


def test_a_language_model_learns_a_cycle():
    torch.manual_seed(0)
    model = RecurrentDecoder(Decoder(embedding=8, hidden=12, dropout=0, embedding_dropout=0), vocabulary=10)
    text = (torch.arange(24)[None] + torch.arange(6)[:, None]) % 6 + 4
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    for _ in range(60):
        loss, nll = cross_entropy(model(text[:, :-1], None).logits.flatten(0, 1), text[:, 1:].flatten())
        optimizer.zero_grad()
        (loss / text.numel()).backward()
        optimizer.step()
    assert nll / text[:, 1:].numel() < 0.1


def test_a_tagging_head_learns_a_label_that_needs_the_right_neighbour():
    torch.manual_seed(0)
    encoder = TextEncoder(Encoder(embedding=8, hidden=8, dropout=0, embedding_dropout=0), 12)
    head = TaggingHead(encoder.width, 2)
    tokens = torch.randint(4, 12, (40, 9))
    labels = torch.cat([tokens[:, 1:] % 2, torch.zeros(40, 1, dtype=torch.long)], 1)
    optimizer = torch.optim.AdamW([*encoder.parameters(), *head.parameters()], lr=0.02)
    for _ in range(60):
        logits = head(encoder(tokens, torch.full((40,), 9)))
        loss, _ = cross_entropy(logits.flatten(0, 1), labels.flatten())
        optimizer.zero_grad()
        (loss / labels.numel()).backward()
        optimizer.step()
    assert (logits.argmax(-1) == labels).float().mean() > 0.97


@pytest.mark.parametrize("pooling", ["ends", "first", "mean"])
def test_what_stands_for_a_word_is_what_the_encoder_has_at_its_pieces(pooling):
    torch.manual_seed(0)
    encoder = TextEncoder(Encoder(embedding=8, hidden=5), 12).double().eval()
    words = WordEncoder(encoder, Recurrent(hidden=4), pooling).double().eval()
    words.words = Passed()
    tokens = torch.randint(4, 12, (2, 8))
    sizes = torch.tensor([[2, 1, 4], [3, 2, 0]])  # of 7 and 5 pieces; each row ends with EOS
    memory = words(tokens, sizes)
    pieces = encoder(tokens, torch.tensor([8, 6])).values
    for row, word, start, end in ((0, 0, 0, 2), (0, 1, 2, 3), (0, 2, 3, 7), (1, 0, 0, 3), (1, 1, 3, 5)):
        inside = pieces[row, start:end]
        wanted = {"ends": torch.cat([inside[0], inside[-1]]), "first": inside[0], "mean": inside.mean(0)}[pooling]
        torch.testing.assert_close(memory.values[row, word], wanted)
    assert memory.lengths.tolist() == [3, 2]


class Passed(torch.nn.Module):
    """Layers over words that do nothing."""

    def forward(self, values, lengths):
        mask = torch.arange(values.shape[1]) < lengths[:, None]
        return Memory(values, mask, lengths, ())


def test_attention_over_a_grid_finds_the_cell_that_was_asked_for():
    torch.manual_seed(0)
    rows, columns = 3, 4
    marks = torch.eye(rows * columns)  # each cell of the picture shows its own mark
    memory = Memory(
        marks.expand(rows * columns, -1, -1).contiguous(),
        torch.ones(rows * columns, rows * columns, dtype=torch.bool),
        torch.full((rows * columns,), rows * columns),
        (),
        (rows, columns),
    )
    attention = build_attention(Attention(size=16, heads=1), rows * columns, rows * columns)
    optimizer = torch.optim.AdamW(attention.parameters(), lr=0.05)
    for _ in range(80):
        _, weights = attention(marks[:, None], attention.bind(memory))
        loss = -weights[:, 0].diagonal().log().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    picture = weights[:, 0].unflatten(1, memory.grid)
    found = [divmod(int(cell.argmax()), columns) for cell in picture]
    assert found == [divmod(cell, columns) for cell in range(rows * columns)]
