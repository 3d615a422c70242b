"""A pool of workers of a Dask cluster.

Every run is one Dask task, submitted when the engine says that its upstream runs are done; many at a time, since a
message to the scheduler costs more than what is in it. Large values stay on the workers, small ones come with the states
(:mod:`prefect.executors.dask_values`).

Source: core.md §14.4; docs/decisions/0016.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from prefect.engine.unit import fail_unit, run_unit
from prefect.executors import dask_worker
from prefect.executors.dask_caretaker import Caretaker
from prefect.executors.dask_logs import least_level, show
from prefect.executors.dask_reports import Reports
from prefect.executors.dask_runs import (
    CONNECTION_LOST,
    Parts,
    Run,
    depths,
    ends_at_once,
    random_name,
    resources_of,
    task_key,
)
from prefect.executors.dask_values import RemoteValue, Stays, holding, pack, unpack
from prefect.executors.processes import INPUTS_STAY
from prefect.executors.wire import dump_run, with_exit_code

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prefect.engine.parallel_run import Key
    from prefect.engine.plan import Plan
    from prefect.engine.settings import RunSettings
    from prefect.engine.state import State
    from prefect.engine.unit import Unit

#: Runs, and bytes of them, that are held back while more come.
_LARGEST_BATCH = 500
_LARGEST_MESSAGE = 4_000_000
#: Seconds between two looks for Dask tasks that Dask has given up.
_LOOK_SECONDS = 0.5
#: Seconds that interrupted tasks have for their clean-up.
_GRACE_SECONDS = 5.0


class DaskPool:
    """Runs tasks on a Dask cluster.

    Args:
        client: A client of the cluster.
        plan: The compiled flow.
        settings: What the tasks of the pass have in common.
        worker_settings: Configuration key → value, for workers that serve this flow run only.
        interrupts: Whether tasks that are running are interrupted when the flow run is.
    """

    def __init__(
        self, client: Any, plan: Plan, settings: RunSettings, worker_settings: dict[str, Any], interrupts: bool
    ) -> None:
        self._client = client
        self._plan = plan
        self._settings = settings
        self._interrupts = interrupts
        self._name = f"prefect-{random_name()}"
        self._depths = depths(plan)
        self._parts = Parts(self._hold)
        self._waiting: list[Run] = []
        self._waiting_size = 0
        self._begun: dict[Key, Run] = {}
        self._done: deque[tuple[Key, State]] = deque()
        self._left: list[Any] = []
        self._inbox: SimpleQueue[Any] = SimpleQueue()
        self._answers: defaultdict[str, list[tuple[int, bytes]]] = defaultdict(list)
        self._next_look = 0.0
        #: Of the connection to the scheduler; Dask replaces a broken one, but not what was known to the scheduler.
        self._comm = client.scheduler_comm
        #: Whether no run begins any more without being asked for: the observer has refused one that had begun.
        self._holds_back = False
        self._refused = self._introduce(worker_settings)

    def _introduce(self, worker_settings: dict[str, Any]) -> dict[int, Exception]:
        """Give the plan to all workers, also to those that come later; return place → error of tasks it is without."""
        from prefect.configuration import config
        from prefect.context import context

        content, refused = dump_run(self._plan, self._settings)
        observer = self._settings.observer
        held_back = [
            step.index for step in self._plan.steps if observer is not None and observer.may_hold_back(step.task)
        ]
        # The name of a client is a topic whose events the scheduler forgets when the client is gone.
        topic = self._client.id
        plugin = dask_worker.FlowRunPlugin(
            self._name,
            topic,
            content,
            context.get("flow_run_id"),
            least_level(),
            tuple(config.logging.extra_loggers),
            worker_settings,
            frozenset(held_back),
        )
        self._client.subscribe_topic(topic, self._hear)
        try:
            self._client.register_plugin(Caretaker(self._name, topic))
        except Exception as exc:  # noqa: BLE001 - a scheduler may be told to take none
            self._settings.logger.debug("The Dask scheduler takes no plugin: %r", exc)
        self._client.register_plugin(plugin, name=self._name)
        return refused

    # ---- to the cluster ----------------------------------------------------------------------------------------

    def room(self) -> int:
        """Return a number larger than any flow, since Dask has a queue of its own."""
        return 1_000_000_000

    def submit(self, key: Key, unit: Unit) -> None:
        """Begin a run, soon."""
        if ends_at_once(unit) and self._settings.task_runner_cls is None:
            self._done.append((key, run_unit(unit, self._settings)))
            return
        if self._has_lost_scheduler():
            self._done.append((key, fail_unit(unit, self._settings, CONNECTION_LOST)))
            return
        try:
            if unit.step.index in self._refused:
                raise self._refused[unit.step.index]
            payload, needed = self._parts.packed(key, unit, self._holds_back)
        except Exception as exc:  # noqa: BLE001 - whatever a value raises when it is pickled
            self._done.append((key, fail_unit(unit, self._settings, INPUTS_STAY.format(exc), exc)))
            return
        self._waiting.append(Run(key, unit, payload, needed))
        self._waiting_size += len(payload)
        if len(self._waiting) >= _LARGEST_BATCH or self._waiting_size >= _LARGEST_MESSAGE:
            self._flush()

    def _flush(self) -> None:
        """Submit what is held back; deeper tasks go first, so that values are used up before more are made."""
        groups: defaultdict[tuple[int, frozenset[tuple[str, float]]], list[Run]] = defaultdict(list)
        for run in self._waiting:
            step = run.unit.step
            groups[self._depths[step.index], frozenset(resources_of(step.tags).items())].append(run)
            self._begun[run.key] = run
        self._waiting, self._waiting_size = [], 0
        for (depth, resources), runs in groups.items():
            try:
                futures = self._client.map(
                    dask_worker.run,
                    [self._name] * len(runs),
                    [run.payload for run in runs],
                    [run.needed for run in runs],
                    key=[task_key(run.unit.step.name, run.unit.map_index) for run in runs],
                    pure=False,
                    priority=depth,
                    resources=dict(resources) or None,
                )
            except Exception:
                if not self._has_lost_scheduler():
                    raise
                self._look()
                return
            for run, run.future in zip(runs, futures):
                run.payload, run.needed = b"", []
        # Given up before Dask has heard of their end, they would count as cancelled.
        self._left = [future for future in self._left if future.status == "pending"]

    def release(self, state: State) -> None:
        """Let the cluster forget the value of a state, if it is there."""
        if isinstance(state.result, RemoteValue):
            state.result.release()

    def _has_lost_scheduler(self) -> bool:
        return self._client.scheduler_comm is not self._comm or self._comm.closed()

    def _hold(self, value: Any) -> RemoteValue:
        """Bring a value to the cluster, as a Dask task, so that it can be made anew when its worker dies."""
        payload, needed = pack(value)
        key = f"prefect-value-{random_name()}"
        (future,) = self._client.map(dask_worker.held, [payload], [needed], key=[key], pure=False)
        return RemoteValue(future, type(value).__name__, self._fetch)

    def gather(self, futures: list[Any]) -> list[Any]:
        """Bring values here, and answer meanwhile the workers that make lost ones anew.

        Raises:
            Exception: Whatever keeps one of them from coming.
        """
        if not futures:
            return []

        async def gathered() -> list[Any]:
            return await self._client.gather(futures, asynchronous=True)  # type: ignore[no-any-return]

        outcome = asyncio.run_coroutine_threadsafe(gathered(), self._client.loop.asyncio_loop)
        outcome.add_done_callback(lambda _: self._inbox.put(("gathered",)))
        while not outcome.done():
            if self._has_lost_scheduler():
                outcome.cancel()
                raise ConnectionError(CONNECTION_LOST)
            self._listen()
            self._take_all()
        return outcome.result()

    def _fetch(self, future: Any) -> Any:
        return self.gather([future])[0]

    # ---- from the cluster --------------------------------------------------------------------------------------

    def _hear(self, event: tuple[float, Any]) -> None:
        """Take what a worker tells, in the thread of the client."""
        _, told = event
        if isinstance(told, (list, tuple)):  # Dask itself uses the topic too
            self._inbox.put(told)

    def next_done(self) -> tuple[Key, State]:
        """Wait for a run and return its key and state; raises what left the task as ``SystemExit`` does."""
        while True:
            self._take_all()
            if self._done:
                return self._done.popleft()
            self._flush()
            if time.monotonic() >= self._next_look:
                self._look()
            if not self._done:
                self._listen()

    def _listen(self) -> None:
        """Take what is told next, if that is soon."""
        try:
            self._take(self._inbox.get(timeout=_LOOK_SECONDS))
        except Empty:
            pass

    def _take_all(self) -> None:
        """Take what has been told so far."""
        try:
            while True:
                self._take(self._inbox.get_nowait())
        except Empty:
            pass
        for address, answers in self._answers.items():
            self._client.loop.add_callback(self._deliver, dask_worker.answer, answers, workers=[address])
        self._answers.clear()

    def _take(self, told: Any) -> None:
        kind, *content = told
        if kind == "gathered":
            return
        if kind == "line":
            show(*content)
            return
        (index, child), *content = content
        key = index, child
        run = self._begun.get(key)
        if kind == "asked":
            self._take_question(run, index, *content)
        elif run is None:
            return  # Dask does it again, for the sake of a value that was lost with a worker.
        elif kind == "told":
            reports = self._reports(run)
            reports.tell(*content)
            if reports.was_refused and not self._holds_back:
                self._holds_back = True
                self._client.loop.add_callback(self._deliver, dask_worker.hold_back)
        else:
            del self._begun[key]
            self._take_end(run, kind, *content)

    def _take_end(self, run: Run, kind: str, content: Any) -> None:
        if kind == "raised":
            raise with_exit_code(unpack(content))
        if kind == "lost":
            self._done.append((run.key, fail_unit(run.unit, self._settings, content)))
            return
        reports = run.reports
        state: State = reports.last if content is None and reports is not None else unpack(content)  # type: ignore[assignment]
        if reports is not None and reports.final is not None:
            state = reports.final
        stays = state.result
        if isinstance(stays, Stays):
            state = holding(state, stays.at(run.future, self._fetch))
        else:
            self._left.append(run.future)
        self._done.append((run.key, state))

    def _reports(self, run: Run) -> Reports:
        if run.reports is None:
            run.reports = Reports(run.unit, self._settings)
        return run.reports

    def _take_question(
        self, run: Run | None, index: int, number: int, address: str, method: str, arguments: Sequence[Any]
    ) -> None:
        """Ask the observer what a worker wants to know, and prepare the answer."""
        content: Any = None
        try:
            if method == "cached_states":
                found = self._settings.observer.cached_states(self._plan.steps[index].task)  # type: ignore[union-attr]
                content = None if found is None else list(found)
            elif run is not None:
                content = self._reports(run).ask(method, arguments)
            answer = pack(("answer", content))
        except KeyboardInterrupt:
            raise
        except BaseException as exc:  # noqa: BLE001 - raised in the worker, in the midst of the task's pipeline
            answer = pack(("raise", exc))
        self._answers[address].append((number, answer[0]))

    async def _deliver(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        """Call a function on workers, in the thread of the client."""
        try:
            await self._client.run(function, self._name, *arguments, **options)
        except Exception as exc:  # noqa: BLE001 - the worker is gone, and Dask runs its tasks elsewhere
            self._settings.logger.debug("A Dask worker could not be reached: %r", exc)

    def _look(self) -> None:
        """Find the runs that Dask has given up; they tell nothing."""
        self._next_look = time.monotonic() + _LOOK_SECONDS
        is_lost = self._has_lost_scheduler()
        for key, run in list(self._begun.items()):
            reason, cause = (CONNECTION_LOST, None) if is_lost else run.given_up()
            if reason:
                del self._begun[key]
                self._done.append((key, fail_unit(run.unit, self._settings, reason, cause)))

    # ---- the end -----------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Take the plan from the workers, which have nothing left to do."""
        if self._has_lost_scheduler():
            return
        try:
            self._client.unsubscribe_topic(self._client.id)
            self._client.unregister_worker_plugin(self._name)
        except Exception as exc:  # noqa: BLE001 - what the flow run came to does not depend on it
            self._settings.logger.debug("The Dask workers could not be told that the flow run is over: %r", exc)

    def abort(self) -> None:
        """Drop what has not begun and interrupt what has; a task inside a call into C notices when that returns."""
        try:
            self._client.cancel([run.future for run in self._begun.values() if run.future is not None])
            if self._interrupts:
                self._client.run(dask_worker.interrupt, self._name, _GRACE_SECONDS, on_error="ignore")
        except Exception as exc:  # noqa: BLE001 - what ended the flow run is what counts
            self._settings.logger.debug("The tasks on the Dask cluster could not be stopped: %r", exc)
        self.close()
