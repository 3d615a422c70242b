"""Setting states of flow runs and task runs: the rules of :mod:`prefect.orchestration.state_rules` put into effect.

Source: backend.md §8.3 - §8.6, §11, §15.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError, VersionLockMismatchSignal
from prefect.orchestration import caching, concurrency, state_rules
from prefect.orchestration.task_runs import facts_of_run, task_runs
from prefect.orchestration.times import later
from prefect.storage.state.errors import Conflict, NotFound
from prefect.storage.state.layout import run_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prefect.orchestration.task_runs import RunFacts
    from prefect.storage.state.store import Store

    Record = dict[str, Any]
    StateDocument = dict[str, Any]

#: The state was set, or there was no room under a concurrency limit and the run waits in a ``Queued`` state instead.
SUCCESS, QUEUED = "SUCCESS", "QUEUED"

#: A process that is still there begins a retry itself; an agent gives it so many seconds.
_GRACE_SECONDS = 3.0


def set_flow_run_state(
    store: Store,
    id: str,
    state: Mapping[str, Any],
    *,
    version: int | None = None,
    agent_id: str | None = None,
    process: Mapping[str, Any] | None = None,
    check: Callable[[Record], bool] | None = None,
) -> tuple[str, Record]:
    """Set the state of a flow run.

    Args:
        store: Where it is kept.
        id: Of the flow run.
        state: Its 1.x JSON, at least the type.
        version: The version the run must have, where its flow group has version locking enabled.
        agent_id: Of the agent that took the run.
        process: Identity of the process that executes the run from now on.
        check: What the run must pass, asked under its lock; the process that begins a run makes sure with it that the
            run was not cancelled meanwhile.

    Returns:
        ``SUCCESS``, or ``QUEUED`` if a label's limit has no room; and the run. A queued run still belongs to its
        process, which asks again at the start time of its state; no agent takes it.

    Raises:
        ClientError: There is no such run, or the state is refused ("State update failed …").
        Conflict: ``check`` failed; it carries the run as it is.
        VersionLockMismatchSignal: The run has another version.
    """
    wanted = state_rules.completed(state, store.system.now())

    def change(run: Record) -> Record:
        _check_version(store, run["flow_group_id"], run, version)
        changes = _flow_run_changes(store, run, wanted)
        if process is not None:
            changes["process"] = dict(process)
        if agent_id is not None:
            changes["agent_id"] = agent_id
        return changes

    try:
        run = store.runs.update(id, change, check=check)
    except NotFound as error:
        raise ClientError(
            f"State update failed for flow run ID {id}: there is no such run. 'prefect get flow-runs' lists what there is."
        ) from error
    after_flow_run_change(store, run)
    return QUEUED if run["state"]["type"] == "Queued" != wanted["type"] else SUCCESS, run


def _flow_run_changes(store: Store, run: Record, wanted: StateDocument) -> Record:
    """Return what changes of a flow run, having done under its lock what must not happen later than that."""
    kind = wanted["type"]
    now = store.system.now()
    if kind == "Submitted" and run["state"]["type"] not in state_rules.SCHEDULED:
        raise ClientError(
            "State update failed: this run has already been submitted."
            f" It is {run['state']['type']}; set it to Scheduled to have it run again."
        )
    if kind == "Submitted" or kind == "Running":
        full = concurrency.take_labels(store, run)
        if full is not None and kind == "Submitted":
            raise ClientError(
                f"State update failed: as many runs with the label {full!r} are running as its limit allows."
                " Wait for one to finish, or raise the limit."
            )
        if full is not None:
            queued = state_rules.next_flow_run(run, _queued(run["state"], "label", full, now), now)
            return {**queued, "due": None, "live": True, "process": run["process"]}
    if kind == "Cancelled":
        end_task_runs(store, run["id"], wanted, lambda task_run: task_run["state"]["type"] not in state_rules.FINISHED)
    return state_rules.next_flow_run(run, wanted, now)


def after_flow_run_change(store: Store, run: Record) -> None:
    """Do what follows a new state of a flow run: give its slots back, tell those who watch."""
    if not run["live"]:
        concurrency.release_labels(store, run["id"])
    store.feed.append(state_rules.feed_line(run))


def cancel_flow_run(store: Store, id: str) -> StateDocument:
    """Cancel a flow run and return its state: a process that executes it is told to end it, else it ends at once.

    Raises:
        ClientError: There is no such run.
    """

    def change(run: Record) -> Record:
        executed = run["state"]["type"] in state_rules.RUNNING and not waits_for_task_runs(store, run)
        kind = "Cancelling" if executed else "Cancelled"
        return _flow_run_changes(store, run, {"type": kind, "message": f"Flow run is {kind.lower()}"})

    try:
        run = store.runs.update(id, change, check=lambda run: run["state"]["type"] not in state_rules.FINISHED)
    except Conflict as conflict:
        finished: StateDocument = conflict.current["state"]
        return finished
    except NotFound as error:
        raise ClientError(
            f"Flow run {id} not found, so it cannot be cancelled. 'prefect get flow-runs' lists what there is."
        ) from error
    after_flow_run_change(store, run)
    state: StateDocument = run["state"]
    return state


def leave_flow_run(store: Store, id: str) -> Record:
    """Take note that the process of a running flow run goes away because task runs wait, and return the run.

    An agent takes it again when the first of them is to start, or when a paused one is resumed.

    Raises:
        NotFound: There is no such run.
    """

    def change(run: Record) -> Record:
        return {"due": state_rules.earliest_start(task_runs(store, id)), "process": None}

    try:
        return store.runs.update(id, change, check=lambda run: run["state"]["type"] == "Running")
    except Conflict as conflict:
        return conflict.current


def waits_for_task_runs(store: Store, run: Record) -> bool:
    """Return whether a running flow run has no process because all it could do is to wait for its task runs."""
    if run["process"] is not None or run["state"]["type"] != "Running":
        return False
    kinds = {task_run["state"]["type"] for task_run in task_runs(store, run["id"])}
    return not kinds & state_rules.RUNNING and not kinds.isdisjoint(state_rules.SCHEDULED)


# ---- task runs ---------------------------------------------------------------------------------------------------


def set_task_run_state(
    store: Store,
    id: str,
    state: Mapping[str, Any],
    *,
    version: int | None = None,
    run_is_running_known: bool = False,
) -> tuple[str, Record]:
    """Set the state of a task run.

    Args:
        store: Where it is kept.
        id: Of the task run.
        state: Its 1.x JSON, at least the type.
        version: The version it must have, where its flow group has version locking enabled.
        run_is_running_known: The caller is the process that executes the flow run and has set it to ``Running``; it
            looks itself from time to time whether the run is being cancelled. Then the flow run is not read: neither
            its state nor its versions are checked, and it is not made due for task runs that wait, because the process
            waits for them itself or says that it leaves (:func:`leave_flow_run`).

    Returns:
        ``SUCCESS``, or ``QUEUED`` if a tag's limit has no room; and the task run.

    Raises:
        ClientError: There is no such task run, or the state is refused ("State update failed …").
        VersionLockMismatchSignal: The task run has another version.
    """
    now = store.system.now()
    wanted = state_rules.completed(state, now)
    try:
        facts = facts_of_run(store, run_of(id))
        group_id = None if run_is_running_known else _check_flow_run(store, facts.id, id, wanted["type"])
        before, task_run = _change_task_run(store, facts, id, wanted, now, group_id, version)
    except (NotFound, ValueError) as error:
        raise ClientError(
            f"State update failed for task run ID {id}: there is no such task run. Look up those of its flow run."
        ) from error
    after = task_run["state"]["type"]
    if not run_is_running_known and (before in state_rules.SCHEDULED or after in state_rules.SCHEDULED):
        _set_due(store, facts.id)
    return QUEUED if after == "Queued" != wanted["type"] else SUCCESS, task_run


def _change_task_run(
    store: Store,
    facts: RunFacts,
    id: str,
    wanted: StateDocument,
    now: str,
    group_id: str | None,
    version: int | None,
) -> tuple[str, Record]:
    """Change a task run, with its slots and what is kept of cached states; return the type of the state before, too."""
    kind = wanted["type"]
    before = full = None
    is_limited = facts.has_tags and bool(concurrency.tag_limits(store))
    if kind == "Running" and is_limited:
        full = concurrency.take_tags(store, id, _tags(store, facts, id))

    def change(task_run: Record) -> Record:
        nonlocal before
        if group_id is not None:
            _check_version(store, group_id, task_run, version)
        before = task_run["state"]["type"]
        new = wanted if full is None else _queued(task_run["state"], "tag", full, now)
        return state_rules.next_task_run(task_run, new, now)

    birth = facts.birth if facts.is_unmapped(id) else None
    task_run = store.members.update(id, change, birth=birth, at=now)
    if is_limited and kind not in state_rules.RUNNING and before in state_rules.RUNNING:
        concurrency.release_tags(store, id, _tags(store, facts, id))
    if kind == "Cached":
        caching.remember(store, facts, task_run)
    return str(before), task_run


def set_task_run_states(
    store: Store, entries: Iterable[Mapping[str, Any]], *, run_is_running_known: bool = False
) -> list[tuple[str, Record]]:
    """Set the states of several task runs, one after the other, and return what :func:`set_task_run_state` does.

    Args:
        store: Where they are kept.
        entries: Each with ``task_run_id``, ``state``, and perhaps ``version``.
        run_is_running_known: As for one.

    Raises:
        ClientError: One is refused; those before it are set.
    """
    return [
        set_task_run_state(
            store,
            entry["task_run_id"],
            entry["state"],
            version=entry.get("version"),
            run_is_running_known=run_is_running_known,
        )
        for entry in entries
    ]


def end_task_runs(store: Store, run_id: str, state: StateDocument, which: Callable[[Record], bool]) -> None:
    """Give some task runs of a flow run the same state, all at once."""
    now = store.system.now()
    ids = [task_run["id"] for task_run in task_runs(store, run_id) if which(task_run)]
    if not ids:
        return
    facts = facts_of_run(store, run_id)

    def change(task_run: Record) -> Record:
        return state_rules.next_task_run(task_run, state, now)

    store.members.update_many(run_id, [(id, change, facts.birth(id)) for id in ids])
    for id in ids if facts.has_tags and concurrency.tag_limits(store) else ():
        concurrency.release_tags(store, id, _tags(store, facts, id))


def submit_task_runs(store: Store, run_id: str, before: str) -> None:
    """Set the task runs to ``Submitted`` whose time to start has come."""
    now = store.system.now()
    facts = facts_of_run(store, run_id)

    def change(task_run: Record) -> Record:
        return state_rules.next_task_run(task_run, state_rules.submitted(task_run["state"]), now)

    due = (task_run["id"] for task_run in task_runs(store, run_id) if (state_rules.start_of(task_run) or "~") <= before)
    store.members.update_many(run_id, [(id, change, facts.birth(id)) for id in due])


def _check_flow_run(store: Store, run_id: str, task_run_id: str, kind: str) -> str:
    """Return the group of the flow run of a task run that is to get a state of this type."""
    run = store.runs.get(run_id)
    if kind == "Running" and run["state"]["type"] != "Running":
        raise ClientError(
            f"State update failed for task run ID {task_run_id}: associated flow run {run_id} is not in a running state."
            f" It is {run['state']['type']}; set it to Running first."
        )
    group_id: str = run["flow_group_id"]
    return group_id


def _set_due(store: Store, run_id: str) -> None:
    """Let an agent take a running flow run without a process when the first waiting task run is to start."""

    def change(run: Record) -> Record:
        waiting = task_runs(store, run_id)
        return {"due": state_rules.earliest_start(waiting, _GRACE_SECONDS)}

    def check(run: Record) -> bool:
        return run["state"]["type"] == "Running" and run["process"] is None

    try:
        # Under the lock even if it turns out to be needless: the process may be leaving just now.
        store.runs.update(run_id, change, check=check)
    except Conflict:
        return


def _tags(store: Store, facts: RunFacts, id: str) -> list[str]:
    task_run = facts.birth(id) or store.members.get(id)
    tags: list[str] = facts.tasks[facts.numbers[task_run["task"]] - 1].get("tags") or []
    return tags


def _queued(state: StateDocument, what: str, full: str, now: str) -> StateDocument:
    from prefect.configuration import config

    return {
        "type": "Queued",
        "message": f"As many runs with the {what} {full!r} are running as its limit allows.",
        "start_time": later(now, config.cloud.queue_interval),
        "state": state_rules.plain(state),
    }


def _check_version(store: Store, group_id: str, record: Record, version: int | None) -> None:
    if version is None or version == record["version"]:
        return
    from prefect.orchestration.flow_groups import get_group, is_enabled

    if is_enabled(get_group(store, group_id), "version_locking_enabled"):
        raise VersionLockMismatchSignal(
            f"The run {record['id']} has version {record['version']}, not {version}: somebody else has changed its state."
            " Read it again, then decide."
        )
