"""A model without memory: every shape, no number."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from s2s.config.experiment import Experiment
from s2s.nn.model import AnyModel, build_model


def build_unfilled(config: Experiment, sizes: Mapping[str, int]) -> AnyModel:
    """The model of a config on torch's meta device, however large the config claims it is; see `build_model`."""
    with torch.device("meta"), _NoInitialisation():
        return build_model(config, sizes)


class _NoInitialisation(TorchFunctionMode):
    """Leaves weights alone that torch's modules would fill: on the meta device that imports two seconds of compiler."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", None) == "torch.nn.init":
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return func(*args, **kwargs)
