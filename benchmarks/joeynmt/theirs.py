"""Runs inside JoeyNMT's environment, through JoeyNMT's own functions; knows nothing of s2s.

    python theirs.py train CONFIG UPDATES WARMUP               how fast it trains
    python theirs.py translate CONFIG SPLIT BEAM OUT SIZE...   how fast it translates, in batches of so many sentences

Prints one line of JSON at the end.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from joeynmt.config import load_config, parse_global_args, set_validation_args
from joeynmt.helpers import make_model_dir, write_list_to_file
from joeynmt.prediction import predict, prepare
from joeynmt.training import TrainManager


class TimedTraining(TrainManager):
    """JoeyNMT's training loop, which notes when each update's backward pass was over, and its target tokens."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.times: list[float] = []
        self.tokens: list[int] = []

    def _train_step(self, batch: Any) -> Any:
        result = super()._train_step(batch)
        self.times.append(time.perf_counter())
        self.tokens.append(batch.ntokens)  # without padding, with end marks
        return result


def train(path: str, updates: int, warmup: int) -> dict[str, float]:
    """Target tokens a second over the updates after the first `warmup` ones."""
    config = load_config(Path(path))
    config["training"] |= {"updates": updates, "validation_freq": 10**6, "logging_freq": 10**6}
    make_model_dir(Path(config["model_dir"]), overwrite=True)
    args = parse_global_args(config, rank=0, mode="train")
    model, train_data, dev_data, _ = prepare(args, rank=0, mode="train")
    training = TimedTraining(
        rank=0,
        model=model,
        model_dir=args.model_dir,
        device=args.device,
        autocast=args.autocast,
        seed=args.seed,
        train_args=args.train,
        dev_args=set_validation_args(args.test),
    )
    training.train_and_validate(train_data=train_data, valid_data=dev_data)
    seconds = training.times[-1] - training.times[warmup - 1]
    return {"tokens_per_second": sum(training.tokens[warmup:]) / seconds, **sizes(model)}


def sizes(model: Any) -> dict[str, float]:
    """Parameters, and elements of the matrices that every token is multiplied by."""
    named = dict(model.named_parameters())
    matrices = [p for name, p in named.items() if p.ndim == 2 and "embed" not in name and "bridge" not in name]
    return {"parameters": sum(p.numel() for p in named.values()), "matrices": sum(p.numel() for p in matrices)}


def translate(path: str, split: str, beam: int, out: Path, batch_sizes: list[int]) -> list[dict[str, float]]:
    """Sentences a second of the newest checkpoint in batches of each size, loading apart; texts go to `out`."""
    config = load_config(Path(path))
    config["testing"]["load_model"] = str(Path(config["model_dir"]) / "latest.ckpt")
    args = parse_global_args(config, rank=0, mode="test")
    model, _, dev_data, test_data = prepare(args, rank=0, mode="test")
    data = {"dev": dev_data, "test": test_data}[split]
    measured = []
    for size in batch_sizes:
        test = args.test._replace(beam_size=beam, batch_size=size, batch_type="sentence")
        begun = time.perf_counter()
        _, _, hypotheses, *_ = predict(
            model=model, data=data, device=args.device, n_gpu=0, args=test, autocast=args.autocast
        )
        seconds = time.perf_counter() - begun
        write_list_to_file(out, hypotheses)
        measured.append({"size": size, "sentences_per_second": len(hypotheses) / seconds})
    return measured


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "train":
        result: Any = train(rest[0], int(rest[1]), int(rest[2]))
    else:
        result = translate(rest[0], rest[1], int(rest[2]), Path(rest[3]), [int(size) for size in rest[4:]])
    print(json.dumps(result))
