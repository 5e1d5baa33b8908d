"""Which scores there are. Light: configs and the command line check a name long before anything is scored."""

from dataclasses import dataclass

from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean


@dataclass(frozen=True)
class Metric:
    """What to know of a score without computing it. Every score of outputs is a percentage."""

    higher_is_better: bool
    description: str
    of_outputs: bool = True
    """Whether it compares outputs with references, and not a model's probabilities with a text."""


METRICS = {
    "bleu": Metric(True, "BLEU, cased, tokeniser by target language (13a, zh or char)"),
    "bleu_lc_tok": Metric(True, "BLEU, lowercased, tokeniser 13a"),
    "chrf": Metric(True, "chrF2: F-score of character n-grams"),
    "ter": Metric(False, "translation edit rate"),
    "exact": Metric(True, "outputs identical to a reference"),
    "accuracy": Metric(True, "class names identical to the reference"),
    "macro_f1": Metric(True, "mean over the classes of the F1 score of each"),
    "tag_accuracy": Metric(True, "tags of words identical to the reference's"),
    "chunk_f1": Metric(True, "F1 of the chunks that B- and I- tags mark, as conlleval counts them"),
    "word_accuracy": Metric(True, "identical in 0-9 and a-z, case-insensitive, other characters removed"),
    "word_accuracy_exact": Metric(True, "identical in every character and its case"),
    "cer": Metric(False, "character error rate: edits by reference characters"),
    "cer_lc": Metric(False, "character error rate, case-insensitive"),
    "wer": Metric(False, "word error rate: edits by reference words"),
    "ned": Metric(True, "1-NED: mean of 1 - edits / length of the longer"),
    "perplexity": Metric(False, "language models: e to the mean loss of a token, ends of lines included", False),
    "bits_per_character": Metric(False, "language models: bits a character, ends of lines included", False),
}


def check_metric(name: str) -> Metric:
    """The metric of that name; RequestError, naming the nearest one, where there is none."""
    if name in METRICS:
        return METRICS[name]
    raise RequestError(f'there is no metric "{name}"{did_you_mean(name, METRICS)}')
