"""Names of the files in a model directory, and where models are found."""

from pathlib import Path

from s2s.config.errors import RequestError
from s2s.config.find import home
from s2s.config.nearest import did_you_mean

CONFIG, WEIGHTS, ONNX, CARD = "config.json", "model.safetensors", "model.onnx", "README.md"
JOINT, SOURCE, TARGET = "subwords.model", "source.model", "target.model"
CHARSET, LABELS, COLUMNS = "charset.json", "labels.json", "columns.json"
_RUN_MODEL, _RUN_CHECKPOINT = Path("model"), Path("checkpoints", "last.ckpt")


def is_model_file(path: Path) -> bool:
    """True for a checkpoint, and for a file of a model directory that stands for all of it."""
    return path.is_file() and (path.suffix == ".ckpt" or path.name in (CONFIG, WEIGHTS, ONNX))


def shipped_models() -> dict[str, Path]:
    """The model directories that come with s2s, by name."""
    return {path.parent.name: path.parent for path in sorted(home("models").glob(f"*/{CONFIG}"))}


def find_model(name: str | Path) -> Path:
    """The model directory or the checkpoint file that `name` means.

    In this order: itself, what stands in a run directory of this name, a shipped model. RequestError where there is
    none.
    """
    path = Path(name)
    if is_model_file(path):
        return path if path.suffix == ".ckpt" else path.parent
    for found in (path, path / _RUN_MODEL):
        if (found / CONFIG).is_file():
            return found
    if (path / _RUN_CHECKPOINT).is_file():
        return path / _RUN_CHECKPOINT
    if not path.exists():
        known = shipped_models()
        if (model := known.get(str(name))) is not None:
            return model
        raise RequestError(
            f"there is no model {path}; name a run, a model directory or a checkpoint (.ckpt)"
            + (f", or one that comes with s2s{did_you_mean(str(name), known)}" if known else "")
        )
    if (path / "config.yaml").is_file():
        raise RequestError(f"{path} is a run that has no model yet; let it train up to its first validation")
    raise RequestError(f"{path} is not a model: a model directory has a {CONFIG}, a checkpoint ends in .ckpt")
