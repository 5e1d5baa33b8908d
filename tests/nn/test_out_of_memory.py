"""Out of memory is one sentence that names the batch and what to lower, whoever notices it."""

import cv2
import numpy as np
import pytest
import torch

from s2s.config.errors import RequestError, WorkError
from s2s.nn.out_of_memory import is_out_of_memory, memory_for

HUGE = 1 << 55


@pytest.mark.parametrize(
    "ask",
    [
        lambda: torch.empty(HUGE, dtype=torch.uint8),
        lambda: np.empty(HUGE, np.uint8),
        lambda: bytearray(HUGE),
        lambda: (_ for _ in ()).throw(torch.OutOfMemoryError("CUDA out of memory")),
        lambda: (_ for _ in ()).throw(cv2.error("OpenCV(4.9) alloc.cpp:73: error: (-4:Insufficient memory) Failed")),
    ],
)
def test_every_library_s_way_to_say_it_is_known(ask):
    def run():
        with memory_for(lambda: "a batch; lower it"):
            next(iter([ask()]))

    with pytest.raises(WorkError, match=r"^out of memory for a batch; lower it$"):
        run()


@pytest.mark.parametrize(
    "error", [RuntimeError("shapes cannot be multiplied"), ValueError("no"), RequestError("out of memory?")]
)
def test_what_is_something_else_stays_what_it_is(error):
    with pytest.raises(type(error)) as caught, memory_for(lambda: "a batch"):
        raise error
    assert caught.value is error


def test_an_error_in_a_loader_s_worker_is_no_shortage_but_its_death_is():
    assert not is_out_of_memory(RuntimeError("Caught ValueError in DataLoader worker process 0."))
    assert is_out_of_memory(RuntimeError("DataLoader worker (pid 17) is killed by signal: Killed."))
    assert is_out_of_memory(RuntimeError("DataLoader worker (pid(s) 17) exited unexpectedly"))
