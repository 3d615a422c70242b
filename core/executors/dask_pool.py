"""A pool of workers of a Dask cluster.

Every run is one Dask task, submitted when the engine says that its upstream runs are done; many at a time, since a
message to the scheduler costs more than what is in it. Large values stay on the workers, small ones come with the states
(:mod:`prefect.executors.dask_values`).

Source: core.md §14.4; docs/decisions/0016.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict, deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from prefect.engine.unit import fail_unit, run_unit
from prefect.executors import dask_worker
from prefect.executors.dask_logs import least_level, show
from prefect.executors.dask_reports import Reports
from prefect.executors.dask_values import LARGEST_SENT, RemoteValue, Stays, holding, pack, unpack
from prefect.executors.processes import INPUTS_STAY
from prefect.executors.wire import PackedUnit, dump_run, with_exit_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
        self._name = f"prefect-{_random()}"
        self._depths = _depths(plan)
        self._parts = _Parts(self._hold)
        self._waiting: list[_Run] = []
        self._waiting_size = 0
        self._begun: dict[Key, _Run] = {}
        self._done: deque[tuple[Key, State]] = deque()
        self._left: list[Any] = []
        self._inbox: SimpleQueue[Any] = SimpleQueue()
        self._answers: defaultdict[str, list[tuple[int, bytes]]] = defaultdict(list)
        self._next_look = 0.0
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
        self._client.register_plugin(plugin, name=self._name)
        return refused

    # ---- to the cluster ----------------------------------------------------------------------------------------

    def room(self) -> int:
        """Return a number larger than any flow, since Dask has a queue of its own."""
        return 1_000_000_000

    def submit(self, key: Key, unit: Unit) -> None:
        """Begin a run, soon."""
        if _ends_at_once(unit) and self._settings.task_runner_cls is None:
            self._done.append((key, run_unit(unit, self._settings)))
            return
        try:
            if unit.step.index in self._refused:
                raise self._refused[unit.step.index]
            payload, needed = self._parts.packed(key, unit)
        except Exception as exc:  # noqa: BLE001 - whatever a value raises when it is pickled
            self._done.append((key, fail_unit(unit, self._settings, INPUTS_STAY.format(exc), exc)))
            return
        self._waiting.append(_Run(key, unit, payload, needed))
        self._waiting_size += len(payload)
        if len(self._waiting) >= _LARGEST_BATCH or self._waiting_size >= _LARGEST_MESSAGE:
            self._flush()

    def _flush(self) -> None:
        """Submit what is held back; deeper tasks go first, so that values are used up before more are made."""
        groups: defaultdict[tuple[int, frozenset[tuple[str, float]]], list[_Run]] = defaultdict(list)
        for run in self._waiting:
            step = run.unit.step
            groups[self._depths[step.index], frozenset(resources_of(step.tags).items())].append(run)
            self._begun[run.key] = run
        self._waiting, self._waiting_size = [], 0
        for (depth, resources), runs in groups.items():
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
            for run, run.future in zip(runs, futures):
                run.payload, run.needed = b"", []
        # Given up before Dask has heard of their end, they would count as cancelled.
        self._left = [future for future in self._left if future.status == "pending"]

    def release(self, state: State) -> None:
        """Let the cluster forget the value of a state, if it is there."""
        if isinstance(state.result, RemoteValue):
            state.result.release()

    def _hold(self, value: Any) -> RemoteValue:
        """Bring a value to the cluster, as a Dask task, so that it can be made anew when its worker dies."""
        payload, needed = pack(value)
        key = f"prefect-value-{_random()}"
        (future,) = self._client.map(dask_worker.held, [payload], [needed], key=[key], pure=False)
        return RemoteValue(future, type(value).__name__)

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
            try:
                self._take(self._inbox.get(timeout=_LOOK_SECONDS))
            except Empty:
                continue

    def _take_all(self) -> None:
        """Take what has been told so far."""
        try:
            while True:
                self._take(self._inbox.get_nowait())
        except Empty:
            pass
        for address, answers in self._answers.items():
            self._client.loop.add_callback(self._deliver, address, answers)
        self._answers.clear()

    def _take(self, told: Any) -> None:
        kind, *content = told
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
            self._reports(run).tell(*content)
        else:
            del self._begun[key]
            self._take_end(run, kind, *content)

    def _take_end(self, run: _Run, kind: str, content: Any) -> None:
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
            state = holding(state, stays.at(run.future))
        else:
            self._left.append(run.future)
        self._done.append((run.key, state))

    def _reports(self, run: _Run) -> Reports:
        if run.reports is None:
            run.reports = Reports(run.unit, self._settings)
        return run.reports

    def _take_question(
        self, run: _Run | None, index: int, number: int, address: str, method: str, arguments: Sequence[Any]
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

    async def _deliver(self, address: str, answers: list[tuple[int, bytes]]) -> None:
        """Send answers to a worker, in the thread of the client."""
        try:
            await self._client.run(dask_worker.answer, self._name, answers, workers=[address])
        except Exception as exc:  # noqa: BLE001 - the worker is gone, and Dask runs its tasks elsewhere
            self._settings.logger.debug("The Dask worker %s could not be reached: %r", address, exc)

    def _look(self) -> None:
        """Find the runs that Dask has given up; they tell nothing."""
        self._next_look = time.monotonic() + _LOOK_SECONDS
        for key, run in list(self._begun.items()):
            reason, cause = run.given_up()
            if reason:
                del self._begun[key]
                self._done.append((key, fail_unit(run.unit, self._settings, reason, cause)))

    # ---- the end -----------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Take the plan from the workers, which have nothing left to do."""
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


