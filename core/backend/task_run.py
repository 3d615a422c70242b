"""``TaskRunView``: a task run and its result.

Source: backend.md §20.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.backend.errors import require_text, value_errors
from prefect.client.transport import connected_store
from prefect.exceptions import ObjectNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prefect.engine.state import State
    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store

#: Stands for a result that was not read yet, since None is a result.
_NOT_LOADED: Any = object()


class TaskRunView:
    """A task run as it was when it was looked at.

    Two views are equal if they show the same state of the same task run.

    Args:
        task_run_id: Its id.
        task_id: Id of the registered task.
        task_slug: Slug of the task.
        name: The name that the task run gave itself; None if it gave itself none.
        state: Its state.
        map_index: Number of the mapped child from 0, else -1.
        flow_run_id: Id of its flow run.
    """

    def __init__(
        self,
        task_run_id: str,
        task_id: str,
        task_slug: str,
        name: str | None,
        state: State,
        map_index: int,
        flow_run_id: str,
    ) -> None:
        self.task_run_id = task_run_id
        self.task_id = task_id
        self.task_slug = task_slug
        self.name = name
        self.state = state
        self.map_index = map_index
        self.flow_run_id = flow_run_id
        self._result: Any = _NOT_LOADED

    @classmethod
    def from_task_run_id(cls, task_run_id: str) -> TaskRunView:
        """Return the task run of an id.

        Raises:
            TypeError: The id is no text.
            ValueError: There is no such task run.
        """
        from prefect.orchestration.task_runs import get_task_run

        require_text(task_run_id, "task_run_id")
        store = connected_store()
        with value_errors():
            return cls._from_record(get_task_run(store, task_run_id))

    @classmethod
    def from_task_slug(cls, task_slug: str, flow_run_id: str, map_index: int = -1) -> TaskRunView:
        """Return the task run of a task in a flow run.

        Args:
            task_slug: Slug of the task.
            flow_run_id: Id of the flow run.
            map_index: Number of the mapped child from 0, else -1.

        Raises:
            TypeError: An argument is no text.
            ValueError: There is no such task run.
        """
        require_text(task_slug, "task_slug")
        require_text(flow_run_id, "flow_run_id")
        store = connected_store()
        with value_errors():
            return cls._from_record(_record_of(store, flow_run_id, task_slug, map_index))

    @classmethod
    def _from_record(cls, run: dict[str, Any]) -> TaskRunView:
        from prefect.serialization.states import deserialize_state

        return cls(
            task_run_id=run["id"],
            task_id=run["task_id"],
            task_slug=run["task"],
            name=run["name"],
            state=deserialize_state(run["state"]),
            map_index=run["map_index"],
            flow_run_id=run["flow_run_id"],
        )

    def get_latest(self) -> TaskRunView:
        """Return the task run as it is now; a result that was read is kept."""
        latest = self.from_task_run_id(self.task_run_id)
        latest._result = self._result
        return latest

    # ---- the result ----------------------------------------------------------------------------------------------

    def get_result(self) -> Any:
        """Return the value of the task run, read from where it was stored; that of a mapped task is a list.

        It is read once.

        Raises:
            TypeError: There is no result, or it is of a class of the flow's own.
            ValueError: The task run, or a child of it, is not finished, or its result was not stored.
        """
        if not self.state.is_finished():
            raise ValueError(
                f"The task result cannot be loaded if it is not finished: {self!r} is {type(self.state).__name__}."
            )
        if self._result is _NOT_LOADED:
            self._result = self._loaded_children() if self.state.is_mapped() else self._loaded()
        return self._result

    def _loaded(self) -> Any:
        result = self.state._result
        kind = type(result).__name__
        if kind == "NoResultType":
            raise TypeError(f"The task run {self.task_run_id!r} ({self.task_slug}) has no result.")
        if result.value is not None:
            return result.value
        if result.location is None:
            raise ValueError(
                "The task result has no `location` so the result cannot be loaded. Give the task or its flow a `result`"
                " that stores values, such as LocalResult."
            )
        if kind == "Result":
            raise TypeError(
                f"The result at {result.location!r} is of a class that is not part of prefect, so it cannot be loaded."
                " Read it with that class."
            )
        return self.state.load_result().result

    def _loaded_children(self) -> list[Any]:
        return [child.get_result() for child in self._children()]

    def iter_mapped(self) -> Iterator[TaskRunView]:
        """Yield the mapped children of the task run, in order.

        Raises:
            TypeError: The task run is not mapped.
            ValueError: A child does not exist yet.
        """
        if not self.state.is_mapped():
            raise TypeError(f"Task run {self.task_run_id!r} ({self.task_slug}) is not a mapped task.")
        yield from self._children()

    def _children(self) -> Iterator[TaskRunView]:
        number: int = self.state.n_map_states  # type: ignore[attr-defined]  # only Mapped has it
        for index in range(number):
            yield self.from_task_slug(self.task_slug, self.flow_run_id, index)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TaskRunView):
            return NotImplemented
        return self.task_run_id == other.task_run_id and self.state == other.state

    __hash__ = None  # type: ignore[assignment]  # equality depends on the state, which has no hash by value

    def __repr__(self) -> str:
        result = "<not loaded>" if self._result is _NOT_LOADED else repr(self._result)
        return (
            f"{type(self).__name__}(task_run_id={self.task_run_id!r}, task_id={self.task_id!r},"
            f" task_slug={self.task_slug!r}, state={self.state!r}, result={result})"
        )


def _record_of(store: Store, flow_run_id: str, slug: str, map_index: int) -> Record:
    from prefect.orchestration.task_runs import UNMAPPED, facts_of_run, get_or_create_task_run

    # It also says whether there are such a run and such a task; an unmapped task run is never created by it.
    unmapped = get_or_create_task_run(store, flow_run_id, task_slug=slug)
    if map_index == UNMAPPED:
        return unmapped
    found = store.members.find_task_run(flow_run_id, slug, map_index)
    if found is None:
        raise ObjectNotFoundError(
            f"The flow run {flow_run_id} has no task run of {slug!r} with the number {map_index}."
            " It may not have been created yet."
        )
    return facts_of_run(store, flow_run_id).shown(found)
