"""``resource_manager``: a resource that is set up before some tasks and cleaned up after them, come what may.

Source: core.md §11.1.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from typing import TYPE_CHECKING, Any, overload

from prefect.context import context
from prefect.engine import signals
from prefect.engine.state import Mapped
from prefect.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prefect.edge import Edge
    from prefect.engine.state import State
    from prefect.flow import Flow


class ResourceInitTask(Task):
    """Makes the object that manages the resource, by calling its class.

    Args:
        resource_class: The class.
        **kwargs: Arguments of ``Task``.
    """

    resource_role = "init"

    def __init__(self, resource_class: "Callable[..., Any]", **kwargs: Any) -> None:
        self.run = resource_class
        super().__init__(**kwargs)


class ResourceSetupTask(Task):
    """Sets up the resource."""

    resource_role = "setup"
    reruns_on_restart = True

    def run(self, mgr: Any) -> Any:
        """Return the resource."""
        return mgr.setup()


class ResourceCleanupTask(Task):
    """Cleans up the resource."""

    resource_role = "cleanup"
    reruns_on_restart = True

    def run(self, mgr: Any, resource: Any = None) -> None:
        """Hand the resource to its manager's ``cleanup``."""
        mgr.cleanup(resource)


def resource_cleanup_trigger(upstream_states: "dict[Edge, State]") -> bool:
    """Clean up when everything before is finished, whatever came of it; skip if there is nothing to clean up.

    Raises:
        SKIP: The resource was not made or not set up.
        TRIGGERFAIL: A task before is not finished.

    Source:
        core.md §11.1.
    """
    for key, step in (("mgr", "init"), ("resource", "setup")):
        for edge, state in upstream_states.items():
            if edge.key == key and (state.is_skipped() or state.is_failed()):
                raise signals.SKIP(f"Resource manager {step} {'skipped' if state.is_skipped() else 'failed'}")
    if not all(state.is_finished() for state in _with_children(upstream_states)):
        raise signals.TRIGGERFAIL(
            'Trigger was "resource_cleanup_trigger" but some of the upstream tasks were not finished.'
        )
    return True


def _with_children(upstream_states: "dict[Edge, State]") -> "Iterator[State]":
    for state in upstream_states.values():
        yield from state.map_states if isinstance(state, Mapped) else (state,)


class ResourceContext:
    """The ``with`` block of one resource.

    Args:
        init_task: Makes the manager.
        setup_task: Sets up the resource; None if the manager has no ``setup``.
        cleanup_task: Cleans up the resource.
        flow: Flow of these tasks.
    """

    def __init__(self, init_task: Task, setup_task: Task | None, cleanup_task: Task, flow: "Flow") -> None:
        self.init_task = init_task
        self.setup_task = setup_task
        self.cleanup_task = cleanup_task
        self._flow = flow
        self._tasks: list[Task] = []

    def add_task(self, task: Task, flow: "Flow") -> None:
        """Note a task that was added to ``flow`` inside the block.

        Raises:
            ValueError: The resource belongs to another flow.
        """
        if flow is not self._flow:
            raise ValueError(
                f"The resource {self.init_task.name!r} belongs to the flow {self._flow.name!r}, but its block has tasks"
                f" of {flow.name!r}. Use one resource for each flow."
            )
        self._tasks.append(task)

    def __enter__(self) -> Task | None:
        self._tasks = []
        self._overlay = context(resource=self)
        self._overlay.__enter__()
        return self.setup_task

    def __exit__(self, *exc_info: object) -> None:
        self._overlay.__exit__(*exc_info)
        inside = set(self._tasks)
        for task in self._tasks:
            upstream = self._flow.upstream_tasks(task)
            if self.setup_task is not None and self.setup_task not in upstream and upstream.isdisjoint(inside):
                self._flow.add_edge(self.setup_task, task)
            if self._flow.downstream_tasks(task).isdisjoint(inside):
                self._flow.add_edge(task, self.cleanup_task)


