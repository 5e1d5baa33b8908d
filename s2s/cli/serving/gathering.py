"""Requests that come at about the same time go through the model together."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

Work = Callable[[Sequence[Any], Mapping[str, Any]], Sequence[Any]]
"""The answers to inputs, in their order, under options."""


@dataclass(eq=False)
class _Ask:
    inputs: Sequence[Any]
    options: Mapping[str, Any]
    answer: asyncio.Future[Sequence[Any]]
    came: float


class Gatherer:
    """Inputs of several requests with the same options, computed as one batch in one thread.

    While it computes, the next batch gathers by itself; after idleness the first request waits a moment for others.

    Args:
        work: what computes.
        thread: where.
        pause: seconds that the first of a batch waits for others.
        most: inputs of a batch that several requests share.
        seen: called with the number of inputs of each batch.
    """

    def __init__(self, work: Work, thread: Executor, pause: float, most: int, seen: Callable[[int], None]) -> None:
        self._work, self._thread, self._pause, self._most, self._seen = work, thread, pause, most, seen
        self._waiting: deque[_Ask] = deque()
        self._some = asyncio.Event()

    async def __call__(self, inputs: Sequence[Any], options: Mapping[str, Any]) -> Sequence[Any]:
        """The answers; whoever is cancelled while waiting is not computed."""
        loop = asyncio.get_running_loop()
        ask = _Ask(inputs, options, loop.create_future(), loop.time())
        self._waiting.append(ask)
        self._some.set()
        return await ask.answer

    async def run(self) -> None:
        """Compute what comes, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._some.wait()
            if self._waiting and self._most > 1:
                await asyncio.sleep(max(0.0, self._waiting[0].came + self._pause - loop.time()))
            batch = self._next()
            if not self._waiting:
                self._some.clear()
            if batch:
                await self._compute(batch)

    def _next(self) -> list[_Ask]:
        """The longest waiting request and those with the same options that fit into a batch with it."""
        waiting = [ask for ask in self._waiting if not ask.answer.done()]
        batch: list[_Ask] = []
        size = 0
        for ask in waiting:
            if not batch or (ask.options == batch[0].options and size + len(ask.inputs) <= self._most):
                batch.append(ask)
                size += len(ask.inputs)
        taken = set(map(id, batch))
        self._waiting = deque(ask for ask in waiting if id(ask) not in taken)
        return batch

    async def _compute(self, batch: list[_Ask]) -> None:
        inputs = [one for ask in batch for one in ask.inputs]
        loop = asyncio.get_running_loop()
        self._seen(len(inputs))
        try:
            answers = iter(await loop.run_in_executor(self._thread, self._work, inputs, batch[0].options))
        except Exception as error:
            if len(batch) == 1:
                _settle(batch[0], error=error)
                return
            for ask in batch:  # the fault of one is not the others'
                await self._compute([ask])
            return
        for ask in batch:
            _settle(ask, [next(answers) for _ in ask.inputs])


def _settle(ask: _Ask, answers: Sequence[Any] = (), error: Exception | None = None) -> None:
    """Answer, unless nobody waits any more."""
    if ask.answer.done():
        return
    if error is None:
        ask.answer.set_result(answers)
    else:
        ask.answer.set_exception(error)
