"""Keeping the libraries' own notices off the screen while a run prints its lines."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Lightning's notices to itself: what they say, our own lines say, or a test has shown to be meant."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    hook = threading.excepthook
    threading.excepthook = lambda error: None if _is_tensorboards(error) else hook(error)
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*does not have many workers.*")
            warnings.filterwarnings("ignore", message=".*broadcast_buffers. is deprecated.*")
            warnings.filterwarnings("ignore", message=".*LeafSpec.* is deprecated")
            yield
    finally:
        threading.excepthook = hook
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _is_tensorboards(error: threading.ExceptHookArgs) -> bool:
    """Whether an error is one of TensorBoard's writing thread, which raises it again where the journal next writes."""
    return type(error.thread).__module__.startswith("tensorboard.")
