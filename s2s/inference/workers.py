"""Several processes that each have the model: whole batches are dealt out to them, answers come back in order."""

import multiprocessing
import pickle
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Any, Self, cast

from s2s.config.errors import RequestError, WorkError
from s2s.inference.jobs import Found, Job


class Workers:
    """Processes that live as long as the `with` block; called like `map`, they do the jobs.

    A batch is computed as it would be in one process, so the answers are the same to the bit where the processes
    have as many threads as that one would have.

    Args:
        load: called once in each process, with its number, gives what does a job there; has to be picklable.
        count: how many processes.
    """

    def __init__(self, load: Callable[[int], Callable[[Any], Any]], count: int) -> None:
        self._load, self._count = load, count
        self._crew: dict[Connection, SpawnProcess] = {}
        self._busy: dict[Connection, int] = {}
        """Who has a job whose answer has not been read, and the job's place."""

    @property
    def processes(self) -> list[SpawnProcess]:
        """The processes, by number."""
        return list(self._crew.values())

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")  # forked threads and CUDA do not work
        with _ctrl_c_is_ours():
            for number in range(self._count):
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs, self._load, number), daemon=True)
                process.start()
                theirs.close()
                self._crew[ours] = process
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for process in self._crew.values():
            process.kill()  # it only computes: nothing is lost
            process.join()

    def __call__(self, work: Callable[[Job], Found], jobs: Sequence[Job], /) -> Iterator[Found]:
        """The answers to the jobs. WorkError where a process is lost; what `work` raises there is raised here."""
        while self._busy:  # a call before this one raised, or was interrupted: what it did not wait for is dropped
            for line, _, _ in self._answers():
                del self._busy[line]
        waiting = enumerate(jobs)
        answers: dict[int, Found] = {}
        for line in self._crew:
            self._give(line, waiting)
        while self._busy:
            for line, answer, error in self._answers():
                place = self._busy.pop(line)
                if error is not None:
                    raise error
                answers[place] = answer
                self._give(line, waiting)
        return (answers[place] for place in range(len(jobs)))

    def _give(self, line: Connection, waiting: Iterator[tuple[int, Any]]) -> None:
        """Send the next job, if there is one, to the process of this connection."""
        for place, job in waiting:
            with suppress(BrokenPipeError):  # what it sent before it ended is still to be read
                line.send_bytes(pickle.dumps(job))
            self._busy[line] = place
            return

    def _answers(self) -> Iterator[tuple[Connection, Any, Exception | None]]:
        """What busy processes have answered, once one has: connection, answer and error, one of which is None."""
        for line in cast("list[Connection]", wait(list(self._busy))):
            try:
                answer, error = pickle.loads(line.recv_bytes())
            except (EOFError, OSError):
                process = self._crew[line]
                process.join()
                code = process.exitcode or 0
                how = f"signal {-code}" if code < 0 else f"status {code}"
                raise WorkError(
                    f"one of the {self._count} processes ended with {how}; if memory ran out, lower --devices"
                ) from None
            yield line, answer, error


def _serve(line: Connection, load: Callable[[int], Callable[[Any], Any]], number: int) -> None:
    """Do the jobs that come, until nobody is there to send them."""
    with suppress(EOFError, OSError):
        try:
            work = load(number)
        except Exception as error:
            line.send_bytes(_failure(error))
            return
        while True:
            job = pickle.loads(line.recv_bytes())
            try:
                # pickle's own bytes: torch would keep a file open for every tensor.
                answer = pickle.dumps((work(job), None))
            except Exception as error:
                answer = _failure(error)
            line.send_bytes(answer)


def _failure(error: Exception) -> bytes:
    if not isinstance(error, RequestError | WorkError):
        error.add_note(f"in another process:\n{traceback.format_exc()}")
    try:
        return pickle.dumps((None, error))
    except (pickle.PicklingError, TypeError, AttributeError):
        return pickle.dumps((None, RuntimeError(traceback.format_exc())))


@contextmanager
def _ctrl_c_is_ours() -> Iterator[None]:
    """Processes begun in the block never see Ctrl-C, which a terminal sends to all; they are ended by this one."""
    resource_tracker.ensure_running()  # it would be begun with the first process, and let Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
