"""A flow run to which happens what a test says."""

from __future__ import annotations

from typing import Any

from prefect.orchestration.flow_runs import list_flow_runs
from prefect.orchestration.logs import write_logs
from prefect.orchestration.states import set_flow_run_state, set_task_run_state
from prefect.orchestration.task_runs import get_or_create_task_run
from prefect.storage.state.store import Store


class Run:
    """What happens to the only run there is."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def record(self) -> dict[str, Any]:
        [run] = list_flow_runs(self.store)
        return run

    def set(self, type, message=None):
        set_flow_run_state(self.store, self.record["id"], {"type": type, "message": message})

    def set_task(self, name, type, message=None, *, map_index=-1, **fields):
        task_run = get_or_create_task_run(self.store, self.record["id"], task_slug=f"{name}-1", map_index=map_index)
        set_task_run_state(self.store, task_run["id"], {"type": type, "message": message, **fields})

    def log(self, message, level="INFO"):
        entry = {"flow_run_id": self.record["id"], "message": message, "level": level, "name": "prefect"}
        write_logs(self.store, [entry])

    def succeed(self):
        self.set("Running", "Running flow.")
        self.set("Success", "All reference tasks succeeded.")
