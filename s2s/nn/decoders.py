"""The recurrent decoder: all target steps in a few fused calls to train, one step at a time to search.

Layer 1 reads the previous tokens; its outputs query the attention, all steps at once; every layer above reads
[output; context] (RNMT+, Chen et al. 2018); the read-out is tanh(W [output; context]) and the softmax may be tied to
the embeddings. With input feeding (Luong et al. 2015) layer 1 also reads the previous read-out, so training has to
loop over time. With attention `none` the context is one summary vector, the same at every step (Cho et al. 2014).
With nothing bound there is no context, and the decoder is a language model.

With output recurrence every layer starts each step from the same first state, so that the last token is all that a step
knows of those before it. Given the tokens, no step waits for another: time is as parallel as beams are.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from s2s.config import model as config
from s2s.nn.attention import MultiHead, SingleHead, build_attention
from s2s.nn.dropout import LockedDropout
from s2s.nn.embedding import Embedding
from s2s.nn.memory import Bound, DecoderState, Memory, Output, State
from s2s.nn.recurrent import RecurrentLayer

Noise = tuple[Tensor, Tensor | None]
"""Recurrent weights, some of them dropped, and a mask of outputs."""


class Bridge(nn.Module):
    """From an encoder's last state to a decoder's first.

    Hidden and cell states live on different scales, so each has its own projection. An encoder whose cell has no c
    passes on its h.
    """

    def __init__(self, memory: int, hidden: int, parts: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(memory, hidden)
        self.cell = nn.Linear(memory, hidden) if parts == 2 else None

    def forward(self, final: State) -> State:
        """(B, H) tensors from (B, D) ones."""
        hidden = torch.tanh(self.hidden(final[0]))
        return (hidden,) if self.cell is None else (hidden, self.cell(final[-1]))


class RecurrentDecoder(nn.Module):
    """LSTM, GRU or tanh layers over target tokens, with or without a memory to look at.

    Args:
        part: the decoder's own settings.
        vocabulary: V.
        attention: how it looks at a memory; None for a language model.
        memory: width D of the memory's values.
    """

    def __init__(
        self, part: config.PlainDecoder, vocabulary: int, attention: config.Attention | None = None, memory: int = 0
    ) -> None:
        super().__init__()
        self.embedding = Embedding(vocabulary, part.embedding, part.embedding_dropout, part.word_dropout)
        self.input_feeding = isinstance(part, config.Decoder) and part.input_feeding
        self.residual, self.recurrence = part.residual, part.recurrence
        self.attention: SingleHead | MultiHead | None = None
        context = 0
        if attention is not None:
            context = memory
            if attention.kind != "none":
                self.attention = build_attention(attention, part.hidden, memory)
                context = self.attention.context
        self.context = context
        self.dropout = LockedDropout(part.dropout)
        self.layers, self.norms, self.bridges = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        inputs = part.embedding + (part.embedding if self.input_feeding else 0)
        for _ in range(part.layers):
            layer = RecurrentLayer(part.cell, inputs, part.hidden, part.weight_drop)
            self.layers.append(layer)
            self.norms.append(nn.LayerNorm(part.hidden) if part.layer_norm else nn.Identity())
            if memory and isinstance(part, config.Decoder) and part.bridge == "project":
                parts = 2 if part.cell == "lstm" else 1
                self.bridges.append(Bridge(memory, part.hidden, parts))
            inputs = part.hidden + context
        self.readout = nn.Linear(part.hidden + context, part.embedding)
        self.output = nn.Linear(part.embedding, vocabulary)
        if part.tied:
            self.output.weight = self.embedding.table.weight
        elif not self.output.weight.is_meta:
            nn.init.normal_(self.output.weight, std=part.embedding**-0.5)
        if not self.output.bias.is_meta:
            nn.init.zeros_(self.output.bias)

    def _layers(self) -> list[RecurrentLayer]:
        """The recurrent layers, typed."""
        return cast("list[RecurrentLayer]", list(self.layers))

    def bind(self, memory: Memory) -> Bound:
        """Project what does not change from step to step."""
        if self.attention is not None:
            return self.attention.bind(memory)
        summary = memory.final[-1][0].unsqueeze(1)
        return Bound(memory, summary, summary)

    def start(self, bound: Bound | None, rows: int) -> DecoderState:
        """The state before the first token, one beam for each of `rows` sentences: (B, 1, H) tensors."""
        layers: list[State] = []
        for number, layer in enumerate(self._layers()):
            if bound is None or not self.bridges:
                layers.append(layer.zero_state(rows, 1))
                continue
            # A decoder of more layers than its encoder starts them from the encoder's last.
            final = bound.memory.final[min(number, len(bound.memory.final) - 1)]
            layers.append(tuple(part.unsqueeze(1) for part in self.bridges[number](final)))
        feed = self.readout.bias.new_zeros(rows, 1, self.readout.out_features) if self.input_feeding else None
        return DecoderState(tuple(layers), feed)

    def forward(
        self, tokens: Tensor, bound: Bound | None, state: DecoderState | None = None, keep: Tensor | None = None
    ) -> Output:
        """Read all of `tokens` (B, T), which begin with BOS or go on from `state`.

        Logits are (B, T, V); with a mask `keep` (B, T), only its N true positions are projected to the vocabulary,
        which is the most expensive product of a step, and logits are (N, V).
        """
        if state is None:
            state = self.start(bound, tokens.shape[0])
        embedded = self.embedding(tokens)
        if self.input_feeding:
            read, attention, state = self._read_looped(embedded, bound, state)
        else:
            read, attention, state = self._read(embedded, bound, state, fused=True)
        read = self.dropout(read)
        return Output(self.output(read if keep is None else read[keep]), attention, state)

    def step(self, tokens: Tensor, bound: Bound | None, state: DecoderState) -> Output:
        """Read one token of each beam, `tokens` (B, K); logits are (B, K, V), attention (B, K, S)."""
        read, attention, state = self._read(self.embedding(tokens), bound, state, fused=False)
        return Output(self.output(self.dropout(read)), attention, state)

    def _read_looped(
        self, embedded: Tensor, bound: Bound | None, state: DecoderState
    ) -> tuple[Tensor, Tensor | None, DecoderState]:
        """Input feeding: step t needs the read-out of step t-1."""
        reads, attentions = [], []
        noise = self._noise(embedded)
        for one in embedded.split(1, 1):
            read, attention, state = self._read(one, bound, state, fused=False, noise=noise)
            reads.append(read)
            if attention is not None:
                attentions.append(attention)
        return torch.cat(reads, 1), torch.cat(attentions, 1) if attentions else None, state

    def _noise(self, embedded: Tensor) -> list[Noise]:
        """What training drops from each layer, the same at every step."""
        layers = self._layers()
        return [
            (one.recurrent(), self.dropout.draw(embedded.new_empty(len(embedded), 1, one.hidden))) for one in layers
        ]

    def _read(
        self,
        embedded: Tensor,
        bound: Bound | None,
        state: DecoderState,
        fused: bool,
        noise: list[Noise] | None = None,
    ) -> tuple[Tensor, Tensor | None, DecoderState]:
        """Read-outs (B, T, E), attention and next state; the middle dimension is time if `fused`, else beams.

        `noise` has been drawn where the sequence is read in several calls.
        """
        layers: list[State] = []
        inputs = embedded if state.feed is None else torch.cat([embedded, state.feed.expand_as(embedded)], 2)
        values = context = attention = None
        for number, (layer, norm, before) in enumerate(zip(self._layers(), self.norms, state.layers, strict=True)):
            if self.recurrence == "output":
                outputs, _ = layer.step(inputs, tuple(part.expand(-1, inputs.shape[1], -1) for part in before))
                layers.append(before)
            elif fused:
                outputs, after = layer(inputs, tuple(part.squeeze(1) for part in before))
                layers.append(tuple(part.unsqueeze(1) for part in after))
            else:
                outputs, after = layer.step(inputs, before, None if noise is None else noise[number][0])
                layers.append(after)
            outputs = norm(outputs)
            mask = self.dropout.draw(outputs) if noise is None else noise[number][1]
            outputs = outputs if mask is None else outputs * mask
            if values is None:
                values = outputs
                context, attention = self._look(values, bound)
            else:
                values = outputs + values if self.residual else outputs
            inputs = values if context is None else torch.cat([values, context], 2)
        read = torch.tanh(self.readout(inputs))
        return read, attention, DecoderState(tuple(layers), read if self.input_feeding else None)

    def _look(self, queries: Tensor, bound: Bound | None) -> tuple[Tensor | None, Tensor | None]:
        """Contexts (B, T, C) and attention weights for `queries` (B, T, H)."""
        if not self.context:
            return None, None
        if bound is None:
            raise ValueError("this decoder looks at a memory, but none is bound")
        if self.attention is None:
            return bound.values.expand(-1, queries.shape[1], -1), None
        contexts, weights = self.attention(queries, bound)
        return contexts, weights
