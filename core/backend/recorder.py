"""The observer of a run that a backend keeps: every change of state goes there before it takes effect.

Source: core.md §22; backend.md §10.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from prefect.engine.observer import Observer
from prefect.engine.signals import ENDRUN
from prefect.engine.state import ClientFailed, Queued, State, Success, now_utc
from prefect.exceptions import VersionLockMismatchSignal
from prefect.tasks.core.constants import Constant
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prefect.backend.task_states import KnownTaskRun
    from prefect.client import Client
    from prefect.flow import Flow
    from prefect.task import Task

#: Number of the run of a task that is not mapped, in the records of a backend.
NOT_MAPPED = -1


class RunRecorder(Observer):
    """Tells the backend what becomes of a flow run and its task runs.

    Args:
        client: The way to the backend.
        flow_run_id: Id of the flow run.
        version: Version of the flow run's state, sent with running states.
        known: (slug, number of the child or -1) → task run, for those that exist.
        task_ids: Slug → id of the registered task.
    """

    def __init__(
        self,
        client: Client,
        flow_run_id: str,
        version: int | None,
        known: dict[tuple[str, int], KnownTaskRun],
        task_ids: dict[str, str],
    ) -> None:
        self.client = client
        self.flow_run_id = flow_run_id
        self.version = version
        self.task_ids = task_ids
        self.logger = get_logger("CloudFlowRunner")
        self._ids = {key: run.id for key, run in known.items()}
        self._slugs: dict[Task, str] = {}
        self._lock = threading.Lock()

    def begin(self, flow: Flow) -> None:
        """Take note of what the tasks of a flow are called in the backend, and report its constants.

        The engine never runs those: their values are there from the beginning.
        """
        self._slugs = dict(flow.slugs)
        for task in flow.tasks:
            if isinstance(task, Constant) and self._slugs[task] in self.task_ids:
                self.client.set_task_run_state(self._id(task, None), Success(message="Constant value."))

    # ---- the flow run --------------------------------------------------------------------------------------------

    def flow_state_changed(self, flow: Flow, old: State, new: State) -> State | None:
        """Report a state of the flow run.

        Raises:
            ENDRUN: The backend cannot be reached, or another process has gone on with the run.
        """
        version = self.version if new.is_running() else None
        try:
            answer = self.client.set_flow_run_state(self.flow_run_id, new, version=version)
        except VersionLockMismatchSignal:
            raise ENDRUN(self._state_elsewhere(self.client.get_flow_run_state(self.flow_run_id))) from None
        except Exception as exc:
            self.logger.error("The state of the flow run could not be recorded: %s", exc)
            raise ENDRUN(new) from exc
        if self.version is not None:
            self.version += 1
        return answer

    def _state_elsewhere(self, state: State) -> State:
        if state.is_running():
            self.logger.debug("Another process executes this flow run; ending run.")
        return state

    # ---- task runs -----------------------------------------------------------------------------------------------

    def task_run_begins(self, task: Task, map_index: int | None) -> dict[str, Any]:
        """Return the ids under which the backend knows a task run; a mapped child is made known first."""
        try:
            return {"task_run_id": self._id(task, map_index), "task_id": self._task_id(task)}
        except Exception:  # noqa: BLE001 - the first state that is to be reported fails likewise, and ends the task
            return {}

    def task_run_named(self, task: Task, map_index: int | None, name: str) -> None:
        """Report the name that a task run gives itself."""
        self.client.set_task_run_name(self._id(task, map_index), name)

    def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
        """Report a state of a task run.

        Raises:
            ENDRUN: The backend cannot be reached: the task ends as ``ClientFailed`` and nothing that follows begins.
        """
        try:
            id = self._id(task, map_index)
            return self.client.set_task_run_state(id, new, cache_for=task.cache_for)
        except VersionLockMismatchSignal:
            raise ENDRUN(self.client.get_task_run_state(self._id(task, map_index))) from None
        except Exception as exc:
            self.logger.error("The state of the task %r could not be recorded: %s", task.name, exc)
            raise ENDRUN(ClientFailed(message=f"The backend cannot be reached: {exc}", state=new)) from exc

    def cached_states(self, task: Task) -> Iterable[State]:
        """Return the states that earlier runs left for a task with ``cache_for``, the newest first (backend.md §14)."""
        if task.cache_for is None:
            return ()
        return self.client.get_latest_cached_states(
            task_id=self._task_id(task), cache_key=task.cache_key, created_after=now_utc() - task.cache_for
        )

    def worker_setup(self) -> Callable[[], None]:
        """Return what a new worker process does first: send its log lines where this process sends them."""
        from functools import partial

        from prefect.backend.run_logs import attach

        return partial(attach, self.flow_run_id)

    def _id(self, task: Task, map_index: int | None) -> str:
        slug = self._slugs[task]
        key = (slug, NOT_MAPPED if map_index is None else map_index)
        known = self._ids.get(key)
        if known is not None:
            return known
        found = self.client.get_task_run_info(self.flow_run_id, self.task_ids[slug], map_index=key[1]).id
        with self._lock:
            return self._ids.setdefault(key, found)

    def _task_id(self, task: Task) -> str:
        return self.task_ids[self._slugs[task]]


def plain(state: State) -> State:
    """Return the state that a queued or submitted run goes on with."""
    inner = getattr(state, "state", None)
    return inner if (isinstance(state, Queued) or state.is_submitted()) and inner is not None else state
