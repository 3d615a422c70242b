"""What a Dask worker does for a flow run: it runs tasks, and tells the process of the flow run of it.

The plan comes once to each worker, with a plugin. What is told goes as Dask events, through the scheduler, since a
worker need not be able to reach the process of the flow run; each of them is a list that begins with its kind:

- ``done``, run, state; the value is in the state or stays here (:mod:`prefect.executors.dask_values`); None for the state
  that was told last
- ``raised``, run, exception: a task raised what ends the whole flow run, such as ``SystemExit``
- ``lost``, run, reason: the run came to no state
- ``told``, run, a state of which the observer is to be told
- ``asked``, run, number and address of the question, what the observer is asked (:mod:`prefect.executors.dask_reports`)
- ``line``, a log record
"""

from __future__ import annotations

import ctypes
import itertools
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

from distributed import get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from prefect.context import pop, push
from prefect.engine.observer import Observer
from prefect.engine.settings import RunSettings
from prefect.engine.state import Looped
from prefect.engine.unit import run_unit
from prefect.executors.dask_logs import LineSender, begin_sending, end_sending
from prefect.executors.dask_values import Held, holding, pack, pack_state, unpack
from prefect.executors.wire import load
from prefect.executors.wire import unpack as unpacked_unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from distributed import Worker

    from prefect.engine.plan import Plan
    from prefect.engine.state import State
    from prefect.task import Task

#: A run: place of the task in the plan, and number of the child or None.
_Key = tuple[int, "int | None"]
#: Tells processes apart, with their number, on whatever machine they are.
_TOKEN = os.urandom(16)
#: Seconds between two looks whether anybody still waits for a run.
_LOOK_SECONDS = 1.0


def run(name: str, payload: bytes, values: list[Held]) -> Held | None:
    """Be a Dask task: run one task and return its value if that stays here, else None.

    Args:
        name: Name of the flow run's plugin.
        payload: The run, packed.
        values: The values on the cluster that the run needs.
    """
    plugin: Any = get_worker().plugins[name]
    return plugin.run(payload, values)  # type: ignore[no-any-return]


def held(payload: bytes, values: list[Held]) -> Held:
    """Be a Dask task: return a value that several runs need, so that it comes to the cluster only once."""
    return Held(unpack(payload, values), len(payload))


def answer(name: str, answers: list[tuple[int, bytes]], dask_worker: Worker | None = None) -> None:
    """Hand answers of the observer to the threads that wait for them: number of the question, answer."""
    plugin: Any = dask_worker.plugins.get(name) if dask_worker is not None else None
    if plugin is not None:
        plugin.questions.answer(answers)


def hold_back(name: str, dask_worker: Worker | None = None) -> None:
    """Let no run of a flow run begin any more without the observer's consent."""
    plugin: Any = dask_worker.plugins.get(name) if dask_worker is not None else None
    if plugin is not None:
        plugin.holds_back = True


async def interrupt(name: str, seconds: float, dask_worker: Worker | None = None) -> None:
    """Interrupt the tasks of a flow run and give them some seconds for their clean-up."""
    import asyncio

    plugin: Any = dask_worker.plugins.get(name) if dask_worker is not None else None
    if plugin is not None:
        plugin.interrupt()
        await asyncio.get_running_loop().run_in_executor(None, plugin.wait, seconds)


