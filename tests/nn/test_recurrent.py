"""Recurrent layers agree with torch's own packed ones, final states included."""

import pytest
import torch

from s2s.nn.recurrent import BidirectionalLayer, RecurrentLayer

TORCH = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}


@pytest.mark.parametrize("cell", TORCH)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_padded_layer_equals_torchs_packed_layer(cell, dtype):
    torch.manual_seed(0)
    ours = BidirectionalLayer(cell, 6, 5, bidirectional=True).to(dtype)
    theirs = TORCH[cell](6, 5, batch_first=True, bidirectional=True).to(dtype)
    with torch.no_grad():
        for suffix, layer in ("", ours.ahead), ("_reverse", ours.back):
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                torch.nn.init.normal_(getattr(layer, name), std=0.7)
                getattr(theirs, f"{name}_l0{suffix}").copy_(getattr(layer, name))
    lengths = torch.tensor([7, 1, 4, 6])
    mask = torch.arange(7) < lengths[:, None]
    inputs = torch.randn(4, 7, 6, dtype=dtype)
    outputs, final = ours(inputs, mask)
    packed = torch.nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    expected, last = theirs(packed)
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(expected, batch_first=True)
    torch.testing.assert_close(outputs.masked_fill(~mask.unsqueeze(2), 0), expected)
    last = last if cell == "lstm" else (last,)
    for part, wanted in zip(final, last, strict=True):
        torch.testing.assert_close(part, torch.cat([wanted[0], wanted[1]], 1))


@pytest.mark.parametrize("cell", TORCH)
def test_steps_equal_the_fused_call(cell):
    torch.manual_seed(0)
    layer = RecurrentLayer(cell, 6, 5).double()
    inputs = torch.randn(3, 4, 6, dtype=torch.float64)
    fused, last = layer(inputs)
    state = layer.zero_state(3, 1)
    for t in range(4):
        output, state = layer.step(inputs[:, t : t + 1], state)
        torch.testing.assert_close(output[:, 0], fused[:, t])
    torch.testing.assert_close(tuple(part[:, 0] for part in state), last)


def test_padding_takes_no_gradient():
    torch.manual_seed(0)
    layer = BidirectionalLayer("lstm", 6, 5, bidirectional=True).double()
    lengths = torch.tensor([2, 5])
    mask = torch.arange(5) < lengths[:, None]
    inputs = torch.randn(2, 5, 6, dtype=torch.float64, requires_grad=True)
    outputs, final = layer(inputs, mask)
    (outputs[mask].sum() + sum(part.sum() for part in final)).backward()
    assert (inputs.grad[~mask] == 0).all()
    assert (inputs.grad[mask] != 0).any()


def test_recurrent_weights_start_orthogonal_and_the_forget_gate_open():
    layer = RecurrentLayer("lstm", 6, 8)
    for gate in layer.weight_hh.detach().split(8):
        torch.testing.assert_close(gate @ gate.T, torch.eye(8))
    assert layer.bias_ih.tolist() == [0.0] * 8 + [1.0] * 8 + [0.0] * 16
    assert not layer.bias_hh.any()
