"""Task runs of a flow run: those that exist from its birth, and those of mapped children, which are created on demand.

Source: backend.md §7; store.md §4 and §5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration import state_rules
from prefect.orchestration.known_flows import known_flow
from prefect.storage.state.errors import NotFound
from prefect.storage.state.layout import is_id, member, members, number_of, run_of

if TYPE_CHECKING:
    from prefect.storage.state.store import Store

#: Place of a task run that is no mapped child.
UNMAPPED = -1

#: Flow runs whose facts are remembered; the one that was read first is forgotten.
_MOST = 64


class RunFacts(NamedTuple):
    """What never changes of a flow run and is needed for each of its task runs.

    Attributes:
        id: Of the flow run.
        flow_id: Of the registered version.
        created: UTC text.
        tasks: The tasks of the flow, serialized; task run *n* is that of the n-th, from 1.
        numbers: Slug of a task → its n.
        has_tags: Whether any task has tags.
    """

    id: str
    flow_id: str
    created: str
    tasks: list[dict[str, Any]]
    numbers: dict[str, int]
    has_tags: bool

    def birth(self, id: str) -> dict[str, Any] | None:
        """Return the record of a task run of this flow run before its first change; None for a mapped child."""
        return self.birth_of(id, self.tasks[number_of(id) - 1]) if self.is_unmapped(id) else None

    def is_unmapped(self, id: str) -> bool:
        """Return whether a task run is that of an unmapped task, which exists from the birth of the flow run."""
        return 0 < number_of(id) <= len(self.tasks)

    def birth_of(self, id: str, task: dict[str, Any]) -> dict[str, Any]:
        """Return the record of the task run of an unmapped task before its first change."""
        return new_task_run(task, UNMAPPED, self.created, id=id, v=0, at=self.created)

    def shown(self, task_run: dict[str, Any]) -> dict[str, Any]:
        """Return a task run with the ids of its flow run and its task."""
        task_id = member(self.flow_id, self.numbers[task_run["task"]])
        return {**task_run, "flow_run_id": self.id, "task_id": task_id}


_known: dict[str, RunFacts] = {}


def facts_of_run(store: Store, flow_run_id: str) -> RunFacts:
    """Return what never changes of a flow run.

    Raises:
        NotFound: There is no such run, or its flow is gone.
    """
    known = _known.get(flow_run_id)
    if known is None:
        run = store.runs.get(flow_run_id)
        tasks = known_flow(store, run["flow_id"])["serialized_flow"]["tasks"]
        numbers = {task["slug"]: number for number, task in enumerate(tasks, 1)}
        has_tags = any(task.get("tags") for task in tasks)
        known = RunFacts(flow_run_id, run["flow_id"], run["created"], tasks, numbers, has_tags)
        _known[flow_run_id] = known
        if len(_known) > _MOST:
            # Another thread may add some meanwhile; a list is made in one step.
            for oldest in list(_known)[:-_MOST]:
                _known.pop(oldest, None)
    return known


def new_task_run(task: dict[str, Any], map_index: int, created: str, **fields: Any) -> dict[str, Any]:
    """Return the fields of a task run that has not begun.

    Args:
        task: The task, serialized.
        map_index: Number of the mapped child from 0, or -1.
        created: UTC text.
        fields: Further fields, which stand first.
    """
    return {
        **fields,
        "task": task["slug"],
        "map_index": map_index,
        "created": created,
        "name": None,
        "cache_key": task.get("cache_key"),
        "version": 1,
        "state": state_rules.pending(),
        "state_timestamp": created,
        "start_time": None,
        "end_time": None,
    }


def get_or_create_task_run(
    store: Store,
    flow_run_id: str,
    *,
    task_slug: str | None = None,
    task_id: str | None = None,
    map_index: int | None = UNMAPPED,
) -> dict[str, Any]:
    """Return a task run with ``flow_run_id`` and ``task_id``; that of a mapped child is created if it is not there.

    Args:
        store: Where it is kept.
        flow_run_id: Of the flow run.
        task_slug: Which task; or give ``task_id``.
        task_id: Which task.
        map_index: Number of the mapped child from 0; -1 or None for a task run that is none.

    Raises:
        ClientError: The flow has no such task, or ``map_index`` is no number of a child.
        ObjectNotFoundError: There is no such flow run.
    """
    facts = _facts(store, flow_run_id)
    number = _task_number(facts, task_slug, task_id)
    if map_index is None or map_index == UNMAPPED:
        return facts.shown(_unmapped(store, facts, number))
    if type(map_index) is not int or map_index < 0:
        raise ClientError(
            f"Invalid map index: {map_index!r} is no number of a mapped child. Count them from 0, and give -1 or None for"
            " the task itself."
        )
    task = facts.tasks[number - 1]
    found = store.members.find_task_run(flow_run_id, task["slug"], map_index)
    if found is None:
        fields = new_task_run(task, map_index, store.system.now())
        found = store.members.create(flow_run_id, fields, after=len(facts.tasks))
    return facts.shown(found)


def get_task_run(store: Store, id: str) -> dict[str, Any]:
    """Return a task run with ``flow_run_id`` and ``task_id``.

    Raises:
        ObjectNotFoundError: There is none.
    """
    if is_id(id) and number_of(id):
        try:
            facts = _facts(store, run_of(id))
            record = _recorded(store, id) or facts.birth(id)
        except ObjectNotFoundError:
            record = None
        if record is not None and "task" in record:
            return facts.shown(record)
    raise ObjectNotFoundError(f"Task run {id} not found. Look up the task runs of its flow run.")


def task_runs(store: Store, flow_run_id: str, children: bool = True) -> list[dict[str, Any]]:
    """Return all task runs of a flow run, those of unmapped tasks first, each as :func:`get_task_run` does.

    There are none if the flow is gone: nobody knows its tasks any more, and the run can still be ended.

    Args:
        store: Where they are kept.
        flow_run_id: Of the flow run.
        children: Also those of mapped children.

    Raises:
        ObjectNotFoundError: There is no such flow run.
    """
    facts = _facts_if_known(store, flow_run_id)
    if facts is None:
        return []
    recorded = store.members.all(flow_run_id)
    number = len(facts.tasks)
    found = []
    for id, task, task_id in zip(members(flow_run_id, number), facts.tasks, members(facts.flow_id, number)):
        record = recorded.pop(id) if id in recorded else facts.birth_of(id, task)
        found.append({**record, "flow_run_id": flow_run_id, "task_id": task_id})
    if children:
        found += [facts.shown(recorded[id]) for id in sorted(recorded) if "task" in recorded[id]]
    return found


def rename(store: Store, id: str, name: str) -> None:
    """Give a task run a name.

    Raises:
        ClientError: The name is empty.
        ObjectNotFoundError: There is no such task run.
    """
    if name == "" or not isinstance(name, str):
        raise ClientError("Invalid name: a task run's name is a text that is not empty. Choose one.")
    get_task_run(store, id)
    store.members.update(id, {"name": name}, birth=facts_of_run(store, run_of(id)).birth(id))


def _facts(store: Store, flow_run_id: str) -> RunFacts:
    """Return the facts of a flow run that is still there."""
    facts = _facts_if_known(store, flow_run_id)
    if facts is None:
        raise ObjectNotFoundError(
            f"The flow of run {flow_run_id} is gone, so nothing is known of its tasks. Register the flow again and create"
            " another run."
        )
    return facts


def _facts_if_known(store: Store, flow_run_id: str) -> RunFacts | None:
    """Return the facts of a flow run that is still there; None if its flow is gone."""
    try:
        facts = facts_of_run(store, flow_run_id)
    except NotFound:
        facts = None
    if not (is_id(flow_run_id) and store.system.exists(store.layout.run(flow_run_id))):
        raise ObjectNotFoundError(f"Flow run {flow_run_id} not found. List the runs with 'prefect get flow-runs'.")
    return facts


def _task_number(facts: RunFacts, task_slug: str | None, task_id: str | None) -> int:
    if task_id is not None:
        number = number_of(task_id) if is_id(task_id) and run_of(task_id) == facts.flow_id else 0
    else:
        number = facts.numbers.get(task_slug or "", 0)
    if not 0 < number <= len(facts.tasks):
        raise ClientError(
            f"Invalid task ID: the flow of run {facts.id} has no task {task_id or task_slug!r}."
            " Register the flow again if it has changed."
        )
    return number


def _unmapped(store: Store, facts: RunFacts, number: int) -> dict[str, Any]:
    id = member(facts.id, number)
    record = _recorded(store, id) or facts.birth(id)
    assert record is not None
    return record


def _recorded(store: Store, id: str) -> dict[str, Any] | None:
    try:
        return store.members.get(id)
    except NotFound:
        return None
