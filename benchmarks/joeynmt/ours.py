"""s2s's side of what theirs.py does for JoeyNMT, in a process of its own.

    python -m benchmarks.joeynmt.ours sizes MODEL
    python -m benchmarks.joeynmt.ours translate MODEL DATA SPLIT BEAM OUT SIZE...

The sizes of translate are padded source tokens a batch.
Prints one line of JSON at the end.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from torch import nn

import s2s
from s2s.data.store import open_dataset


def sizes(model: nn.Module) -> dict[str, int]:
    """Parameters, and elements of the matrices that every token is multiplied by."""
    named = dict(model.named_parameters())
    matrices = [p for name, p in named.items() if p.ndim == 2 and "embedding" not in name and "bridge" not in name]
    return {"parameters": sum(p.numel() for p in named.values()), "matrices": sum(p.numel() for p in matrices)}


def translate(
    model: str, data: str, split: str, beam: int, out: Path, batch_sizes: list[int]
) -> list[dict[str, float]]:
    """Sentences a second in batches of each size, loading apart; the last one's translations go to `out`."""
    translator = s2s.load(model, device="cpu")
    sources, _ = open_dataset(data).pairs(split)
    measured = []
    for size in batch_sizes:
        begun = time.perf_counter()
        texts = [result.text for result in translator(sources, beam=beam, batch_tokens=size)]
        seconds = time.perf_counter() - begun
        out.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8", newline="\n")
        measured.append({"size": size, "sentences_per_second": len(texts) / seconds})
    return measured


if __name__ == "__main__":
    command, path, *rest = sys.argv[1:]
    if command == "sizes":
        result: Any = sizes(s2s.load(path, device="cpu").model)
    else:
        result = translate(path, rest[0], rest[1], int(rest[2]), Path(rest[3]), [int(size) for size in rest[4:]])
    print(json.dumps(result))
