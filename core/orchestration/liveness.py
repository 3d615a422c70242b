"""Flow runs whose process has ended without a word: found by whoever looks next, and ended with the reason.

On one machine the process itself is asked for, so a killed run is known at once; only for processes elsewhere, or that
nobody knows, heartbeats decide.

Source: DESIGN §3 step 6; backend.md §12; store.md §8.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prefect.exceptions import ObjectNotFoundError
from prefect.orchestration import state_rules
from prefect.orchestration.flow_groups import get_group, is_enabled
from prefect.orchestration.logs import write_logs
from prefect.orchestration.processes import Fate, fate_of, process_identity
from prefect.orchestration.states import after_flow_run_change, end_task_runs, waits_for_task_runs
from prefect.orchestration.task_runs import task_runs
from prefect.orchestration.times import seconds_between
from prefect.storage.state.errors import Conflict, NotFound, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prefect.storage.state.store import Store

    Record = dict[str, Any]

__all__ = [
    "check_run",
    "hand_over",
    "is_left_to_this_process",
    "process_identity",
    "record_dead_runs",
    "record_exit",
    "record_failure",
]

#: A process that cannot be asked for is taken for dead when its last heartbeat is so many seconds old.
HEARTBEAT_SECONDS = 600.0
#: How often a run is scheduled again that was lost before it began.
MOST_RESURRECTIONS = 3

_LOGGER = "prefect.liveness"
#: Names of task runs that a message has at most.
_NAMED = 3


def record_dead_runs(store: Store) -> list[str]:
    """Look at every run that was picked up and has not finished; return the ids of those recorded as ``Failed``.

    Runs that were lost before they began are scheduled again, up to three times. A run that cannot be read, or recorded,
    is logged and does not stop the others.
    """
    failed = []
    for id in store.runs.active():
        try:
            if _has_failed(store, id):
                failed.append(id)
        except (NotFound, ObjectNotFoundError):
            continue  # deleted meanwhile
        except StoreError as error:
            _tell_once(store, id, error)
    return failed


def _has_failed(store: Store, id: str) -> bool:
    """Look at a run that is marked as picked up; return whether it was recorded as ``Failed`` now."""
    try:
        before = store.runs.get(id)
    except NotFound:
        before = None
    if before is None or not before["live"]:
        # A crash has left the marker. Whoever holds it is about to begin the run.
        if not store.runs.is_held(id):
            store.runs.heal(id, store.layout.active(id))
        return False
    after = _checked(store, before)
    return after is not before and after["state"]["type"] == "Failed"


def _tell_once(store: Store, id: str, error: StoreError) -> None:
    """Say that a run cannot be looked at; it does not stop the others, and is not said again by this process."""
    if id not in store.runs.skipped:
        from logging import getLogger

        store.runs.skipped.add(id)
        getLogger(_LOGGER).warning("%s", error)


def check_run(store: Store, id: str) -> Record:
    """Return a run as it is, having recorded its end first if its process is gone.

    Raises:
        NotFound: There is no such run.
    """
    return _checked(store, store.runs.get(id))


def record_exit(store: Store, id: str, returncode: int, advice: str = "") -> Record:
    """Record how the process of a run ended, unless the run has finished or waits, and return the run.

    For the process that started it, which alone is told.

    Args:
        store: Where the run is kept.
        id: Of the run.
        returncode: As :mod:`subprocess` gives it: the exit code, or minus the number of the signal.
        advice: How to find out why a process ended with an exit code.

    Raises:
        NotFound: There is no such run.
    """
    run = store.runs.get(id)
    if not run["live"] or run["process"] is None or fate_of(run["process"]).kind == "alive":
        return run
    return _ended(store, run, Fate("gone", returncode), may_resurrect=False, advice=advice if returncode > 0 else "")


def record_failure(store: Store, id: str, reason: str, logger: str = _LOGGER, traceback: str = "") -> Record:
    """Record that a run cannot go on, unless it has finished, and return the run; for whoever executes it and knows why.

    Args:
        store: Where the run is kept.
        id: Of the run.
        reason: A sentence; what tasks were running is added.
        logger: Name under which the run's log says so.
        traceback: Lines that the log has below that.

    Raises:
        NotFound: There is no such run.
    """
    notes: list[Record] = []

    def change(run: Record) -> Record:
        meanwhile = _meanwhile(run, task_runs(store, run["id"]))
        whole = f"{reason} That was {meanwhile}." if meanwhile.startswith("while task") else reason
        return _failed(store, run, whole, notes)

    try:
        ended = store.runs.update(id, change, check=lambda run: run["state"]["type"] not in state_rules.FINISHED)
    except Conflict as conflict:
        return conflict.current
    below = f"\n{traceback}" if traceback else ""
    write_logs(store, [{**note, "name": logger, "message": f"{note['message']}{below}"} for note in notes])
    after_flow_run_change(store, ended)
    return ended


def hand_over(store: Store, id: str, process: Mapping[str, Any]) -> None:
    """Make a process that this one has started answerable for a run, unless it has already said so itself.

    Args:
        store: Where the run is kept.
        id: Of the run, which this process has claimed.
        process: Identity of the process that is to execute it.
    """
    own = process_identity()
    try:
        store.runs.update(id, {"process": dict(process)}, check=lambda run: run["live"] and run["process"] == own)
    except (Conflict, NotFound):
        return


def is_left_to_this_process(store: Store, id: str) -> bool:
    """Return whether this process may execute a run that another one still holds, because that is about to leave it.

    So it is if the run names no process any more; or if nobody has begun what it was last picked up for, and it names this
    process, or the one that has started this one and names it next.

    Raises:
        NotFound: There is no such run.
    """
    run = store.runs.get(id)
    if run["process"] is None:
        return bool(run["state"]["type"] == "Running")
    if run["process"] not in (process_identity(), process_identity(os.getppid())):
        return False
    return _never_began(run, task_runs(store, id))


def _checked(store: Store, run: Record) -> Record:
    if not run["live"]:
        return run
    fate = fate_of(run["process"])
    if fate.kind == "hidden":
        # Once it executes the run it holds the lock of the run, which tells all containers of the machine.
        fate = Fate("gone" if run["state"]["type"] in state_rules.RUNNING else "unknown")
    # The lock is asked last: that opens a file, and mostly the rest tells.
    if fate.kind == "alive" or (fate.kind == "unknown" and _may_live(store, run)) or store.runs.is_held(run["id"]):
        return run
    return _ended(store, run, fate, may_resurrect=True)


def _may_live(store: Store, run: Record) -> bool:
    """Return whether a run whose process cannot be asked for is to be left alone."""
    return (
        _silence(store, run) < HEARTBEAT_SECONDS
        or waits_for_task_runs(store, run)
        or not _is_enabled(store, run, "heartbeat_enabled")
    )


def _silence(store: Store, run: Record) -> float:
    """Return how many seconds ago something was heard of a run."""
    since_change = seconds_between(run["at"], store.system.now())
    heartbeat = store.runs.last_heartbeat(run["id"])
    return since_change if heartbeat is None else min(since_change, store.system.milliseconds() / 1000 - heartbeat)


def _is_enabled(store: Store, run: Record, setting: str) -> bool:
    try:
        return is_enabled(get_group(store, run["flow_group_id"]), setting)
    except ObjectNotFoundError:
        return True


def _ended(store: Store, run: Record, fate: Fate, may_resurrect: bool, advice: str = "") -> Record:
    """Record the end of a run that is still as it was when its process was looked for."""
    silence = _silence(store, run)
    notes: list[Record] = []

    def change(run: Record) -> Record:
        found = task_runs(store, run["id"])
        reason = f"{_reason(run, fate, found, silence)} {advice}".rstrip()
        if _never_began(run, found) and may_resurrect and _is_enabled(store, run, "lazarus_enabled"):
            if run["times_resurrected"] < MOST_RESURRECTIONS:
                return _resurrected(store, run, reason, notes)
            reason += f" It was scheduled again {MOST_RESURRECTIONS} times; no attempts are left."
        return _failed(store, run, reason, notes)

    try:
        ended = store.runs.update(run["id"], change, expect=run["v"])
    except Conflict as conflict:
        return conflict.current
    write_logs(store, notes)
    after_flow_run_change(store, ended)
    return ended


def _never_began(run: Record, found: list[Record]) -> bool:
    """Return whether no process has begun what a run was last picked up for."""
    kinds = {task_run["state"]["type"] for task_run in found}
    if run["state"]["type"] == "Running":
        return "Submitted" in kinds and not kinds & state_rules.RUNNING
    return run["state"]["type"] in ("Submitted", "Queued")


def _resurrected(store: Store, run: Record, reason: str, notes: list[Record]) -> Record:
    now = store.system.now()
    attempt = run["times_resurrected"] + 1
    message = f"Rescheduled by a Lazarus process. This is attempt {attempt} of {MOST_RESURRECTIONS}. {reason}"
    notes.append(_log(run, "INFO", message))
    if run["state"]["type"] == "Running":
        return {"due": now, "process": None, "times_resurrected": attempt}
    state = {"type": "Scheduled", "message": "Rescheduled by a Lazarus process.", "start_time": now}
    return {**state_rules.next_flow_run(run, state, now), "times_resurrected": attempt}


def _failed(store: Store, run: Record, reason: str, notes: list[Record]) -> Record:
    state = {"type": "Failed", "message": reason}
    end_task_runs(store, run["id"], state, lambda task_run: task_run["state"]["type"] in state_rules.RUNNING)
    notes.append(_log(run, "ERROR", reason))
    return state_rules.next_flow_run(run, state, store.system.now())


def _log(run: Record, level: str, message: str) -> Record:
    return {"flow_run_id": run["id"], "level": level, "name": _LOGGER, "message": message}


def _reason(run: Record, fate: Fate, found: list[Record], silence: float) -> str:
    process = run["process"]
    which = f"PID {process['pid']} on {process['host']}" if process else "its PID is not known"
    subject = f"The process that ran it ({which})"
    if fate.kind == "restarted":
        what = f"The machine {process['host']} was restarted" if process else ""
    elif fate.kind == "unknown":
        what = f"{subject} has sent no heartbeat for {silence / 60:.0f} minutes; it ended or lost its connection"
    elif fate.returncode is None:
        what = f"{subject} ended without a word"
    elif fate.returncode < 0:
        what = f"{subject} was ended by {_signal_name(-fate.returncode)}"
    else:
        what = f"{subject} ended with exit code {fate.returncode}"
    return f"{what} {_meanwhile(run, found)}."


def _meanwhile(run: Record, found: list[Record]) -> str:
    if run["state"]["type"] not in state_rules.RUNNING:
        return "before the run began"
    running = [task_run for task_run in found if task_run["state"]["type"] in state_rules.RUNNING]
    if not running:
        return "while no task was running"
    names = ", ".join(repr(_name(task_run)) for task_run in running[:_NAMED])
    more = f" and {len(running) - _NAMED} more" if len(running) > _NAMED else ""
    return f"while task {names} was running" if len(running) == 1 else f"while tasks {names}{more} were running"


def _name(task_run: Record) -> str:
    index = task_run["map_index"]
    return str(task_run["task"]) if index < 0 else f"{task_run['task']}[{index}]"


def _signal_name(number: int) -> str:
    import signal

    try:
        return f"the signal {signal.Signals(number).name}"
    except ValueError:
        return f"signal {number}"
