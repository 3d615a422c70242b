"""A worker process: takes runs, runs them, answers each.

:func:`main` is what a new interpreter does, :func:`serve` what a fork of the flow run does.
"""

from __future__ import annotations

import signal
from multiprocessing.connection import Client, Connection
from typing import TYPE_CHECKING, Any

from prefect.context import push
from prefect.engine.observer import Observer
from prefect.engine.settings import RunSettings
from prefect.engine.unit import run_unit
from prefect.executors.wire import dump, load, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.engine.plan import Plan
    from prefect.engine.state import State
    from prefect.task import Task


def serve(
    connection: Connection,
    plan: Plan,
    settings: RunSettings,
    inherited: Iterable[Connection] = (),
    signals: Iterable[int] | None = None,
) -> None:
    """Run what comes until the other side closes the connection, or a task raises what ends the whole flow run.

    Args:
        connection: The way to the flow run.
        plan: The compiled flow.
        settings: What the tasks of the pass have in common.
        inherited: Connections of the flow run that a fork holds open, and has to close.
        signals: After a fork, the signals that were blocked before it.
    """
    forked = signals is not None
    if settings.observer is not None:
        settings.observer = _RemoteObserver(connection, plan, forked)
    try:
        _stop_at_the_first_signal()
        if signals is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, signals)
        for other in inherited:
            other.close()
        while True:
            for payload in load(connection.recv_bytes()):
                answer = _answer(load(payload), plan, settings)
                connection.send_bytes(_dumped(answer, forked))
                if answer[0] == "raised":
                    return
    except (EOFError, OSError, KeyboardInterrupt):
        return  # The flow run is over, or gone.
    finally:
        # The flow run interrupts its workers when one of them has stopped it: on its way out, that one would complain.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))


def _stop_at_the_first_signal() -> None:
    """Let one signal interrupt the task; on Ctrl-C a second one follows, from the flow run, and finds us on the way out."""

    def interrupt(number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    if callable(signal.getsignal(signal.SIGTERM)):
        signal.signal(signal.SIGTERM, interrupt)


def _answer(packed: Any, plan: Plan, settings: RunSettings) -> tuple[str, Any]:
    try:
        return "done", run_unit(unpack(packed, plan), settings)
    except BaseException as exc:  # noqa: BLE001 - SystemExit and the like end the flow run, not this process
        return "raised", exc


def _dumped(answer: tuple[str, Any], forked: bool) -> bytes:
    try:
        return dump(answer, forked)
    except Exception as exc:  # noqa: BLE001 - whatever a value raises when it is pickled
        content = answer[1]
        value = getattr(content, "result", content)
        reason = (
            f"Its value of type {type(value).__name__} cannot be sent back from the worker process: {exc!r}."
            " Return something that can be pickled, or use threads."
        )
        return dump(("lost", (reason, None)), forked)


class _RemoteObserver(Observer):
    """Asks the observer in the process of the flow run."""

    def __init__(self, connection: Connection, plan: Plan, forked: bool) -> None:
        self._connection = connection
        self._plan = plan
        self._forked = forked

    def task_run_named(self, task: Task, map_index: int | None, name: str) -> None:
        self._ask("task_run_named", task, map_index, name)

    def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
        return self._ask("task_state_changed", task, map_index, old, new)  # type: ignore[no-any-return]

    def cached_states(self, task: Task) -> Iterable[State] | None:
        return self._ask("cached_states", task)  # type: ignore[no-any-return]

    def _ask(self, method: str, task: Task, *arguments: Any) -> Any:
        question = (method, self._plan.places[task], arguments)
        self._connection.send_bytes(dump(("asked", question), self._forked))
        kind, content = load(self._connection.recv_bytes())
        if kind == "raise":
            raise content
        return content


def main(key: bytes, address: str) -> None:
    """Be a worker in a new interpreter: everything comes from the flow run that listens at ``address``."""
    connection = Client(address, authkey=key)
    plan, facts, has_observer, setup, values = load(connection.recv_bytes())
    push(values)
    if setup is not None:
        setup()
    settings = RunSettings(**facts)
    if has_observer:
        settings.observer = _RemoteObserver(connection, plan, forked=False)
    serve(connection, plan, settings)
