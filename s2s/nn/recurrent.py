"""One recurrent layer, run over whole sequences in one fused call or step by step, with the same numbers.

Sequences are padded on the right and never packed: the fused CPU kernels take no packed input, and with batches of
similar lengths the padding costs less than packing does. Padded steps come after all real ones, so they cannot change
an output anybody reads; and they hold an LSTM's cell state still, because only the last one is returned.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from s2s.config.model import Cell
from s2s.nn.dropout import weight_drop
from s2s.nn.memory import State

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
# What is added to the pre-activations of an LSTM's gates i, f, g, o at padded steps, so large that the sigmoids are
# exactly 0 and 1 whatever else is added: input gate shut, forget gate open, the cell state stands still.
HOLD = (-1000.0, 1000.0, 0.0, 0.0)


class RecurrentLayer(nn.Module):
    """One layer in one direction; parameters have torch's own names, shapes and gate order."""

    def __init__(self, cell: Cell, inputs: int, hidden: int, weight_drop: float = 0.0) -> None:
        super().__init__()
        self.cell, self.hidden, self.weight_drop = cell, hidden, weight_drop
        self.weight_ih = nn.Parameter(torch.empty(GATES[cell] * hidden, inputs))
        self.weight_hh = nn.Parameter(torch.empty(GATES[cell] * hidden, hidden))
        self.bias_ih = nn.Parameter(torch.empty(GATES[cell] * hidden))
        self.bias_hh = nn.Parameter(torch.empty(GATES[cell] * hidden))
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Orthogonal recurrent and Glorot input weights gate by gate; forget-gate bias 1 (Jozefowicz et al. 2015)."""
        if self.weight_ih.is_meta:
            return
        for gate in self.weight_hh.split(self.hidden):
            nn.init.orthogonal_(gate)
        for gate in self.weight_ih.split(self.hidden):
            nn.init.xavier_uniform_(gate)
        nn.init.zeros_(self.bias_ih)
        nn.init.zeros_(self.bias_hh)
        if self.cell == "lstm":
            self.bias_ih[self.hidden : 2 * self.hidden] = 1

    def zero_state(self, *shape: int) -> State:
        """A state of zeros: (*shape, H) tensors."""
        return tuple(self.bias_hh.new_zeros(*shape, self.hidden) for _ in range(2 if self.cell == "lstm" else 1))

    def forward(self, inputs: Tensor, state: State | None = None, mask: Tensor | None = None) -> tuple[Tensor, State]:
        """Read `inputs` (B, T, D) from `state` of (B, H) tensors, zeros if None.

        Returns outputs (B, T, H) and the last state; with a `mask` (B, T), False at padded steps, it is the state
        at each row's last real step, and outputs at padded steps mean nothing.
        """
        if state is None:
            state = self.zero_state(inputs.shape[0])
        hx = [part.unsqueeze(0) for part in state]
        weight_ih: Tensor = self.weight_ih
        if mask is not None and self.cell == "lstm":
            hold = weight_ih.new_tensor(HOLD).repeat_interleave(self.hidden).unsqueeze(1)
            weight_ih = torch.cat([weight_ih, hold], 1)
            inputs = torch.cat([inputs, (~mask).unsqueeze(2).to(inputs.dtype)], 2)
        weights = [weight_ih, self.recurrent(), self.bias_ih, self.bias_hh]
        # has biases, one layer, no dropout, training (the backward pass needs it), one direction, batch first
        options = (True, 1, 0.0, torch.is_grad_enabled(), False, True)
        if self.cell == "lstm":
            outputs, *last = torch.lstm(inputs, hx, weights, *options)
        else:
            outputs, *last = (torch.gru if self.cell == "gru" else torch.rnn_tanh)(inputs, hx[0], weights, *options)
        state = tuple(part[0] for part in last)
        if mask is not None:
            ends = (mask.sum(1) - 1).clamp(min=0)
            state = (outputs[torch.arange(len(ends), device=ends.device), ends], *state[1:])
        return outputs, state

    def recurrent(self) -> Tensor:
        """The recurrent weights, some of them dropped in training: to be drawn once a sequence."""
        return weight_drop(self.weight_hh, self.weight_drop, self.training)

    def step(self, inputs: Tensor, state: State, recurrent: Tensor | None = None) -> tuple[Tensor, State]:
        """Read one step of `inputs` (B, K, D) from `state` of (B, K, H) tensors.

        Returns outputs (B, K, H) and the next state. In training, `recurrent` is what was drawn for the sequence.
        """
        weights = (self.weight_ih, self.weight_hh if recurrent is None else recurrent, self.bias_ih, self.bias_hh)
        flat, hx = inputs.flatten(0, 1), [part.flatten(0, 1) for part in state]
        if self.cell == "lstm":
            after: State = torch.lstm_cell(flat, hx, *weights)
        else:
            after = ((torch.gru_cell if self.cell == "gru" else torch.rnn_tanh_cell)(flat, hx[0], *weights),)
        state = tuple(part.unflatten(0, inputs.shape[:2]) for part in after)
        return state[0], state


class BidirectionalLayer(nn.Module):
    """A layer that reads each row from both ends of its own length; or, with one direction, from the start only."""

    def __init__(self, cell: Cell, inputs: int, hidden: int, bidirectional: bool, weight_drop: float = 0.0) -> None:
        super().__init__()
        self.ahead = RecurrentLayer(cell, inputs, hidden, weight_drop)
        self.back = RecurrentLayer(cell, inputs, hidden, weight_drop) if bidirectional else None
        self.width = hidden * (2 if bidirectional else 1)

    def forward(self, inputs: Tensor, mask: Tensor) -> tuple[Tensor, State]:
        """Read `inputs` (B, S, D).

        Returns outputs (B, S, width), meaningless where the `mask` (B, S) is False, and the last state of each
        direction, side by side.
        """
        outputs, state = self.ahead(inputs, None, mask)
        if self.back is None:
            return outputs, state
        # Reversing each row within its own length keeps the padding on the right, where it is harmless.
        steps = torch.arange(inputs.shape[1], device=inputs.device)
        mirror = torch.where(mask, mask.sum(1, keepdim=True) - 1 - steps, steps).unsqueeze(2)
        back, state_back = self.back(inputs.gather(1, mirror.expand_as(inputs)), None, mask)
        back = back.gather(1, mirror.expand_as(back))
        return torch.cat([outputs, back], 2), tuple(torch.cat(pair, 1) for pair in zip(state, state_back, strict=True))
