"""The processes of one run, which torchrun or SLURM started: who is the first, and what they send each other.

In a run of one process nothing here does anything, and torch.distributed is not touched.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from s2s.config.errors import RequestError, WorkError

if TYPE_CHECKING:
    from lightning.fabric.plugins.environments.cluster_environment import ClusterEnvironment

A = TypeVar("A")
B = TypeVar("B")

_ARRIVAL = timedelta(minutes=10)
"""How long the processes of a run wait for each other at the start."""
_PATIENCE = timedelta(hours=6)
"""How long one waits for another that works, as on a vocabulary; that one has died is noticed at once."""
_PRINTING = 5.0
"""Seconds that one is given to print an error, where nothing shows when it has."""
_store: Any = None
"""What the processes share while they are joined."""


@cache
def environment() -> "ClusterEnvironment | None":
    """What started the processes of this run; None where there is only this one. RequestError where it is unclear."""
    if "TORCHELASTIC_RUN_ID" not in os.environ and os.environ.get("SLURM_NTASKS", "1") == "1":
        return None
    from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
    from lightning.fabric.plugins.environments.torchelastic import TorchElasticEnvironment

    found: ClusterEnvironment
    try:
        if TorchElasticEnvironment.detect():
            found = TorchElasticEnvironment()
        elif SLURMEnvironment.detect():
            found = SLURMEnvironment(auto_requeue=False)  # it would write checkpoints of its own
        else:
            return None
    except RuntimeError as error:
        raise RequestError(f"SLURM: {error}") from None
    return found if found.world_size() > 1 else None


def ranks() -> int:
    """How many processes there are."""
    place = environment()
    return 1 if place is None else place.world_size()


def rank() -> int:
    """Which of them this one is."""
    place = environment()
    return 0 if place is None else place.global_rank()


def first() -> bool:
    """Whether this is the one that prints, writes, and does what is done once."""
    return rank() == 0


def per_node() -> int:
    """How many of them are on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE") or os.environ["SLURM_NTASKS_PER_NODE"]) if ranks() > 1 else 1


@contextmanager
def joined(device: str) -> Iterator[None]:
    """Meet the other processes for as long as the block lasts; inside another such block nothing happens.

    An error leaves them joined: where they have failed together they are as before, and if not nothing helps.

    RequestError where the machine has fewer GPUs than processes, WorkError where some processes do not come.
    """
    global _store
    place = environment()
    if place is None or _store is not None:
        yield
        return
    import torch
    from torch import distributed
    from torch.distributed.rendezvous import rendezvous

    backend = "gloo"
    if device != "cpu" and torch.cuda.is_available():
        if torch.cuda.device_count() < per_node():
            raise RequestError(
                f"{per_node()} processes see {torch.cuda.device_count()} GPUs of this machine; each needs its own, "
                "and has to see all"
            )
        torch.cuda.set_device(place.local_rank())
        backend = "cpu:gloo,cuda:nccl"  # only gradients are on the GPU
    address = f"tcp://{place.main_address}:{place.main_port}?rank={rank()}&world_size={ranks()}"
    try:
        _store, _, _ = next(rendezvous(address, timeout=_ARRIVAL))
        distributed.init_process_group(backend, store=_store, rank=rank(), world_size=ranks(), timeout=_PATIENCE)
    except RuntimeError as error:
        _store = None
        raise WorkError(
            f"process {rank()} of {ranks()} has not met the others at {place.main_address}, port "
            f"{place.main_port}; start all of them, with torchrun or srun ({str(error).splitlines()[0]})"
        ) from None
    yield
    gather(None)  # all leave together: when one has left, torchrun stops the others
    distributed.destroy_process_group()
    _store = None


def wait_for_printing() -> None:
    """Stay until another process, which has an error to print, has printed it and left."""
    with suppress(WorkError, KeyboardInterrupt):  # torchrun stops it then
        if _store is None:
            time.sleep(_PRINTING)  # they have not met, and it is printing now
        else:
            gather(None)


@contextmanager
def together() -> Iterator[None]:
    """What fails in one process fails in all of them at the end of the block, and one of them reports it.

    For blocks in which the processes talk by `gather` and what is built on it alone.
    """
    try:
        yield
    except Exception as error:
        if not _is_known(error):
            failures = _exchange(None, (type(error).__name__, getattr(error, "status", 1), str(error)))[1]
            set_printed_here(error, next(place for place, failure in enumerate(failures) if failure) == rank())
        raise
    gather(None)


@contextmanager
def in_step() -> Iterator[None]:
    """What fails in one process ends the others when they next wait for it, and one of them reports it.

    For blocks in which the processes talk by any means.
    """
    try:
        yield
    except Exception as error:
        if ranks() == 1 or _is_known(error):
            raise
        earliest = _failed_first()
        set_printed_here(error, earliest)
        if not _is_loss(error):
            raise
        lost = WorkError("another process of this run is gone; the last checkpoint, if any, is intact")
        set_printed_here(lost, earliest)
        raise lost from None


def gather(value: A) -> list[A]:
    """What every process gives, by rank; all of them have to call it. Raises what failed in another one."""
    values, failures = _exchange(value)
    for failure in filter(None, failures):
        kind, status, message = failure
        error = (RequestError if status == RequestError.status else WorkError)(message or kind)
        set_printed_here(error, False)
        raise error
    return values


def once(make: Callable[[], A]) -> A:
    """What the first process makes, for all of them; inside `together`, for it may fail."""
    return gather(make() if first() else None)[0]  # type: ignore[return-value]


def spread(function: Callable[[A], B], jobs: Sequence[A]) -> list[B]:
    """`function` of every job, in order; each process does its share of them and learns of all."""
    shares = gather([function(job) for job in jobs[rank() :: ranks()]])
    return [shares[place % ranks()][place // ranks()] for place in range(len(jobs))]


def largest(number: int) -> int:
    """The largest of the numbers that the processes give."""
    if ranks() == 1:
        return number
    import torch
    from torch import distributed

    tensor = torch.tensor(number)
    with in_step():
        distributed.all_reduce(tensor, distributed.ReduceOp.MAX)
    return int(tensor)


def _exchange(value: Any, failure: tuple[str, int, str] | None = None) -> tuple[list[Any], list[Any]]:
    """Everybody's values, and the failures of those that failed."""
    if ranks() == 1:
        return [value], [failure]
    from torch import distributed

    found: list[Any] = [None] * ranks()
    with in_step():
        distributed.all_gather_object(found, (value, failure))
    values, failures = zip(*found, strict=True)
    return list(values), list(failures)


def set_printed_here(error: Exception, here: bool) -> None:
    """Decide whether an error is for this process to print."""
    error.printed_here = here  # type: ignore[attr-defined]


def is_printed_here(error: Exception) -> bool:
    """Whether an error is for this process to print: any is, unless another process has it."""
    return getattr(error, "printed_here", True)


def _is_known(error: Exception) -> bool:
    return hasattr(error, "printed_here")


def _failed_first() -> bool:
    """Whether no process has failed before this one."""
    try:
        return bool(_store.add("failed", 1) == 1)
    except RuntimeError:  # the process that kept the list is gone, and knew why
        return False


def _is_loss(error: Exception) -> bool:
    """Whether an error is torch's for another process that does not answer."""
    from torch import distributed

    return isinstance(error, distributed.DistError) or (isinstance(error, RuntimeError) and "gloo" in str(error))
