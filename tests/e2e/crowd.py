"""One of many processes at work on one store: ``python crowd.py ROLE NUMBER FOLDER [FLOW ID]``.

What a process is told was done it prints as a line of JSON, so that a test can compare it with what is there afterwards. The
files ``created`` and ``finished`` in the folder tell it that the others have come so far.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from prefect.orchestration import flow_runs, liveness, logs, queue, states, task_runs
from prefect.orchestration.key_values import set_key_value
from prefect.orchestration.opening import local_store
from prefect.storage.state.store import Store

LABELS = ["crowd"]
RUNS_EACH = 12
LINES_EACH = 3
_STATES = ("Pending", "Scheduled", "Submitted", "Running", "Success", "Failed", "Queued", "Cancelled")
_PAUSE_SECONDS = 0.002


def tell(*what: Any) -> None:
    print(json.dumps(what), flush=True)


def create(store: Store, number: str, flow_id: str, _: Path) -> None:
    """Create runs, and one that all others create too."""
    for index in range(RUNS_EACH):
        name = f"{number}-{index}"
        run, is_new = flow_runs.create_flow_run(
            store, flow_id=flow_id, name=name, labels=LABELS, parameters={"how": name}
        )
        tell("created", run["id"], is_new)
        set_key_value(store, name, index)
        shared, is_new = flow_runs.create_flow_run(
            store, flow_id=flow_id, labels=LABELS, idempotency_key=f"key {index}"
        )
        tell("shared", shared["id"], is_new)


def execute(store: Store, number: str, _: str, folder: Path) -> None:
    """Take runs until there will be no more, and write what the process of a run writes."""
    while True:
        is_last_look = (folder / "created").exists()
        taken = queue.claim(store, None, LABELS, 3, process=liveness.process_identity())
        for run in taken:
            tell("executing", run["id"])
            _execute(store, run["id"], number)
            tell("executed", run["id"])
        if not taken:
            if is_last_look:
                return
            time.sleep(_PAUSE_SECONDS)


def _execute(store: Store, id: str, number: str) -> None:
    states.set_flow_run_state(store, id, {"type": "Running"}, process=liveness.process_identity())
    for task_run in task_runs.task_runs(store, id):
        states.set_task_run_state(store, task_run["id"], {"type": "Running"})
        messages = [f"line {line} of {task_run['task']}" for line in range(LINES_EACH)]
        logs.write_logs(
            store, [{"flow_run_id": id, "task_run_id": task_run["id"], "message": text} for text in messages]
        )
        states.set_task_run_state(store, task_run["id"], {"type": "Success", "message": "by " + number})
    states.set_flow_run_state(store, id, {"type": "Success", "message": "by " + number})


def read(store: Store, number: str, _: str, folder: Path) -> None:
    """Look at everything, over and over, and see to it that nothing is half there and nothing goes back."""
    seen: dict[str, int] = {}
    followers: dict[str, Any] = {}
    versions: dict[str, list[int]] = {}
    looks = 0
    is_last_look = False
    while not is_last_look:
        is_last_look = (folder / "finished").exists()
        for run in flow_runs.list_flow_runs(store, limit=20):
            _check(seen, run, store.runs.get(run["id"]), flow_runs.get_flow_run(store, run["id"]))
            if len(followers) < 10 and run["id"] not in followers:
                followers[run["id"]] = store.follow(run["id"])
            for task_run in task_runs.task_runs(store, run["id"]):
                _check(seen, task_run)
        for id, follower in followers.items():
            changes = follower.poll()
            _check({}, *changes.run)
            versions.setdefault(id, []).extend(line["v"] for line in changes.run)
            assert versions[id] == list(range(1, len(versions[id]) + 1)), versions[id]
            assert all(entry["timestamp"] and entry["message"] for entry in changes.logs), changes.logs
        looks += 1
    tell("looked", looks)


def _check(seen: dict[str, int], *records: dict[str, Any]) -> None:
    for record in records:
        id = record.get("id", "")
        assert record["state"]["type"] in _STATES, record
        assert record["state_timestamp"], record
        assert record["version"] >= seen.get(id, 1), (record, seen[id])
        seen[id] = record["version"]


if __name__ == "__main__":
    role, its_number, its_folder, *rest = sys.argv[1:]
    roles = {"create": create, "execute": execute, "read": read}
    roles[role](local_store(), its_number, rest[0] if rest else "", Path(its_folder))
