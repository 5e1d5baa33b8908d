"""Text to text with a trained model."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Unpack, overload

import torch

from s2s.bundle.bundle import Bundle
from s2s.config.errors import RequestError
from s2s.config.source import TextSource
from s2s.config.training import TokenBatches
from s2s.config.vocabulary import Pieces
from s2s.inference.alignment import align
from s2s.inference.batching import plan
from s2s.inference.dealing import deal
from s2s.inference.options import Sampling, Settings, check_widths, choose_search
from s2s.inference.ordinary import Ordinary
from s2s.inference.phrases import Phrases, missed
from s2s.inference.predictor import Predictor
from s2s.inference.result import Candidate, Result, Scored
from s2s.inference.searching import search
from s2s.inference.sentences import Part, Sentences
from s2s.inference.splitting import is_spaced, join, split
from s2s.inference.strings import prefixes, strings
from s2s.metrics.consensus import consensus
from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.memory import Bound
from s2s.nn.model import EncoderDecoder
from s2s.search.broken import broken_model
from s2s.search.demands import demands
from s2s.search.ensemble import EnsembleSteps, Mean
from s2s.search.fusion import FusedSteps
from s2s.search.hypothesis import Hypothesis, mean_score
from s2s.search.scoring import force
from s2s.search.steps import ModelSteps, Steps
from s2s.search.written import Written
from s2s.text.normalisation import is_blank, normalise
from s2s.text.subwords import Subwords
from s2s.text.vocabulary import EOS, PAD

_BYTE = re.compile("<0x[0-9A-F]{2}>")
"""SentencePiece's name of a piece that is a single byte."""


