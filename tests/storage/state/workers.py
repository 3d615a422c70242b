"""Processes that work on one store at once, and tell what they did through pipes. However they end, the test goes on."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, NamedTuple, NoReturn

#: Called in a worker with anything JSON can say: the test gets it.
Report = Callable[..., None]

_SILENCE_SECONDS = 60.0


class Worker(NamedTuple):
    """Attributes:
    number: Of the worker, from 0.
    pid: Of its process.
    pipe: Where its reports come from.
    """

    number: int
    pid: int
    pipe: int


class Crew:
    """Workers that start together and are all gone at the end of the block.

    Args:
        work: What each worker does, given its number and how to report.
        size: How many there are at first; they wait for :meth:`go`.
    """

    def __init__(self, work: Callable[[int, Report], None], size: int) -> None:
        self._work = work
        self._workers: dict[int, Worker] = {}
        self._killed: set[Worker] = set()
        self._unread: dict[int, bytes] = {}
        self._count = 0
        self._gate: tuple[int, int] | None = os.pipe()
        for _ in range(size):
            self.start()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.kill_all()
        for worker in self._workers.values():
            os.waitpid(worker.pid, 0)
            os.close(worker.pipe)
        self.go()

    def start(self) -> None:
        """Start one more worker."""
        number, self._count = self._count, self._count + 1
        reading, writing = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # other threads, of pytest-xdist, hold nothing a worker needs
            pid = os.fork()
        if not pid:
            self._be_worker(number, writing)
        os.close(writing)
        self._workers[reading] = Worker(number, pid, reading)
        self._unread[reading] = b""

    def _be_worker(self, number: int, pipe: int) -> NoReturn:
        code = 1
        try:
            if self._gate is not None:
                waiting, opening = self._gate
                os.close(opening)
                os.read(waiting, 1)  # returns when nobody is left who could write: all are there

            def report(*said: Any) -> None:
                os.write(pipe, json.dumps(said).encode() + b"\n")

            try:
                self._work(number, report)
                code = 0
            except BaseException:
                report("died of", traceback.format_exc())
        finally:
            os._exit(code)

    def go(self) -> None:
        """Let the workers begin."""
        if self._gate is not None:
            for end in self._gate:
                os.close(end)
            self._gate = None

    def kill_one(self, chance: random.Random) -> None:
        """Kill any worker; what it had reported still comes."""
        worker = chance.choice([worker for worker in self._workers.values() if worker not in self._killed])
        self._killed.add(worker)
        os.kill(worker.pid, signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill all workers; what they had reported still comes."""
        for worker in self._workers.values():
            os.kill(worker.pid, signal.SIGKILL)

    def reports(self) -> Iterator[tuple[Worker, list[Any]]]:
        """Let the workers begin and yield their reports until all have ended.

        Raises:
            AssertionError: A worker died of an exception, or nobody has said anything for a minute.
        """
        self.go()
        while self._workers:
            ready, _, _ = select.select(list(self._workers), [], [], _SILENCE_SECONDS)
            assert ready, "the workers say nothing any more"
            for pipe in ready:
                worker = self._workers[pipe]
                data = os.read(pipe, 1 << 16)
                *lines, self._unread[pipe] = (self._unread[pipe] + data).split(b"\n")
                for said in map(json.loads, lines):
                    assert said[0] != "died of", said[1]
                    yield worker, said
                if not data:
                    os.close(pipe)
                    del self._workers[pipe]
                    os.waitpid(worker.pid, 0)


def all_reports(work: Callable[[int, Report], None], size: int = 8) -> list[tuple[int, list[Any]]]:
    """Return what workers report, each with the number of its worker, when all have ended."""
    with Crew(work, size) as crew:
        return [(worker.number, said) for worker, said in crew.reports()]
