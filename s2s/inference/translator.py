"""Text to text with a trained model."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import overload

import torch
from torch import Tensor

from s2s.bundle.bundle import TranslationBundle
from s2s.config.errors import RequestError
from s2s.config.translation import Decoding, Translation
from s2s.inference.batching import plan
from s2s.inference.extent import most_sentences
from s2s.inference.jobs import Spread, here
from s2s.inference.options import Sampling, choose_search
from s2s.inference.ordinary import Ordinary
from s2s.inference.result import Candidate, Result
from s2s.inference.splitting import join, split
from s2s.nn.memory import Bound
from s2s.nn.model import EncoderDecoder
from s2s.nn.shortage import memory_for
from s2s.search.beam import beam_search
from s2s.search.greedy import greedy_search
from s2s.search.hypothesis import Hypothesis
from s2s.search.rules import Rules
from s2s.search.sampling import sample
from s2s.search.scoring import Penalties
from s2s.search.steps import ModelSteps
from s2s.text.codec import EOS, PAD
from s2s.text.subwords import Subwords

_MOST_WEIGHTS = 2**24
"""Attention weights of a text that was translated in parts: they are returned as numbers of Python's, 32 bytes each."""
_BYTE = re.compile("<0x[0-9A-F]{2}>")
"""SentencePiece's name of a piece that is a single byte."""


@dataclass(frozen=True)
class Sentences:
    """Inputs that go through the model together, and what is wanted of them."""

    sources: list[list[int]]
    """The subwords of each, and EOS."""
    keys: list[int]
    """What tells each from others when outputs are drawn; nothing where they are not."""
    decoding: Decoding
    n_best: int
    sampling: Sampling | None
    alignment: bool


