"""The packages that models in ONNX need, which s2s runs without."""

from importlib import import_module
from typing import Any

from s2s.config.errors import RequestError


def onnx_package(name: str) -> Any:
    """One of the packages that the extra `onnx` brings. RequestError without it."""
    try:
        return import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise RequestError(f"models in ONNX need the package {package}: pip install 's2s[onnx]'") from None