class ResourceManager:
    """What ``@resource_manager`` makes of a class: call it in a flow and use the result in a ``with`` block.

    Args:
        resource_class: Class with ``cleanup(resource)`` and, if there is something to set up, ``setup()``.
        name: Name of the tasks; by default that of the class.
        init_task_kwargs: Arguments of ``Task`` for the task that calls the class.
        setup_task_kwargs: Arguments of ``Task`` for the task that calls ``setup``.
        cleanup_task_kwargs: Arguments of ``Task`` for the task that calls ``cleanup``.

    Raises:
        TypeError: ``resource_class`` cannot be called.
    """

    def __init__(
        self,
        resource_class: "Callable[..., Any]",
        name: str | None = None,
        init_task_kwargs: dict[str, Any] | None = None,
        setup_task_kwargs: dict[str, Any] | None = None,
        cleanup_task_kwargs: dict[str, Any] | None = None,
    ) -> None:
        if not callable(resource_class):
            raise TypeError(f"A resource manager needs a class, but got {resource_class!r}. Decorate a class.")
        self.resource_class = resource_class
        self.name = name or getattr(resource_class, "__name__", type(resource_class).__name__)
        unstored = {"checkpoint": False}
        cleanup = {**unstored, "skip_on_upstream_skip": False, "trigger": resource_cleanup_trigger}
        self.init_task_kwargs = {"name": self.name, **(init_task_kwargs or {})}
        self.setup_task_kwargs = {"name": f"{self.name}.setup", **unstored, **(setup_task_kwargs or {})}
        self.cleanup_task_kwargs = {"name": f"{self.name}.cleanup", **cleanup, **(cleanup_task_kwargs or {})}

    def __call__(self, *args: Any, flow: "Flow | None" = None, **kwargs: Any) -> ResourceContext:
        """Add the tasks of one resource to the flow.

        Args:
            *args: Arguments of the class: tasks or values.
            flow: The flow; by default the one under construction.
            **kwargs: Like ``args``; ``upstream_tasks`` come before the resource.

        Raises:
            ValueError: No flow is given and none is under construction.
            TypeError: The arguments do not fit the class.
        """
        flow = flow if flow is not None else context.get("flow")
        if flow is None:
            raise ValueError(f"The resource {self.name!r} is used outside a flow. Use it inside `with Flow(...)`.")
        init_task = ResourceInitTask(self.resource_class, **self.init_task_kwargs)
        init_task.bind(*args, flow=flow, **kwargs)
        setup_task = None
        resource = {}
        if hasattr(self.resource_class, "setup"):
            setup_task = ResourceSetupTask(**self.setup_task_kwargs).bind(mgr=init_task, flow=flow)
            resource["resource"] = setup_task
        cleanup_task = ResourceCleanupTask(**self.cleanup_task_kwargs).bind(mgr=init_task, flow=flow, **resource)
        return ResourceContext(init_task, setup_task, cleanup_task, flow)


@overload
def resource_manager(resource_class: "Callable[..., Any]") -> ResourceManager: ...


@overload
def resource_manager(
    resource_class: None = None,
    *,
    name: str | None = None,
    init_task_kwargs: dict[str, Any] | None = None,
    setup_task_kwargs: dict[str, Any] | None = None,
    cleanup_task_kwargs: dict[str, Any] | None = None,
) -> "Callable[[Callable[..., Any]], ResourceManager]": ...


def resource_manager(
    resource_class: "Callable[..., Any] | None" = None,
    *,
    name: str | None = None,
    init_task_kwargs: dict[str, Any] | None = None,
    setup_task_kwargs: dict[str, Any] | None = None,
    cleanup_task_kwargs: dict[str, Any] | None = None,
) -> Any:
    """Make a resource manager of a class, as a decorator, bare or with arguments.

    Args:
        resource_class: Class with ``__init__``, ``cleanup(resource)`` and, if there is something to set up, ``setup()``.
        name: Name of the tasks; by default that of the class.
        init_task_kwargs: Arguments of ``Task`` for the task that calls the class.
        setup_task_kwargs: Arguments of ``Task`` for the task that calls ``setup``.
        cleanup_task_kwargs: Arguments of ``Task`` for the task that calls ``cleanup``.

    Source:
        core.md §11.1.
    """

    def decorate(resource_class: "Callable[..., Any]") -> ResourceManager:
        return ResourceManager(resource_class, name, init_task_kwargs, setup_task_kwargs, cleanup_task_kwargs)

    return decorate if resource_class is None else decorate(resource_class)
