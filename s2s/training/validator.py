"""Validation of a model in training: the loss of the references, and scores of what it really writes."""

from pathlib import Path

from s2s.bundle.bundle import Bundle
from s2s.bundle.save import save
from s2s.config.training import LOSS
from s2s.data.sampler import Plan
from s2s.metrics.foresight import foresight
from s2s.metrics.names import check_metric
from s2s.metrics.score import score
from s2s.training.chosen import Chosen
from s2s.training.material import Outputs, Validated
from s2s.training.objectives import Objective, ValidationSums
from s2s.training.origin import with_scores
from s2s.training.processes import spread
from s2s.training.validation_callback import Sample, ValidationResult

BLANKS = "blanks"
"""Percentage of the steps at which a CTC head writes nothing."""
PLATEAU = 0.95
"""Share of the examples answered by nothing from which on a CTC model is on the blank plateau."""


class Validator:
    """Scores the weights that the model has at the moment.

    Args:
        bundle: the model, in evaluation mode when it is validated.
        objective: what it is trained by.
        validated: the validation split.
        chosen: which of its examples are decoded.
        outputs: rows of it to texts, with the model's weights of the moment.
        place: where the best model goes.
    """

    def __init__(
        self,
        bundle: Bundle,
        objective: Objective,
        validated: Validated,
        chosen: Chosen,
        outputs: Outputs,
        place: Path,
    ) -> None:
        self._bundle, self._objective, self._validated = bundle, objective, validated
        self._outputs, self._place = outputs, place
        self._config = bundle.config.validation
        self.metric = self._config.metric
        self.higher_is_better = self.metric != LOSS and check_metric(self.metric).higher_is_better
        shown = [name for name in bundle.config.target.shown if name != self.metric]
        self.names: tuple[str, ...] = (
            *([BLANKS] if objective.blanks else []),
            *shown,
            *([] if self.metric == LOSS else [self.metric]),
        )
        """Of all scores besides the loss, the one that counts last."""
        second = bundle.config.target.tie_breaker
        self.tie_breaker = None if second == self.metric else second
        self._of_outputs = [name for name in self.names if name != BLANKS and check_metric(name).of_outputs]
        self.decoded = chosen.words
        self._rows = chosen.rows.tolist()

    def validate(self) -> ValidationResult:
        """The loss, the share of blanks where there are any, and the scores of the outputs."""
        counts = spread(self._sums, self._validated.plans)
        nll, tokens, blank, steps = (
            sum(column) for column in zip(*((one.nll, one.tokens, one.blank, one.steps) for one in counts), strict=True)
        )
        scores, signatures = {LOSS: nll / max(1, tokens)}, {}
        rows = self._rows if self._of_outputs else self._rows[: self._config.samples]
        answers = self._outputs(rows)
        outputs = answers.texts
        references = [self._validated.references[row] for row in rows]
        for name in self.names:
            if name == BLANKS:
                scores[name] = 100 * blank / max(1, steps)
                continue
            if name not in self._of_outputs:
                scores[name] = foresight(name, nll, tokens, self._validated.characters)
                continue
            language = self._bundle.languages[1] if self._bundle.languages else None
            found = score(name, outputs, references, language, bootstrap=0)
            scores[name], signatures[name] = found.value, found.signature
        sources = [self._validated.sources[row] for row in rows]
        samples = [Sample(*texts) for texts in zip(sources, references, outputs, strict=True)]
        shown, notes = samples[: self._config.samples], self._notes(outputs, references)
        return ValidationResult(scores, shown, notes, signatures, self.decoded, answers.facts)

    def keep(self, result: ValidationResult, step: int) -> None:
        """Save the model, with its scores, as the best one so far."""
        save(self._place, with_scores(self._bundle, result, step, self._validated.split))

    def _sums(self, plan: Plan) -> ValidationSums:
        batch = self._validated.examples.batch(plan, None).to(self._bundle.model.device)
        return self._objective.validation_sums(self._bundle.model, batch)

    def _notes(self, outputs: list[str], references: list[str]) -> list[str]:
        silent = [not text for text, wanted in zip(outputs, references, strict=True) if wanted]
        if not self._objective.blanks or sum(silent) < PLATEAU * max(1, len(silent)):
            return []
        return [
            "it reads nothing yet: the blank plateau, which CTC begins with and leaves all at once; if it lasts for "
            "thousands of steps, raise optimizer.lr or begin with shorter texts"
        ]