class FlowRunPlugin(WorkerPlugin):
    """What a worker holds for a flow run.

    Args:
        name: Name of the plugin.
        topic: Dask topic of what is told.
        content: What :func:`prefect.executors.wire.dump_run` returned.
        flow_run_id: Id of the flow run.
        level: Least level of the log lines that are wanted.
        extra_loggers: Loggers whose lines are wanted, besides those of this package.
        settings: Configuration key → value, for workers that serve this flow run only.
        held_back: Places of the tasks whose runs the observer may hold back.
    """

    def __init__(
        self,
        name: str,
        topic: str,
        content: bytes,
        flow_run_id: str | None,
        level: int,
        extra_loggers: Sequence[str],
        settings: dict[str, Any],
        held_back: Collection[int],
    ) -> None:
        self.name = name
        self._topic = topic
        self._content = content
        self._flow_run_id = flow_run_id
        self._level = level
        self._extra_loggers = extra_loggers
        self._settings = settings
        self._held_back = held_back
        self._origin = _this_process()

    def setup(self, worker: Worker) -> None:
        """Be given to a worker."""
        self._worker = worker
        self._lock = threading.Condition()
        self._ready: tuple[Plan, RunSettings] | None = None
        self._sender: LineSender | None = None
        self._busy: dict[int, bool] = {}
        self.questions = _Questions()
        self.holds_back = False
        self._is_over = False
        self._last = threading.local()
        if self._origin != _this_process():
            if self._settings and threading.current_thread() is threading.main_thread():
                # Ctrl-C reaches the workers of a temporary cluster too, whose tasks the flow run's process interrupts.
                signal.signal(signal.SIGINT, signal.SIG_IGN)
            self._sender = LineSender(self._flow_run_id, self._level, self._extra_loggers, self._send_line)
            begin_sending(self._sender)

    def teardown(self, worker: Worker) -> None:
        """Be taken from a worker: nobody waits for runs any more."""
        self._is_over = True
        self.questions.end()
        if self._sender is not None:
            end_sending(self._sender)

    # ---- runs --------------------------------------------------------------------------------------------------

    def run(self, payload: bytes, values: list[Held]) -> Held | None:
        """Run a task and tell what came of it; see :func:`run`."""
        thread = threading.get_ident()
        try:
            with self._lock:
                self._busy[thread] = False
            try:
                return self._run(*unpack(payload, values))
            finally:
                self._leave(thread)
        except KeyboardInterrupt:
            self._leave(thread)
            return None  # It came too late for the task; what gets it from here is Dask, which would end the worker.

    def _leave(self, thread: int) -> None:
        with self._lock:
            self._lock.notify_all()
            if self._busy.pop(thread, False):
                # What has not been raised by now must not hit whatever this thread does next.
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None)

    def _run(self, key: _Key, packed: Any, is_held_back: bool) -> Held | None:
        plan, settings = self._prepared()
        self._last.is_held_back = is_held_back or key[0] in self._held_back
        self._last.told = None, None
        try:
            state = run_unit(unpacked_unit(packed, plan), settings)
        except BaseException as exc:  # noqa: BLE001 - SystemExit and the like end the flow run, not this worker
            self._tell("raised", key, _packed_exception(exc))
            return None
        last, held_value = self._last.told
        if state is last:
            self._tell("done", key, None)
            return held_value  # type: ignore[no-any-return]
        try:
            payload, held_value = pack_state(state)
        except TypeError as exc:
            self._tell("lost", key, str(exc))
            return None
        self._tell("done", key, payload)
        return held_value

    def _prepared(self) -> tuple[Plan, RunSettings]:
        """Return the plan and the settings, which are made from what came here when the first task needs them."""
        with self._lock:
            if self._ready is None:
                self._ready = self._made()
            return self._ready

    def _made(self) -> tuple[Plan, RunSettings]:
        from prefect.configuration import config

        if self._origin != _this_process():
            config.update(self._settings)
        plan, facts, has_observer, _, values = load(self._content)
        token = push(values)
        try:
            settings = RunSettings(**facts)
        finally:
            pop(token)
        if has_observer:
            settings.observer = _RemoteObserver(self, plan)
        return plan, settings

    def wait(self, seconds: float) -> None:
        """Wait until no task is running, or some seconds have passed."""
        with self._lock:
            self._lock.wait_for(lambda: not self._busy, seconds)

    def interrupt(self) -> None:
        """Raise ``KeyboardInterrupt`` in the tasks that are running."""
        self.questions.end()
        with self._lock:
            for thread in self._busy:
                self._busy[thread] = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))

    # ---- what is told ------------------------------------------------------------------------------------------

    def _tell(self, kind: str, *content: Any) -> None:
        if not self._is_over:
            self._worker.log_event(self._topic, [kind, *content])

    def _send_line(self, line: dict[str, Any]) -> None:
        self._tell("line", line)

    def report(self, key: _Key, state: State) -> Any:
        """Let the observer know of a state, and return what it answers if the run depends on that; see the module."""
        if isinstance(state, Looped):
            state = holding(state, None)  # what the next iteration begins with stays here
        payload, held_value = pack_state(state)
        if state.is_running() and (self.holds_back or self._last.is_held_back):
            return self.ask(key, "task_state_changed", payload)
        if state.is_successful() or state.is_running() or isinstance(state, Looped):
            self._last.told = state, held_value
            self._tell("told", key, payload)
            return None
        return self.ask(key, "task_state_changed", payload)

    def ask(self, key: _Key, method: str, *arguments: Any) -> Any:
        """Call a method of the observer with these arguments after the task and its number, and return what it returns."""
        number, answered = self.questions.add()
        self._tell("asked", key, number, self._worker.address, method, arguments)
        task = get_worker().get_current_task()
        while not answered.wait(_LOOK_SECONDS):
            state = self._worker.state.tasks.get(task)
            if state is None or state.state == "cancelled":
                raise KeyboardInterrupt  # the process of the flow run is gone
        kind, content = self.questions.take(number)
        if kind == "raise":
            raise content
        return content


class _Questions:
    """Questions to the observer that have not been answered."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._waiting: dict[int, threading.Event] = {}
        self._answers: dict[int, bytes] = {}

    def add(self) -> tuple[int, threading.Event]:
        number, answered = next(self._numbers), threading.Event()
        self._waiting[number] = answered
        return number, answered

    def answer(self, answers: Iterable[tuple[int, bytes]]) -> None:
        for number, content in answers:
            self._answers[number] = content
            self._waiting[number].set()

    def end(self) -> None:
        for answered in list(self._waiting.values()):
            answered.set()

    def take(self, number: int) -> Any:
        del self._waiting[number]
        if number not in self._answers:
            raise KeyboardInterrupt
        return unpack(self._answers.pop(number))


class _RemoteObserver(Observer):
    """Tells and asks the observer in the process of the flow run."""

    def __init__(self, plugin: FlowRunPlugin, plan: Plan) -> None:
        self._plugin = plugin
        self._places = plan.places

    def task_run_named(self, task: Task, map_index: int | None, name: str) -> None:
        self._plugin.ask((self._places[task], map_index), "task_run_named", name)

    def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
        return self._plugin.report((self._places[task], map_index), new)  # type: ignore[no-any-return]

    def cached_states(self, task: Task) -> Iterable[State] | None:
        return self._plugin.ask((self._places[task], None), "cached_states")  # type: ignore[no-any-return]


def _this_process() -> tuple[bytes, int]:
    return _TOKEN, os.getpid()


def _packed_exception(exc: BaseException) -> bytes:
    try:
        return pack(exc)[0]
    except Exception:  # noqa: BLE001 - whatever it holds raises when it is pickled
        return pack(RuntimeError(f"A task raised {exc!r}, which cannot be pickled."))[0]
