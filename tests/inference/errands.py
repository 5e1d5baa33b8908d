"""What test_workers.py has other processes do; imports nothing that takes time."""

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from s2s.config.errors import RequestError
from s2s.inference.workers import Workers


def clerk(number: int) -> Callable[[Any], Any]:
    """Does an errand: a verb, and what it needs."""

    def run(errand: tuple[str, Any]) -> Any:
        verb, value = errand
        if verb == "refuse":
            raise RequestError(value)
        if verb == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if verb == "sleep":
            time.sleep(value)
        return number, os.getpid(), value

    return run


def absent(number: int) -> Callable[[Any], Any]:
    """Cannot even begin."""
    raise RequestError("there is nothing to begin with")


if __name__ == "__main__":
    with Workers(clerk, 2) as workers:
        workers(clerk(0), [("do", None)] * 2)
        print(*[process.pid for process in workers.processes], flush=True)
        try:
            if sys.argv[1] == "idle":
                time.sleep(100)
            else:
                workers(clerk(0), [("sleep", 100)] * 2)
        except KeyboardInterrupt:
            sys.exit(130)