class _Run:
    """A run, and the Dask task that it is."""

    __slots__ = ("future", "key", "looks", "needed", "payload", "reports", "unit")

    def __init__(self, key: Key, unit: Unit, payload: bytes, needed: list[Any]) -> None:
        self.key = key
        self.unit = unit
        self.payload = payload
        self.needed = needed
        self.future: Any = None
        self.reports: Reports | None = None
        #: How often it was seen to be over without having told what came of it.
        self.looks = 0

    def given_up(self) -> tuple[str, BaseException | None]:
        """Return why Dask has given the task up, and what was raised; an empty reason if it has not."""
        status = self.future.status
        if status == "error":
            cause = self.future.exception()
            if type(cause).__name__ == "KilledWorker":
                return "Every Dask worker that ran it died.", cause
            return f"It could not be run on the Dask cluster: {cause!r}.", cause
        if status == "cancelled":
            return "Dask has cancelled it, or the connection to the Dask scheduler was lost.", None
        if status == "finished":
            self.looks += 1
            if self.looks > 1:
                return "The Dask worker that ran it has not told what came of it.", None
        return "", None


class _Parts:
    """Packs runs so that a large value that several of them need goes to the cluster once.

    Args:
        hold: Brings a value to the cluster.
    """

    def __init__(self, hold: Callable[[Any], RemoteValue]) -> None:
        self._hold = hold
        #: Identity → large value that was sent with a run, and where it is held if it was needed again.
        self._known: dict[int, tuple[Any, RemoteValue | None]] = {}

    def packed(self, key: Key, unit: Unit) -> tuple[bytes, list[Any]]:
        """Return a run as bytes, with the futures of the values that it needs.

        Raises:
            Exception: Whatever a value raises when it is pickled.
        """
        packed = PackedUnit(unit)
        if self._known:
            packed.replace(self._held)
        payload, needed = pack((key, packed))
        if len(payload) > LARGEST_SENT:
            for part in packed.parts():
                if not isinstance(part, RemoteValue) and len(pack(part)[0]) > LARGEST_SENT:
                    self._known.setdefault(id(part), (part, None))
        return payload, needed

    def _held(self, part: Any) -> Any:
        known = self._known.get(id(part))
        if known is None:
            return part
        value, held = known
        if held is None:
            held = self._hold(value)
            self._known[id(part)] = value, held
        return held


def _ends_at_once(unit: Unit) -> bool:
    """Return whether the state that a run begins with is its final one, as for children that an earlier pass finished."""
    given = unit.given
    return given is not None and not (given.is_pending() or given.is_cached() or given.is_mapped())


def _depths(plan: Plan) -> list[int]:
    """Return how many tasks come before each, on the longest way."""
    depths: list[int] = []
    for step in plan.steps:
        depths.append(max((depths[place] + 1 for place in step.places), default=0))
    return depths


def resources_of(tags: Iterable[str]) -> dict[str, float]:
    """Return what the tags of a task say it needs of a Dask worker: name of a resource → amount."""
    found = {}
    for tag in tags:
        prefix, _, rest = tag.partition(":")
        name, separator, amount = rest.partition("=")
        if prefix.lower() == "dask-resource" and separator:
            found[name] = float(amount)
    return found


def task_key(name: str, map_index: int | None) -> str:
    """Return a key for a Dask task: one that no other has, and by which people know it."""
    return f"{name}-{_random()}" if map_index is None else f"{name}-{map_index}-{_random()}"


def _random() -> str:
    return os.urandom(8).hex()
