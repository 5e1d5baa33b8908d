"""A language model in use: text that goes on, and how likely text is."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from s2s.bundle.bundle import Bundle
from s2s.config.errors import RequestError, WorkError
from s2s.config.target import NextTarget
from s2s.data.streams import lay_out
from s2s.inference.batching import plan
from s2s.inference.options import Sampling, check_whole
from s2s.inference.predictor import Predictor
from s2s.inference.result import Scored
from s2s.nn.memory import DecoderState
from s2s.nn.model import LanguageModel as Network
from s2s.nn.out_of_memory import memory_for
from s2s.nn.running import token_nll
from s2s.search.sampling import draw, noise
from s2s.text.normalisation import normalise
from s2s.text.vocabulary import EOS, PAD

STREAMS, SHORTEST = 16, 2048
"""A text that is read in order is cut into so many streams, or fewer of at least so many tokens each."""
_HALF = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Line:
    """A job: lines in tokens, end marks included."""

    tokens: list[list[int]]


def streams(tokens: int) -> int:
    """How many streams a text of so many tokens is read in."""
    return max(1, min(STREAMS, tokens // SHORTEST))


class LanguageModel(Predictor[Line, float]):
    """Writes on from a prompt and scores lines of text; see `Predictor`."""

    model: Network

    def __init__(self, bundle: Bundle, device: torch.device | None = None) -> None:
        super().__init__(bundle, device)
        assert isinstance(bundle.config.target, NextTarget)
        self.vocabulary = bundle.vocabularies["target"]
        self.normalization = bundle.config.target.vocabulary.normalization
        self.unit: str = bundle.config.target.vocabulary.kind

    def score(self, lines: Sequence[str]) -> list[Scored]:
        """The log-probability of each line by itself, as if it stood at the beginning of a text.

        A line's score does not depend on the others. RequestError for a line with a line break inside.
        """
        encoded = self._encode(lines)
        sizes = [len(one) for one in encoded]
        batches = plan(sizes, self.config.decoding.batch)
        found = self._deal(batches, [Line([encoded[place] for place in batch]) for batch in batches])
        return self._scored(lines, found, sizes)

    def score_text(self, lines: Sequence[str]) -> list[Scored]:
        """The log-probability of each line after those before it: the lines are one text, read in order.

        It is cut into `streams` of equal length, each of which begins without memory of what was before.
        """
        encoded = self._encode(lines)
        if not encoded:
            return []
        flat = np.array([token for line in encoded for token in line], np.int64)
        read, written = (torch.from_numpy(one).to(self.device) for one in lay_out(flat, streams(len(flat))))
        training = self.model.training
        self.model.eval()
        try:
            with torch.inference_mode(), memory_for(lambda: f"a text of {len(flat):,} tokens; score it in parts"):
                nll = token_nll(self.model, read, written)[written != PAD].double().cpu().numpy()
        finally:
            self.model.train(training)
        sizes = [len(one) for one in encoded]
        sums = np.add.reduceat(nll, np.concatenate([[0], np.cumsum(sizes)[:-1]]))
        return self._scored(lines, [-float(one) for one in sums], sizes)

    def generate(self, prompt: str = "", length: int = 500, sampling: Sampling | None = None) -> str:
        """Text of `length` characters or a token more that goes on from the prompt, which is not repeated.

        It is drawn at random as `sampling` says, and is a function of that, the prompt and the model. RequestError for
        a length that is not 1 or more.
        """
        return "".join(self.stream(prompt, length, sampling))

    def stream(self, prompt: str = "", length: int = 500, sampling: Sampling | None = None) -> Iterator[str]:
        """The same, piece by piece as it comes."""
        check_whole(length=length)
        if length < 1:
            raise RequestError(f"length must be 1 or more, not {length}")
        if not isinstance(sampling, Sampling | None):
            raise RequestError(f"sampling must be a Sampling, not {sampling!r}")
        *before, begun = [normalise(line, self.normalization) for line in prompt.split("\n")]
        ids = self.vocabulary.encode(begun)
        context = [EOS, *(token for line in self._encode(before) for token in line), *ids]
        return self._go_on(context, ids, _key(prompt), length, sampling or Sampling())

    def _go_on(self, context: list[int], line: list[int], key: int, length: int, sampling: Sampling) -> Iterator[str]:
        """Pieces of text after the tokens of `context`, the last of which are the line so far."""
        line, shown, written = list(line), len(self.vocabulary.decode(line)), 0
        log_probs, state = self._read(context, None)
        for step in range(4 * length + 8):  # a character has at most four bytes; spaces at line starts are not counted
            stream = noise(torch.tensor([key]), sampling.seed, step)
            token = int(draw(log_probs, stream, sampling.temperature, sampling.top_k, sampling.top_p))
            if token == EOS:
                piece, line, shown = f"{self.vocabulary.decode(line)[shown:]}\n", [], 0
            else:
                line.append(token)
                text = self.vocabulary.decode(line)
                # Bytes that are not a character yet wait for those that follow.
                piece = text.rstrip(_HALF)[shown:]
                shown += len(piece)
            written += len(piece)
            if piece:
                yield piece
            if written >= length:
                return
            log_probs, state = self._read([token], state)

    def _read(self, tokens: list[int], state: DecoderState | None) -> tuple[torch.Tensor, DecoderState]:
        """Log-probabilities (1, V) of what may come after some tokens, on the CPU, and the state there."""
        training = self.model.training
        self.model.eval()
        try:
            with torch.inference_mode():
                keep = torch.zeros(1, len(tokens), dtype=torch.bool, device=self.device)
                keep[0, -1] = True
                output = self.model(torch.tensor([tokens], device=self.device), keep, state)
                log_probs = output.logits.float().log_softmax(1).cpu()
                finite = bool(torch.isfinite(log_probs).all())
                log_probs[:, sorted(self.vocabulary.suppressed)] = -torch.inf
        finally:
            self.model.train(training)
        if not finite:
            raise WorkError("the model computes something that is not a number; it cannot be used")
        return log_probs, output.state

    def _encode(self, lines: Sequence[str]) -> list[list[int]]:
        for number, line in enumerate(lines, start=1):
            if "\n" in line:
                raise RequestError(f"line {number:,} has a line break inside; give its lines one by one")
        return [[*self.vocabulary.encode(normalise(line, self.normalization)), EOS] for line in lines]

    def _scored(self, lines: Sequence[str], log_probs: Sequence[float], sizes: Sequence[int]) -> list[Scored]:
        if not all(math.isfinite(one) for one in log_probs):
            raise WorkError("the model computes something that is not a number; it cannot be used")
        lengths = (len(normalise(line, self.normalization)) + 1 for line in lines)
        return [Scored(*one) for one in zip(log_probs, sizes, lengths, strict=True)]

    def _search(self, job: Line) -> list[float]:
        longest = max(map(len, job.tokens))
        written = torch.tensor([[*line, *[PAD] * (longest - len(line))] for line in job.tokens], device=self.device)
        read = torch.cat([written.new_full((len(written), 1), EOS), written[:, :-1]], 1)
        nll = token_nll(self.model, read, written).double()
        return [-float(one) for one in nll.masked_fill(written == PAD, 0).sum(1)]

    def _size(self, job: Line) -> str:
        longest = max(map(len, job.tokens))
        return f"{len(job.tokens):,} lines of up to {longest:,} tokens; lower decoding.batch"


def _key(text: str) -> int:
    """63 bits of a text."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", errors="replace")).digest()[:8], "big") >> 1