class Translator:
    """Translates texts; what one becomes does not depend on the others.

    Args:
        model: its weights may go on changing; it stays where it is, unless `device` is another place.
        config: of the model; `decoding` says how to search.
        source_codec: reads the inputs.
        target_codec: writes the outputs.
        device: where to compute; by default where the model is.
        target_language: code of the language that comes out.
        max_source: inputs of more subwords are translated in parts; by default the longest that training may have seen.
        ordinary: what is usual for the model, if that is known.
    """

    def __init__(
        self,
        model: EncoderDecoder,
        config: Translation,
        source_codec: Subwords,
        target_codec: Subwords,
        device: torch.device | None = None,
        target_language: str | None = None,
        max_source: int | None = None,
        ordinary: Ordinary | None = None,
    ) -> None:
        self.model = model if device is None else model.to(device)
        self.config, self.source_codec, self.target_codec = config, source_codec, target_codec
        self.target_language = target_language
        self.max_source = max_source or config.batches.max_length
        self.ordinary = ordinary
        self.spread: Spread = here
        """Who does the batches."""

    @classmethod
    def from_bundle(cls, bundle: TranslationBundle, device: torch.device | None = None) -> "Translator":
        """The translator of a loaded model."""
        codecs, ordinary = (bundle.source_codec, bundle.target_codec), Ordinary.read(bundle.info)
        return cls(bundle.model, bundle.config, *codecs, device, bundle.languages[1], bundle.max_source, ordinary)

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.model.device

    @overload
    def __call__(  # type: ignore[overload-overlap]  # a str is a sequence of str, but nobody means that
        self,
        texts: str,
        *,
        beam: int | None = None,
        length_penalty: float | None = None,
        coverage_penalty: float | None = None,
        n_best: int = 1,
        sampling: Sampling | None = None,
        alignment: bool = False,
        batch_tokens: int | None = None,
    ) -> Result: ...

    @overload
    def __call__(
        self,
        texts: Sequence[str],
        *,
        beam: int | None = None,
        length_penalty: float | None = None,
        coverage_penalty: float | None = None,
        n_best: int = 1,
        sampling: Sampling | None = None,
        alignment: bool = False,
        batch_tokens: int | None = None,
    ) -> list[Result]: ...

    def __call__(
        self,
        texts: str | Sequence[str],
        *,
        beam: int | None = None,
        length_penalty: float | None = None,
        coverage_penalty: float | None = None,
        n_best: int = 1,
        sampling: Sampling | None = None,
        alignment: bool = False,
        batch_tokens: int | None = None,
    ) -> Result | list[Result]:
        """Translate one text, or many: one result each, in their order.

        Args:
            texts: strings; blank ones give blank results.
            beam: hypotheses kept; 1 is greedy. By default the config's, as are the penalties and limits.
            length_penalty: above 0 favours long outputs.
            coverage_penalty: above 0 favours looking at all of the input; needs attention.
            n_best: outputs wanted of each text, at most as many as the beam.
            sampling: draw outputs at random instead.
            alignment: also return attention weights.
            batch_tokens: most padded source tokens a batch; outputs do not depend on it, speed and memory do.

        Raises:
            TypeError: something that is not a string, or many in no order.
            RequestError: options that contradict each other, or a text that cannot be encoded.
            WorkError: the model computes something that is not a number, or memory does not suffice.
        """
        decoding = choose_search(self.config, n_best, sampling, beam, length_penalty, coverage_penalty, batch_tokens)
        lines = [split(text, self._fits) for text in _strings(texts)]
        parts = list(dict.fromkeys(part for line in lines for part in line))  # a text repeated is translated once
        found = dict(zip(parts, self._translate(parts, decoding, n_best, sampling, alignment), strict=True))
        results = [self._result(line, [found[part] for part in line], alignment, sampling is None) for line in lines]
        return results[0] if isinstance(texts, str) else results

    def _fits(self, text: str) -> bool:
        # A subword writes so many characters at most: what is far too long need not be encoded to know it.
        return len(text) <= self.max_source * self._widest and len(self.source_codec.encode(text)) <= self.max_source

    @cached_property
    def _widest(self) -> int:
        """Characters of the longest source subword."""
        return max(map(len, self.source_codec.pieces(range(len(self.source_codec)))))

    @cached_property
    def _bytes(self) -> frozenset[int]:
        """Source subwords that are single bytes."""
        names = self.source_codec.pieces(range(len(self.source_codec)))
        return frozenset(index for index, name in enumerate(names) if _BYTE.fullmatch(name))

    def _translate(
        self, texts: list[str], decoding: Decoding, n_best: int, sampling: Sampling | None, alignment: bool
    ) -> list[list[Hypothesis]]:
        """The hypotheses of every text, batch by batch."""
        sources = [[*self.source_codec.encode(text), EOS] for text in texts]
        lengths = [len(source) for source in sources]
        longest = max(lengths, default=1)
        most = most_sentences(
            n_best if sampling else decoding.beam,
            len(self.target_codec),
            int(self._limits(torch.tensor([longest - 1]), decoding)),
            longest if alignment else 0,
        )
        batches = plan(lengths, decoding.batch_tokens, most)
        jobs = [
            Sentences(
                [sources[place] for place in places],
                [_key(texts[place]) for place in places] if sampling else [],
                decoding,
                n_best,
                sampling,
                alignment,
            )
            for places in batches
        ]
        results: list[list[Hypothesis]] = [[] for _ in texts]
        for places, found in zip(batches, self.spread(self.search, jobs), strict=True):
            for place, hypotheses in zip(places, found, strict=True):
                results[place] = hypotheses
        return results

    def search(self, job: Sentences) -> list[list[Hypothesis]]:
        """The hypotheses of a batch, the best first."""
        training = self.model.training
        self.model.eval()
        try:
            with torch.inference_mode(), memory_for(lambda: _told(job)):
                return self._search(self._encode(job.sources), job)
        finally:
            self.model.train(training)

    def _encode(self, sources: list[list[int]]) -> Bound:
        lengths = torch.tensor([len(source) for source in sources])
        width = int(lengths.max())
        padded = torch.tensor([source + [PAD] * (width - len(source)) for source in sources])
        return self.model.encode(padded.to(self.device), lengths.to(self.device))

    def _search(self, inputs: Bound, job: Sentences) -> list[list[Hypothesis]]:
        memory, decoding, sampling = inputs.memory, job.decoding, job.sampling
        never = torch.tensor(sorted(self.target_codec.never), device=self.device)
        rules = Rules(self._limits(memory.lengths - 1, decoding), never, memory.mask)
        penalties = Penalties(decoding.length_penalty, decoding.coverage_penalty)
        steps = ModelSteps(self.model.decoder)
        if sampling is not None:
            return sample(
                steps,
                inputs,
                rules,
                torch.tensor(job.keys, device=self.device),
                sampling.seed,
                job.n_best,
                sampling.temperature,
                sampling.top_k,
                sampling.top_p,
                penalties,
                job.alignment,
            )
        if decoding.beam == 1:
            return greedy_search(steps, inputs, rules, penalties, job.alignment)
        return beam_search(steps, inputs, rules, decoding.beam, penalties, job.n_best, job.alignment)

    @staticmethod
    def _limits(lengths: Tensor, decoding: Decoding) -> Tensor:
        """Most tokens of each output, its end of sentence counted, by the sentence's own subwords `lengths` (B,)."""
        return (lengths.double() * decoding.max_ratio + decoding.max_extra).long().clamp(min=1) + 1

    def _result(self, parts: list[str], found: list[list[Hypothesis]], alignment: bool, searched: bool) -> Result:
        """The result of a line from those of its parts; `searched` for the best output, not drawn at random."""
        if not parts:
            blank = Result("", 0.0, [], [Candidate("", 0.0)])
            return replace(blank, source_tokens=[], alignment=[]) if alignment else blank
        sources = [self.source_codec.encode(part) for part in parts]
        candidates = [self._candidate(chosen, alignment) for chosen in zip(*found, strict=False)]
        best, first = [hypotheses[0] for hypotheses in found], candidates[0]
        log_prob = sum(one.log_prob for one in best) / sum(len(one.tokens) + 1 for one in best)
        share = sum(index in self._bytes for source in sources for index in source) / max(1, sum(map(len, sources)))
        return Result(
            first.text,
            first.score,
            first.tokens,
            candidates,
            len(parts),
            not all(hypothesis.finished for hypothesis in best),
            self.source_codec.pieces([index for ids in sources for index in (*ids, EOS)]) if alignment else None,
            first.alignment,
            log_prob,
            share,
            self.ordinary.doubt(log_prob if searched else None, share) if self.ordinary else None,
        )

    def _candidate(self, hypotheses: Sequence[Hypothesis], alignment: bool) -> Candidate:
        """An output of a line from those of its parts."""
        return Candidate(
            join((self.target_codec.decode(one.tokens) for one in hypotheses), self.target_language),
            _mean_score(hypotheses),
            self.target_codec.pieces([token for one in hypotheses for token in one.tokens]),
            _align([one.attention for one in hypotheses]) if alignment else None,
        )


