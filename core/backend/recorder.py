"""The observer of a run that a backend keeps: every change of state goes there before it takes effect.

Source: core.md §22; backend.md §10.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from prefect.engine.observer import Observer
from prefect.engine.signals import ENDRUN
from prefect.engine.state import Cancelled, ClientFailed, Success, now_utc
from prefect.exceptions import VersionLockMismatchSignal
from prefect.tasks.core.constants import Constant
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prefect.client import Client
    from prefect.client.results import FlowRunInfoResult, NumberedTaskRun
    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task

#: Number of the run of a task that is not mapped, in the records of a backend.
NOT_MAPPED = -1
#: What is said of a run that was cancelled.
CANCELLED = "Flow run is cancelled"
#: Characters that are kept of the message of a state: an exception may carry a file in its text.
_LONGEST_MESSAGE = 100_000


class RunRecorder(Observer):
    """Tells the backend what becomes of a flow run and its task runs.

    Args:
        client: The way to the backend.
        info: The flow run.
        slugs: Task → what the backend calls it.
        task_runs: All task runs that exist; there is one of each task.
        state: State from which the flow run goes on.

    Attributes:
        flow_state: State of the flow run that was reported last, or the backend's answer to it.
    """

    def __init__(
        self,
        client: Client,
        info: FlowRunInfoResult,
        slugs: Mapping[Task, str],
        task_runs: Iterable[NumberedTaskRun],
        state: State,
    ) -> None:
        self.flow_state = state
        self._client = client
        self._flow_run_id = info.id
        self._version = info.version
        self._slugs = slugs
        self._known = {(run.task_slug, run.map_index): run for run in task_runs}
        self._task_ids = {run.task_slug: run.task_id for run in self._known.values()}
        self._ids = {key: run.id for key, run in self._known.items()}
        self._lock = threading.Lock()
        self._ended = False
        self._logger = get_logger("CloudFlowRunner")

    def report_constants(self) -> None:
        """Report the tasks that only hold a value, which the engine never runs."""
        for task, slug in self._slugs.items():
            known = self._known.get((slug, NOT_MAPPED))
            if isinstance(task, Constant) and known is not None and not known.state.is_finished():
                self._client.set_task_run_state(known.id, Success(message="Constant value."))

    def end(self) -> None:
        """Let no task begin any more, and take no more notice of those that a thread has not let go of."""
        self._ended = True

    # ---- the flow run --------------------------------------------------------------------------------------------

    def flow_state_changed(self, flow: Flow, old: State, new: State) -> State | None:
        """Report a state of the flow run.

        Raises:
            ENDRUN: The backend cannot be reached, another process has gone on with the run, or the run was cancelled.
        """
        if self._ended and not isinstance(new, Cancelled):
            raise ENDRUN(Cancelled(message=CANCELLED))
        version = self._version if new.is_running() else None
        try:
            answer = self._client.set_flow_run_state(self._flow_run_id, _sendable(new), version=version)
        except VersionLockMismatchSignal:
            self.flow_state = self._client.get_flow_run_state(self._flow_run_id)
            raise ENDRUN(self.flow_state) from None
        except Exception as exc:
            self._logger.error("The state %s of the flow run could not be recorded: %s", type(new).__name__, exc)
            raise ENDRUN(new) from exc
        self._version += 1
        self.flow_state = answer if answer.is_queued() else new
        return self.flow_state

    # ---- task runs -----------------------------------------------------------------------------------------------

    def task_run_begins(self, task: Task, map_index: int | None) -> dict[str, Any]:
        """Return the ids under which the backend knows a task run; a mapped child is made known first."""
        slug = self._slugs[task]
        try:
            return {"task_run_id": self._id(slug, map_index), "task_id": self._task_ids[slug]}
        except Exception:  # noqa: BLE001 - the first state that is to be reported fails likewise, and ends the task
            return {}

    def task_run_named(self, task: Task, map_index: int | None, name: str) -> None:
        """Report the name that a task run gives itself."""
        self._client.set_task_run_name(self._id(self._slugs[task], map_index), name)

    def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
        """Report a state of a task run.

        Raises:
            ENDRUN: The backend cannot be reached: the task ends as ``ClientFailed`` and nothing that follows begins. Or
                the flow run is over.
        """
        if self._ended:
            if isinstance(new, Cancelled):
                return None
            raise ENDRUN(Cancelled(message=CANCELLED))
        try:
            id = self._id(self._slugs[task], map_index)
            answer = self._client.set_task_run_state(id, _sendable(new), cache_for=task.cache_for)
        except Exception as exc:
            if isinstance(new, ClientFailed):
                return None
            self._logger.error(
                "The state %s of the task %r could not be recorded: %s", type(new).__name__, task.name, exc
            )
            raise ENDRUN(ClientFailed(message=f"The backend cannot be reached: {exc}", state=new)) from exc
        return answer if answer.is_queued() else new

    def may_hold_back(self, task: Task) -> bool:
        """Return whether there may be a limit for the task: limits are those of tags."""
        return bool(task.tags)

    def task_run_state(self, task: Task, map_index: int | None) -> State:
        """Return what the backend says of a task run."""
        return self._client.get_task_run_state(self._id(self._slugs[task], map_index))

    def cached_states(self, task: Task) -> Iterable[State]:
        """Return the states that earlier runs left for a task with ``cache_for``, the newest first (backend.md §14)."""
        if task.cache_for is None:
            return ()
        return self._client.get_latest_cached_states(
            task_id=self._task_ids[self._slugs[task]],
            cache_key=task.cache_key,
            created_after=now_utc() - task.cache_for,
        )

    def worker_setup(self) -> Callable[[], None] | None:
        """Return what a new worker process does first: send its log lines where this process sends them."""
        from prefect.backend.run_logs import worker_setup

        return worker_setup(self._flow_run_id)

    def _id(self, slug: str, map_index: int | None) -> str:
        key = (slug, NOT_MAPPED if map_index is None else map_index)
        known = self._ids.get(key)
        if known is not None:
            return known
        found = self._client.get_task_run_info(self._flow_run_id, self._task_ids[slug], map_index=key[1]).id
        with self._lock:
            return self._ids.setdefault(key, found)


def _sendable(state: State) -> State:
    """Return a state whose message is no longer than a backend takes."""
    message = state.message
    if not isinstance(message, str) or len(message) <= _LONGEST_MESSAGE:
        return state
    from copy import copy

    shortened = copy(state)
    shortened.message = f"{message[:_LONGEST_MESSAGE]} … ({len(message) - _LONGEST_MESSAGE} more characters)"
    return shortened
