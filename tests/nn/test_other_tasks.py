"""The same parts carry the other shapes of sequence learning: language model, tagging, attention over a picture."""

import torch

from s2s.config.model import Attention, Decoder, Encoder
from s2s.nn.attention import build_attention
from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.encoders import TextEncoder
from s2s.nn.heads import TaggingHead
from s2s.nn.losses import cross_entropy
from s2s.nn.memory import Memory
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