class Translator(Predictor[Sentences, list[Hypothesis]]):
    """Translates texts; what one becomes does not depend on the others. Arguments: see Predictor.

    Inputs longer than what training saw (`bundle.max_source`) are translated in parts.
    """

    model: EncoderDecoder

    def __init__(self, bundle: Bundle, device: torch.device | None = None) -> None:
        super().__init__(bundle, device)
        assert isinstance(bundle.config.batches, TokenBatches)
        assert isinstance(bundle.config.source, TextSource)
        self.normalization = bundle.config.source.vocabulary.normalization
        written = getattr(bundle.config.target, "vocabulary", None)
        self.written = written.normalization if isinstance(written, Pieces) else self.normalization
        self.source_vocabulary, self.target_vocabulary = (bundle.vocabularies[side] for side in ("source", "target"))
        self.target_language = bundle.languages[1] if bundle.languages else None
        self.max_source = bundle.max_source or bundle.config.batches.max_length
        self.ordinary = Ordinary.read(bundle.info)
        self.language: tuple[RecurrentDecoder, float] | None = None
        """A language model of the target's vocabulary that has a say in every search, and its weight."""
        self.others: tuple[EncoderDecoder, ...] = ()
        """Models of the same vocabularies that search together with this one."""
        self.mean: Mean = "probabilities"
        """What is averaged over them."""

    @overload
    def __call__(  # type: ignore[overload-overlap]  # a str is a sequence of str, but nobody means that
        self,
        texts: str,
        *,
        n_best: int = 1,
        sampling: Sampling | None = None,
        alignment: bool = False,
        prefix: str | Sequence[str] = "",
        phrases: Phrases | None = None,
        mbr: bool = False,
        **settings: Unpack[Settings],
    ) -> Result: ...

    @overload
    def __call__(
        self,
        texts: Sequence[str],
        *,
        n_best: int = 1,
        sampling: Sampling | None = None,
        alignment: bool = False,
        prefix: str | Sequence[str] = "",
        phrases: Phrases | None = None,
        mbr: bool = False,
        **settings: Unpack[Settings],
    ) -> list[Result]: ...

    def __call__(
        self,
        texts: str | Sequence[str],
        *,
        n_best: int = 1,
        sampling: Sampling | None = None,
        alignment: bool = False,
        prefix: str | Sequence[str] = "",
        phrases: Phrases | None = None,
        mbr: bool = False,
        **settings: Unpack[Settings],
    ) -> Result | list[Result]:
        """Translate one text, or many: one result each, in their order.

        Args:
            texts: strings; blank ones give blank results.
            n_best: outputs wanted of each text, at most as many as the beam.
            sampling: draw outputs at random instead.
            alignment: also return attention weights.
            prefix: what outputs begin with, to the character: one for all texts or one each. Space before it is left
                out, as is the prefix of a blank text.
            phrases: what outputs must and must not have.
            mbr: put that of the `n_best` first which is most like the others, by minimum Bayes risk with chrF.
            settings: what takes the place of the config's `decoding`, see `Search` there; `batch_tokens` is `batch`.

        A text with a prefix, or with phrases that are required, is translated whole, however long it is.

        Raises:
            TypeError: something that is not a string, many in no order, or an option that there is not.
            RequestError: options that contradict each other, or a text that cannot be encoded.
            WorkError: the model computes something that is not a number, or memory does not suffice.
        """
        decoding = choose_search(self.config, n_best, sampling, settings)
        if mbr and n_best < 2:
            raise RequestError("mbr chooses among several outputs; set n-best, with a beam as wide or with sampling")
        plain = [normalise(text, self.normalization) for text in strings(texts)]
        if phrases is not None and (phrases.require or phrases.terms):
            check_widths(decoding.beam, sampling)
        begun = prefixes(prefix, len(plain), self.target_vocabulary, self.written)
        lines = [self._parts(*one, phrases) for one in zip(plain, begun, strict=True)]
        parts = list(dict.fromkeys(part for line in lines for part in line))  # a text repeated is translated once
        forbid = () if phrases is None else tuple(normalise(one, self.written) for one in phrases.forbid)
        asked = Sentences([], [], decoding, n_best, sampling, alignment, forbid=forbid)
        sources = [[*self.source_vocabulary.encode(part.text), EOS] for part in parts]
        found = dict(
            zip(parts, self._deal(*deal(parts, sources, asked, self.target_vocabulary, len(self._models))), strict=True)
        )
        if mbr:
            found = {part: self._agreed(hypotheses) for part, hypotheses in found.items()}
        results = [self._result(line, [found[part] for part in line], asked, not mbr) for line in lines]
        return results[0] if isinstance(texts, str) else results

    def _agreed(self, hypotheses: list[Hypothesis]) -> list[Hypothesis]:
        """Those most like the others first."""
        scores = consensus([self.target_vocabulary.decode(one.tokens) for one in hypotheses])
        return [hypotheses[place] for place in sorted(range(len(scores)), key=lambda place: -scores[place])]

    def _parts(self, text: str, prefix: str, phrases: Phrases | None) -> list[Part]:
        """What a text is cut into."""
        if phrases is not None:
            source = self.bundle.languages[0] if self.bundle.languages else None
            wishes = phrases.wishes(text, source, lambda one: normalise(one, self.written))
        else:
            wishes = ()
        if prefix or wishes:
            return [Part(text.strip(), prefix, wishes)] if text.strip() else []
        return [Part(part) for part in split(text, self._fits)]

    def score(self, texts: Sequence[str], translations: Sequence[str]) -> list[Scored]:
        """The log-probability of a given translation of each text, its end included, as a search would score it.

        Every text is read whole, however long it is. A blank translation of a blank text is certain.

        Raises:
            RequestError: the numbers of texts and translations differ, or one cannot be encoded.
        """
        sides = strings(texts), strings(translations)
        if len(sides[0]) != len(sides[1]):
            raise RequestError(f"{len(sides[0]):,} texts cannot have {len(sides[1]):,} translations")
        lines = [normalise(text, self.normalization).strip() for text in sides[0]]
        outputs = ["" if is_blank(text) else normalise(text, self.written) for text in sides[1]]
        known = list(dict.fromkeys(pair for pair in zip(lines, outputs, strict=True) if any(pair)))
        sources = [[*self.source_vocabulary.encode(line), EOS] for line, _ in known]
        targets = [self.target_vocabulary.encode(output) for _, output in known]
        decoding = choose_search(self.config, 1, None)
        batches = plan([max(map(len, pair)) for pair in zip(sources, targets, strict=True)], decoding.batch)
        jobs = [
            Sentences([sources[at] for at in some], [], decoding, 1, None, False, [targets[at] for at in some])
            for some in batches
        ]
        found = dict(zip(known, (found[0] for found in self._deal(batches, jobs)), strict=True))
        blank = Scored(0.0, 0, 0)
        return [
            Scored(one.log_prob, len(one.tokens) + 1, len(pair[1]) + 1) if (one := found.get(pair)) else blank
            for pair in zip(lines, outputs, strict=True)
        ]

    def _fits(self, text: str) -> bool:
        # A subword writes so many characters at most: what is far too long need not be encoded to know it.
        if len(text) > self.max_source * self._widest:
            return False
        return len(self.source_vocabulary.encode(text)) <= self.max_source

    @cached_property
    def _widest(self) -> int:
        """Characters of the longest source subword."""
        return max(map(len, self.source_vocabulary.pieces(range(len(self.source_vocabulary)))))

    @cached_property
    def _bytes(self) -> frozenset[int]:
        """Source subwords that are single bytes."""
        names = self.source_vocabulary.pieces(range(len(self.source_vocabulary)))
        return frozenset(index for index, name in enumerate(names) if _BYTE.fullmatch(name))

    def _search(self, job: Sentences) -> list[list[Hypothesis]]:
        inputs = self._encode(job.sources)
        if job.targets is None:
            spaced = is_spaced(self.target_language)
            return search(self._steps(), inputs, job, self.target_vocabulary, lambda: self._written, spaced)
        scores = force(self._steps(), inputs, job.targets, self.device).tolist()
        if not all(map(math.isfinite, scores)):
            raise broken_model()
        return [[Hypothesis(*one, one[1], True)] for one in zip(job.targets, scores, strict=True)]

    def _size(self, job: Sentences) -> str:
        longest = max(len(source) for source in job.sources)
        lower = "fewer outputs" if job.sampling else f"a smaller beam than {job.decoding.beam}"
        return (
            f"a batch of {len(job.sources):,} texts of up to {longest:,} subwords; lower --batch-tokens "
            f"(decoding.batch, {job.decoding.batch:,}), or use {lower}"
        )

    def _encode(self, sources: list[list[int]]) -> list[Bound]:
        """What each of the models read."""
        lengths = torch.tensor([len(source) for source in sources])
        width = int(lengths.max())
        padded = torch.tensor([source + [PAD] * (width - len(source)) for source in sources])
        padded, lengths = padded.to(self.device), lengths.to(self.device)
        return [model.encode(padded, lengths) for model in self._models]

    @property
    def _models(self) -> tuple[EncoderDecoder, ...]:
        """Its own, and those that search together with it."""
        return self.model, *self.others

    @cached_property
    def _written(self) -> Written:
        """What the target's subwords write. RequestError where it has none."""
        vocabulary = self.target_vocabulary
        if not isinstance(vocabulary, Subwords):
            raise RequestError("prefixes and phrases are for models that write subwords")
        return Written(vocabulary.written, vocabulary.suppressed, self.device)

    def _steps(self) -> Steps[list[Bound], Any]:
        own = EnsembleSteps([ModelSteps(model.decoder) for model in self._models], self.mean)
        return own if self.language is None else FusedSteps(own, *self.language)

    def _result(self, parts: list[Part], found: list[list[Hypothesis]], asked: Sentences, best_first: bool) -> Result:
        """The result of a line from those of its parts."""
        if not parts:
            blank = Result("", 0.0, [], [Candidate("", 0.0)])
            return replace(blank, source_tokens=[], alignment=[]) if asked.alignment else blank
        sources = [self.source_vocabulary.encode(part.text) for part in parts]
        candidates = [self._candidate(chosen, asked.alignment) for chosen in zip(*found, strict=False)]
        best, first = [hypotheses[0] for hypotheses in found], candidates[0]
        log_prob = sum(one.log_prob for one in best) / sum(len(one.tokens) + 1 for one in best)
        # What is usual is known of what the model prefers by itself.
        free = not (asked.sampling or self.language or self.others or asked.forbid or any(demands(asked.decoding)))
        judged = log_prob if free and best_first and not (parts[0].prefix or parts[0].wishes) else None
        share = sum(index in self._bytes for source in sources for index in source) / max(1, sum(map(len, sources)))
        return Result(
            first.text,
            first.score,
            first.tokens,
            candidates,
            len(parts),
            not all(hypothesis.finished for hypothesis in best),
            self.source_vocabulary.pieces([index for ids in sources for index in (*ids, EOS)])
            if asked.alignment
            else None,
            first.alignment,
            log_prob,
            share,
            self.ordinary.doubt(judged, share) if self.ordinary else None,
            missed(first.text, parts[0].wishes, asked.forbid, is_spaced(self.target_language)),
        )

    def _candidate(self, hypotheses: Sequence[Hypothesis], alignment: bool) -> Candidate:
        """An output of a line from those of its parts."""
        return Candidate(
            join((self.target_vocabulary.decode(one.tokens) for one in hypotheses), self.target_language),
            mean_score(hypotheses),
            self.target_vocabulary.pieces([token for one in hypotheses for token in one.tokens]),
            align([one.attention for one in hypotheses]) if alignment else None,
        )
