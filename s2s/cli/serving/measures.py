"""What a server counts, for Prometheus."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_INPUTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Measures:
    """Requests by path and status, how long they took, batches, and who did not wait for the answer.

    Args:
        paths: those that are counted by name; any other is `other`, so that nobody can make up names without end.
    """

    def __init__(self, paths: set[str]) -> None:
        self._paths = paths
        self.registry = CollectorRegistry()
        self.open = 0
        """Requests with a body that are arriving, waiting or being answered."""
        self._requests = Counter("s2s_requests", "Requests answered", ("path", "status"), registry=self.registry)
        self._seconds = Histogram(
            "s2s_request_seconds", "From the head to the answer", ("path",), buckets=_SECONDS, registry=self.registry
        )
        self._inputs = Histogram(
            "s2s_batch_inputs", "Inputs computed together", ("model",), buckets=_INPUTS, registry=self.registry
        )
        self.gone = Counter("s2s_hung_up", "Clients that left before the answer", registry=self.registry)
        Gauge("s2s_open_requests", "Being answered", registry=self.registry).set_function(lambda: self.open)

    @contextmanager
    def request(self, path: str) -> Iterator[list[int]]:
        """Count a request to `path` and its time, with the status that is put into the list that this gives."""
        name = path if path in self._paths else "other"
        begun, status = time.perf_counter(), list[int]()
        try:
            yield status
        finally:
            if status:
                self._requests.labels(name, str(status[0])).inc()
                self._seconds.labels(name).observe(time.perf_counter() - begun)

    def batches(self, model: str) -> Callable[[int], None]:
        """Counts the inputs of a batch of this model."""
        return self._inputs.labels(model).observe

    def text(self) -> bytes:
        """In the text format of Prometheus."""
        return generate_latest(self.registry)
