"""Following a flow run: what happens to it, as it happens.

The one mechanism behind everything that watches. Files are looked at every 50 ms and read where they have grown, so a
change is seen at once and looking costs next to nothing.

Source: store.md §7.4; DESIGN §3 steps 5 and 6; cli.md §3.11.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.client.transport import connected_store
from prefect.exceptions import ObjectNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store

#: Seconds between two looks.
LOOK_SECONDS = 0.05
#: Seconds after which it is made sure again that the run still has its process.
CHECK_SECONDS = 1.0


class FlowRunEvent(NamedTuple):
    """The flow run got a state.

    Attributes:
        timestamp: UTC text, of fixed width.
        state: The state in its 1.x JSON form.
    """

    timestamp: str
    state: dict[str, Any]


class TaskRunEvent(NamedTuple):
    """A task run got a state.

    Attributes:
        timestamp: UTC text, of fixed width.
        state: The state in its 1.x JSON form.
        task_run_id: Its id.
        task_slug: Slug of its task.
        map_index: Number of the mapped child from 0, else -1.
    """

    timestamp: str
    state: dict[str, Any]
    task_run_id: str
    task_slug: str
    map_index: int


class LogEvent(NamedTuple):
    """A line was logged.

    Attributes:
        timestamp: UTC text, of fixed width.
        level: Such as ``INFO``.
        name: Name of the logger.
        message: The line.
        task_run_id: The task run that logged it; None if none did.
    """

    timestamp: str
    level: str
    name: str | None
    message: str
    task_run_id: str | None


Event = FlowRunEvent | TaskRunEvent | LogEvent


class Look(NamedTuple):
    """What one look at a flow run showed.

    Attributes:
        events: What happened since the last look, in the order of its times.
        run: The flow run as it is.
    """

    events: list[Event]
    run: Record


def follow_flow_run(flow_run_id: str, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[Event]:
    """Yield everything that happens to a flow run, from its creation until it is finished.

    Args:
        flow_run_id: Id of the flow run.
        sleep: Waits between two looks, for the given seconds.

    Raises:
        ObjectNotFoundError: There is no such flow run, or it was deleted.
    """
    for look in looks(flow_run_id, sleep=sleep):
        yield from look.events


def looks(
    flow_run_id: str,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Look]:
    """Yield a look at a flow run every 50 ms, from its creation until it is finished, whether or not anything happened.

    Args:
        flow_run_id: Id of the flow run.
        sleep: Waits between two looks, for the given seconds.
        clock: Seconds of a clock that never goes back.

    Raises:
        ObjectNotFoundError: There is no such flow run, or it was deleted.
    """
    from prefect.orchestration.state_rules import FINISHED

    store = connected_store()
    _check_process(store, flow_run_id)
    checked = clock()
    follower = _Follower(store, flow_run_id)
    while True:
        look = follower.look()
        if look is not None:
            yield look
            if look.run["state"]["type"] in FINISHED:
                break
        if clock() - checked >= CHECK_SECONDS:
            _check_process(store, flow_run_id)
            checked = clock()
        sleep(LOOK_SECONDS)
    # What was logged just before the end may have been looked for before it was there.
    last = follower.look(holds_back=False)
    if last is not None and last.events:
        yield last


def _check_process(store: Store, flow_run_id: str) -> None:
    """Record the end of a run whose process is gone."""
    from prefect.orchestration.liveness import check_run
    from prefect.storage.state.errors import NotFound

    try:
        check_run(store, flow_run_id)
    except NotFound as error:
        raise ObjectNotFoundError(
            f"Flow run {flow_run_id} not found; it may have been deleted. List the runs with 'prefect get flow-runs'."
        ) from error


class _Follower:
    """Makes events of what the files of a run have gained."""

    def __init__(self, store: Store, flow_run_id: str) -> None:
        self._system = store.system
        self._follower = store.follow(flow_run_id)
        self._run: Record = {}
        self._held_back: list[Event] = []
        #: Id of a task run → version of its last state.
        self._versions: dict[str, int] = {}

    def look(self, holds_back: bool = True) -> Look | None:
        """Return what has happened since the last look; None if there is no run to see yet.

        Args:
            holds_back: Leave what happens while the files are read to the next look: what led to it may stand in a file
                that was read before.
        """
        begun = self._system.now()
        changes = self._follower.poll()
        events = [
            *self._run_events(changes.run),
            *self._task_run_events(changes.members),
            *map(_log_event, changes.logs),
        ]
        ready = [*self._held_back, *(event for event in events if not holds_back or event.timestamp <= begun)]
        self._held_back = [event for event in events if holds_back and event.timestamp > begun]
        ready.sort(key=_timestamp)
        return Look(ready, self._run) if self._run else None

    def _run_events(self, lines: Iterable[Record]) -> Iterator[Event]:
        for line in lines:
            is_new_state = line["version"] != self._run.get("version")
            self._run = {**self._run, **line}
            if is_new_state:
                yield FlowRunEvent(line["state_timestamp"], line["state"])

    def _task_run_events(self, lines: Iterable[Record]) -> Iterator[Event]:
        for line in lines:
            # Artifacts are kept in the same file.
            if "task" in line and line["version"] != self._versions.get(line["id"]):
                self._versions[line["id"]] = line["version"]
                yield TaskRunEvent(line["state_timestamp"], line["state"], line["id"], line["task"], line["map_index"])


def _log_event(line: Record) -> Event:
    return LogEvent(line["timestamp"], line["level"], line["name"], line["message"], line["task_run_id"])


def _timestamp(event: Event) -> str:
    return event.timestamp
