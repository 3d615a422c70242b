"""A flow, compiled once for running: its tasks in order, with everything that does not change from task to task.

Source: DESIGN §3 and §6; core.md §8.2.4 for the order.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from os import urandom
from typing import TYPE_CHECKING, Any

from prefect.context import Lazy, context
from prefect.edge import Edge
from prefect.engine.state import Success
from prefect.tasks.core.constants import Constant
from prefect.triggers import all_successful

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task


def new_id() -> str:
    """Return a random identity for a run, a version 4 UUID as text.

    Made by hand, since importing ``uuid`` costs a run of a small flow a tenth of its start-up.
    """
    data = bytearray(urandom(16))
    data[6] = data[6] & 0x0F | 0x40
    data[8] = data[8] & 0x3F | 0x80
    digits = data.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _task_logger() -> Any:
    from prefect.utilities.logging import get_logger

    return get_logger(context["task_full_name"])


#: Context values that most tasks never ask for. They are shared, since what they make is kept in the layer of the task.
TASK_RUN_ID = Lazy(new_id)
TASK_LOGGER = Lazy(_task_logger)

_NO_CONSTANTS: dict[str, Any] = {}


class Step:
    """One task of a plan.

    Attributes:
        task: The task.
        index: Its place in the plan.
        name: Its name.
        tags: Its tags, sorted, as states show them.
        edges: The edges that end there, bound constants aside.
        places: For each of them, the place of its upstream task in the plan.
        constants: Argument → bound constant.
        is_mapped: Some upstream value is mapped over.
        is_constant: The task only holds a value.
        always_runs: The task runs even if a finished state is given for it (secrets, set-up and clean-up of resources).
        plain: Nothing but its function and its inputs has to be looked at: no retries, cache, target, handlers,
            timeout, result, name template, trigger of its own or captured output.
        run: Its function.
        slug: Its identity within the flow.
    """

    __slots__ = (
        "always_runs",
        "constants",
        "edges",
        "index",
        "is_constant",
        "is_mapped",
        "name",
        "places",
        "plain",
        "run",
        "slug",
        "tags",
        "task",
    )

    def __init__(
        self,
        task: Task,
        slug: str,
        index: int,
        edges: Sequence[Edge],
        places: Sequence[int],
        constants: dict[str, Any],
    ) -> None:
        self.task = task
        self.index = index
        self.name = task.name
        self.tags = tuple(sorted(task.tags))
        self.edges = edges
        self.places = places
        self.constants = constants
        self.run: Callable[..., Any] = task.run
        self.is_mapped = any(edge.mapped for edge in edges)
        self.is_constant = isinstance(task, Constant)
        self.always_runs = task.reruns_on_restart
        self.plain = _is_plain(task) and not any(edge.flattened for edge in edges)
        self.slug = slug

    def constant_states(self) -> dict[Edge, State]:
        """Return what triggers see of the bound constants: an edge from a constant task that succeeded."""
        return {
            Edge.between(Constant(value), self.task, key): Success.of(None, value, None)
            for key, value in self.constants.items()
        }


class Plan:
    """The tasks of a flow in the order in which they run.

    Attributes:
        steps: The tasks, each after its upstream tasks.
        places: Task → place in ``steps``.
        caching: The tasks whose values are kept for later runs.
        terminal: Places of the tasks without downstream tasks.
        reference: Places of the tasks that decide whether the flow succeeds.
    """

    __slots__ = ("caching", "places", "reference", "steps", "terminal")

    def __init__(self, flow: Flow) -> None:
        """Compile a flow. Raises ``ValueError`` if it has a cycle."""
        with _collector_paused():
            self.places: dict[Task, int] = flow.places()
            places, edges_to, slugs, constants = self.places, flow._edges_to, flow.slugs, flow.constants
            self.steps = [
                Step(
                    task,
                    slugs.get(task, task.name),
                    index,
                    edges := edges_to.get(task, ()),
                    tuple([places[edge.upstream_task] for edge in edges]),
                    constants.get(task) or _NO_CONSTANTS,
                )
                for task, index in places.items()
            ]
            self.caching = [step.task for step in self.steps if not step.plain and step.task.cache_for is not None]
            self.terminal = [places[task] for task in places if not flow._edges_from.get(task)]
            self.reference = self._reference_places(flow)

    def _reference_places(self, flow: Flow) -> list[int]:
        kinds = {type(task) for task in self.places}
        if not flow._reference_tasks and not any(kind.resource_role for kind in kinds):
            return self.terminal
        return sorted(self.places[task] for task in flow.reference_tasks())


#: Steps from which on it pays to keep a plan out of the garbage collector's sight.
_LARGE_PLAN = 500


@contextmanager
def set_aside(plan: Plan) -> Iterator[None]:
    """Keep the collector from looking at a large flow again and again while it runs.

    Everything that exists at the beginning is set aside, and put back at the end; what tasks make meanwhile is collected
    as ever. Where somebody else has set objects aside, as servers do before they fork, nothing is touched.
    """
    if len(plan.steps) < _LARGE_PLAN or gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the garbage collector still while a great many objects are made that all stay.

    It would go through all of them again and again and find nothing, which doubles the cost of a large flow.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _is_plain(task: Task) -> bool:
    return (
        task.trigger is all_successful
        and not task.max_retries
        and not task.timeout
        and not task.state_handlers
        and not task.log_stdout
        and task.cache_for is None
        and task.target is None
        and task.result is None
        and task.task_run_name is None
    )
