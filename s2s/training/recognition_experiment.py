"""A recognition experiment: characters, galleries, model and judge from a config and a data set of pictures."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from s2s.bundle.bundle import RecognitionBundle
from s2s.bundle.codecs import unpack_charset
from s2s.bundle.save import save
from s2s.config.errors import RequestError
from s2s.config.recognition import Recognition
from s2s.data.images.batches import PictureBatch, PictureBatches
from s2s.data.images.gallery import Gallery
from s2s.data.images.labelled import Problem
from s2s.data.images.pictures import Pictures
from s2s.data.sampler import Plan, plan_buckets
from s2s.inference.recognizer import Recognizer
from s2s.nn.heads import SHIFT
from s2s.nn.model import CTCRecognizer, EncoderDecoder, build_recognizer
from s2s.text.charset import DEFAULT, Charset, Merge, Policy, learn, merge, show
from s2s.text.survey import survey
from s2s.training.data import TrainingData
from s2s.training.experiment import Experiment
from s2s.training.luggage import pack
from s2s.training.origin import Origin, judged
from s2s.training.pictures import Labelled, read_pictures
from s2s.training.processes import spread
from s2s.training.recognition import RecognitionTask
from s2s.training.recognition_judge import RecognitionJudge
from s2s.training.start import start_from

LISTED = 20
"""Problems that are named on the screen; the counts are complete, and `s2s check` names all."""


def build_recognition(
    origin: Origin[Recognition, Pictures],
    checkpoint: dict[str, Any] | None = None,
    start: RecognitionBundle | None = None,
    policy: Policy = "keep",
) -> Experiment:
    """Put together what `train` needs.

    Args:
        origin: config, data, places.
        checkpoint: of the run to go on with; its charset is used.
        start: the model to start from; its weights are used.
        policy: what becomes of its charset: `keep` it, add the data's characters, or take the config's alone.

    Raises:
        RequestError: the data or the model to start from do not suit the config.
    """
    config = origin.config
    train, validation = read_pictures(origin.data, config.training.seed, origin.place.say)
    if checkpoint is None:
        charset, merged = _charset(origin, train, start, policy)
    else:
        charset, merged = unpack_charset(checkpoint["s2s"], "the checkpoint"), None
    for line in survey(((one.name, one.text) for one in train.examples), charset).lines():
        origin.place.say(line)
    train = _writable(train, charset, config)
    model = build_recognizer(config, len(charset))
    if start is not None and merged is not None:
        start_from(model, start.model, _rows(model, merged))
    if config.training.precision == "64":
        model.double()  # before a checkpoint is read into it, or half of the digits would be lost
    origin.place.say(f"reading {len(train.examples) + len(validation.examples):,} pictures ...")
    stride = model.encoder.stride if isinstance(model, CTCRecognizer) else None
    gallery, held = Gallery(train.examples, config.picture, stride), Gallery(validation.examples, config.picture)
    for split, one in ((train, gallery), (validation, held)):
        _tell(origin, split, one, _too_long(model, one))
    epoch, step = (0, 0) if checkpoint is None else checkpoint["s2s"]["position"]
    seed = config.training.seed
    batches = PictureBatches(gallery, charset, config.augmentation, seed)
    data = TrainingData(
        batches, gallery.lengths, config.batches.pixels, config.batches, seed, (epoch, step), plan_buckets
    )
    bundle = RecognitionBundle(model, config, charset, info=origin.facts(checkpoint, start))
    return Experiment(
        task=RecognitionTask(model, config),
        data=data,
        judge=_judge(origin, bundle, held, validation.split),
        worst_batch=lambda: worst_batch(batches, data),
        examples=lambda rows: [{"image": gallery.names[row], "text": gallery.texts[row]} for row in rows],
        luggage=lambda: pack(bundle),
        account=account(model, charset, gallery, data),
    )


def account(model: CTCRecognizer | EncoderDecoder, charset: Charset, gallery: Gallery, data: TrainingData) -> list[str]:
    """Lines that say what is about to be trained."""
    parameters = sum(parameter.numel() for parameter in model.parameters())
    steps, characters = data.sampler.steps(0), sum(map(len, gallery.texts))
    padding = 1 - gallery.widths.sum() / gallery.buckets().sum()
    return [
        f"{parameters:,} parameters, {len(charset.characters):,} characters",
        f"{len(gallery):,} pictures, {gallery.widths.mean():.0f} pixels wide at a height of {gallery.form.height} and "
        f"{characters / len(gallery):.1f} characters on average",
        f"{steps:,} step{'s' * (steps > 1)} an epoch of {len(gallery) / steps:,.0f} pictures, "
        f"{100 * padding:.1f} % padding",
    ]


def worst_batch(batches: PictureBatches, data: TrainingData) -> PictureBatch:
    """The batch of the first epoch with the most padded pixels."""
    areas = batches.gallery.lengths()[0]

    def size(plan: Plan) -> int:
        return len(plan.rows) * int(areas[plan.rows].max())

    return batches[max(data.sampler.epoch(0), key=size)]


def _charset(
    origin: Origin[Recognition, Pictures], train: Labelled, start: RecognitionBundle | None, policy: Policy
) -> tuple[Charset, Merge | None]:
    """The characters that the model is to write, and how they come from those of the model it starts from."""
    part = origin.config.charset
    texts = [example.text for example in train.examples]
    if (start is not None and policy != "new") or part.kind == "data":
        own = learn(texts)
    else:
        own = Charset(part.characters or DEFAULT)
    if start is None:
        return own, None
    merged = merge(start.charset, own, policy)
    origin.place.say(f"charset: {merged.summary()}")
    return merged.charset, merged


def _writable(split: Labelled, charset: Charset, config: Recognition) -> Labelled:
    """The split without labels that hold characters the charset lacks; RequestError if they must not be left out."""
    found = [(one, charset.unknown(one.text)) for one in split.examples]
    bad = [(one, unknown) for one, unknown in found if unknown]
    if bad and config.charset.unknown == "refuse":
        raise RequestError(
            f"{len(bad):,} training labels hold characters that the charset lacks, as "
            f'{bad[0][0].name}: "{bad[0][0].text}"; add them (charset.kind data, or --charset union with --from), '
            "or leave those pictures out (charset.unknown skip)"
        )
    problems = [Problem(one.name, f"the charset lacks {show(unknown)}") for one, unknown in bad]
    good = [one for one, unknown in found if not unknown]
    return Labelled(split.split, good, [*split.problems, *problems])


def _too_long(model: CTCRecognizer | EncoderDecoder, gallery: Gallery) -> list[Problem]:
    """The pictures with labels that an attention decoder cannot finish: it writes no more characters than steps."""
    if isinstance(model, CTCRecognizer) or not len(gallery):
        return []
    steps = model.encoder.out_lengths(torch.from_numpy(gallery.widths)).tolist()
    return [
        Problem(name, f"its label has {len(text):,} characters, and at most {most:,} are written for its width")
        for name, text, most in zip(gallery.names, gallery.texts, steps, strict=True)
        if len(text) > most
    ]


def _tell(
    origin: Origin[Recognition, Pictures], split: Labelled, gallery: Gallery, too_long: Sequence[Problem]
) -> None:
    """Say what is wrong with a split, by file; RequestError where nothing is left."""
    groups: list[tuple[str, Sequence[Problem]]] = [
        ("left out", [*split.problems, *gallery.broken, *gallery.hopeless]),
        ("widened", gallery.widened),
        ("squeezed", gallery.squeezed),
        ("with labels that the model cannot write in full", too_long),
    ]
    for what, problems in groups:
        if problems:
            origin.place.say(f"{split.split}: {len(problems):,} {what}")
        for problem in problems[:LISTED]:
            origin.place.say(f"  {problem}")
        if len(problems) > LISTED:
            origin.place.say(f"  and {len(problems) - LISTED:,} more; s2s check {origin.data.path} names all")
    if not len(gallery):
        raise RequestError(f"{origin.data.path}: split {split.split} has no picture that can be used")


def _rows(model: CTCRecognizer | EncoderDecoder, merged: Merge) -> dict[str, Tensor]:
    """For each weight with a row a character: the rows of the other model's that ours are."""
    rows = torch.tensor(merged.rows)
    if isinstance(model, CTCRecognizer):
        labels = rows[SHIFT:] - SHIFT  # the blank is where the end of text would be, and stays there
        labels[rows[SHIFT:] < 0] = -1
        return {"head.output.weight": labels, "head.output.bias": labels}
    return dict.fromkeys(("decoder.embedding.table.weight", "decoder.output.weight", "decoder.output.bias"), rows)


def _judge(
    origin: Origin[Recognition, Pictures], bundle: RecognitionBundle, held: Gallery, split: str
) -> RecognitionJudge:
    config = origin.config
    reader = Recognizer(bundle.model, config, bundle.charset, origin.place.device)
    reader.spread = spread
    return RecognitionJudge(
        bundle.model,
        PictureBatches(held, bundle.charset),
        config.validation,
        config.batches.pixels,
        lambda images: [bundle.charset.decode(one.tokens) for one in reader.read(images, config.validation.beam)],
        lambda judgement, step: save(origin.place.model, judged(bundle, judgement, step, split)),
    )