def _told(job: Sentences) -> str:
    """A batch that is too large, and what to do."""
    longest = max(len(source) for source in job.sources)
    lower = "fewer outputs" if job.sampling else f"a smaller beam than {job.decoding.beam}"
    return (
        f"a batch of {len(job.sources):,} texts of up to {longest:,} subwords; lower --batch-tokens "
        f"(decoding.batch_tokens, {job.decoding.batch_tokens:,}), or use {lower}"
    )


def _strings(texts: object) -> list[str]:
    """The texts as a list. TypeError, naming the first, where there is something else among them."""
    if isinstance(texts, str):
        return [texts]
    if not isinstance(texts, Iterable) or isinstance(texts, Mapping | set | frozenset | bytes | bytearray):
        raise TypeError(f"texts must be a string or a sequence of strings, not {type(texts).__name__}")
    found = []
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"texts[{place}] must be a string, not {type(text).__name__}")
        found.append(text)
    return found


def _mean_score(hypotheses: Sequence[Hypothesis]) -> float:
    """The score of a line: its hypothesis's, or the mean over its parts by their length."""
    lengths = [len(hypothesis.tokens) + 1 for hypothesis in hypotheses]
    return sum(one.score * length for one, length in zip(hypotheses, lengths, strict=True)) / sum(lengths)


def _align(parts: list[Tensor | None]) -> list[list[float]] | None:
    """The weights of a line from those of its parts, which do not see each other; None without attention."""
    weights = [part for part in parts if part is not None]
    if not weights or len(weights) < len(parts):
        return None
    rows, columns = (sum(part.shape[side] for part in weights) for side in (0, 1))
    if rows * columns > _MOST_WEIGHTS:
        raise RequestError(
            f"the alignment of a text of {columns:,} subwords with an output of {rows:,} is too large; leave out the "
            "alignment, or cut the text into several"
        )
    return torch.block_diag(*weights).tolist()


def _key(text: str) -> int:
    """What tells a text from others when outputs are drawn."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)
