"""``Task``: one step of a flow, and how it is called, copied and connected.

Source: core.md §3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from prefect.configuration import config
from prefect.context import context
from prefect.edge import EdgeAnnotation
from prefect.logger_attribute import LoggerAttribute
from prefect.signature import (
    RunSignature,
    TaskSignature,
    annotated_return,
    check_callable_signature,
    check_run_signature,
    described_arguments,
    inferred_nout,
    run_signature,
)
from prefect.task_arguments import (
    check_retries,
    check_template,
    exception_types,
    located_result,
    validator_for,
    warn,
    whole_seconds,
)
from prefect.task_arguments import state_handlers as handlers_of
from prefect.task_attributes import TASK_ATTRIBUTES, attributes_of, tell_overwritten
from prefect.task_operators import TaskOperators
from prefect.triggers import all_successful

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import timedelta

    from prefect.engine.cache_validators import Validator
    from prefect.engine.result import Result
    from prefect.engine.state import State
    from prefect.flow_graph import FlowGraph
    from prefect.task_arguments import StateHandler
    from prefect.triggers import Trigger


class Task(TaskOperators):
    """One step of a flow. Subclasses implement ``run``.

    Args:
        name: Name shown everywhere; the class name by default.
        slug: Stable identity within a flow; chosen by the flow by default.
        tags: Labels, united with those of the active ``prefect.tags`` block.
        max_retries: Further attempts after a failure.
        retry_delay: Time between two attempts; needed with ``max_retries``.
        retry_on: Exception type or types that are retried; all by default.
        timeout: Longest run, in whole seconds or as a ``timedelta``; 0 is none.
        trigger: Decides from the upstream states whether the task runs (core.md §8.5).
        skip_on_upstream_skip: Skip the task when an upstream task was skipped.
        cache_for: How long a value may be used again.
        cache_validator: Decides whether a cached value may be used.
        cache_key: Name under which values are cached; the task's name by default.
        checkpoint: False never stores the value.
        state_handlers: Called as ``handler(task, old_state, new_state)`` at each change of state.
        on_failure: Called as ``on_failure(task, state)`` at each failure.
        log_stdout: Log what ``run`` prints.
        result: Where the value is stored.
        target: Location, a template or a callable; if it exists, its value is used instead of running.
        task_run_name: Name of a run, a template or a callable.
        nout: Number of values ``run`` returns, for unpacking; taken from a ``Tuple`` annotation by default.

    Raises:
        ValueError: Retry arguments contradict each other.
        TypeError: An argument has a type it cannot have.

    Source:
        core.md §3.1.
    """

    name: str
    slug: str | None
    tags: set[str]
    max_retries: int
    retry_delay: timedelta | None
    retry_on: set[type[Exception]] | None
    timeout: int | None
    trigger: Trigger
    skip_on_upstream_skip: bool
    cache_for: timedelta | None
    cache_validator: Validator
    cache_key: str | None
    checkpoint: bool | None
    state_handlers: list[StateHandler]
    log_stdout: bool
    result: Result | None
    target: str | Callable[..., str] | None
    task_run_name: str | Callable[..., str] | None
    nout: int | None
    auto_generated: bool

    #: The task runs again although a finished state is given for it (core.md §4.3, §11.1).
    reruns_on_restart: ClassVar[bool] = False
    #: ``init``, ``setup`` or ``cleanup`` for the tasks of a resource manager (core.md §11.1).
    resource_role: ClassVar[str | None] = None

    #: Which of these attributes a subclass, or a class it derives from besides, has too.
    _overwritten: ClassVar[frozenset[str]] = frozenset()

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Return a new task, with a warning if a task is among the arguments."""
        for value in (*args, *kwargs.values()):
            if isinstance(value, Task):
                warn(
                    f"A task was given to the constructor of {cls.__name__}, where it is not run as an input."
                    f" Make the {cls.__name__} first, then call it with the task."
                )
                break
        return super().__new__(cls)

    def __init__(
        self,
        name: str | None = None,
        slug: str | None = None,
        tags: Iterable[str] | None = None,
        max_retries: int | None = None,
        retry_delay: timedelta | None = None,
        retry_on: type[Exception] | Iterable[type[Exception]] | None = None,
        timeout: int | timedelta | None = None,
        trigger: Trigger | None = None,
        skip_on_upstream_skip: bool = True,
        cache_for: timedelta | None = None,
        cache_validator: Validator | None = None,
        cache_key: str | None = None,
        checkpoint: bool | None = None,
        state_handlers: Sequence[StateHandler] | None = None,
        on_failure: Callable[[Task, State], Any] | None = None,
        log_stdout: bool = False,
        result: Result | None = None,
        target: str | Callable[..., str] | None = None,
        task_run_name: str | Callable[..., str] | None = None,
        nout: int | None = None,
    ) -> None:
        overwritten = self._overwritten | (TASK_ATTRIBUTES & self.__dict__.keys())
        self.name = name or type(self).__name__
        self.slug = slug
        if isinstance(tags, str):
            raise TypeError(f"The tags of task {self.name!r} are one string, {tags!r}. Give a list or set of tags.")
        self.tags = {*(tags or ()), *(context.get("tags") or ())}

        defaults = config.tasks.defaults
        self.max_retries = defaults.max_retries if max_retries is None else max_retries
        self.retry_delay = defaults.retry_delay if self.max_retries and retry_delay is None else retry_delay
        self.retry_on = exception_types(retry_on)
        check_retries(self)
        self.timeout = whole_seconds(defaults.timeout if timeout is None else timeout)

        self.trigger = trigger or all_successful
        self.skip_on_upstream_skip = skip_on_upstream_skip
        self.cache_for = cache_for
        self.cache_key = cache_key
        self.cache_validator = validator_for(self.name, cache_for, cache_validator)
        self.checkpoint = checkpoint
        check_template(self.name, "target", target)
        self.target = target
        self.result = located_result(self.name, result, target)
        check_template(self.name, "task_run_name", task_run_name)
        self.task_run_name = task_run_name

        self.state_handlers = handlers_of(state_handlers, on_failure)
        self.log_stdout = log_stdout
        self.auto_generated = False
        check_callable_signature(self._signature())
        self.nout = inferred_nout(self.run) if nout is None else nout
        if overwritten:
            tell_overwritten(self, overwritten)
        self._track_creation()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._overwritten = attributes_of(base for base in cls.__mro__ if not issubclass(Task, base))
        if callable(cls.__dict__.get("run")):
            check_run_signature(run_signature(cls.__dict__["run"]))

    if TYPE_CHECKING:
        #: The work of the task. Subclasses define it with the arguments they need; ``@task`` puts a function here.
        run: Callable[..., Any]
    else:

        def run(self):
            """Do the work of the task; subclasses and ``@task`` functions say what that is."""

        run.__annotations__ = {"return": None}

    logger = LoggerAttribute()

    def __repr__(self) -> str:
        return f"<Task: {self.name}>"

    # ---- calling -----------------------------------------------------------------------------------------------

    def __call__(
        self,
        *args: Any,
        mapped: bool = False,
        task_args: dict[str, Any] | None = None,
        upstream_tasks: Iterable[Any] | None = None,
        flow: FlowGraph | None = None,
        **kwargs: Any,
    ) -> Any:
        """Add a copy of this task to the flow, with ``args`` and ``kwargs`` as inputs, and return the copy.

        Args:
            *args: Inputs by position: tasks, values, or annotations.
            mapped: Map over all inputs.
            task_args: Attributes to set on the copy.
            upstream_tasks: Tasks that only have to come first.
            flow: The flow; by default the one under construction.
            **kwargs: Inputs by name.

        Raises:
            ValueError: No flow is given and none is under construction.
            TypeError: The inputs do not fit ``run``.
        """
        new = self.copy(**task_args) if task_args else self.copy()
        return new.bind(*args, mapped=mapped, upstream_tasks=upstream_tasks, flow=flow, **kwargs)

    def bind(
        self,
        *args: Any,
        mapped: bool = False,
        upstream_tasks: Iterable[Any] | None = None,
        flow: FlowGraph | None = None,
        **kwargs: Any,
    ) -> Any:
        """Add this very task to the flow with its inputs, and return it; see :meth:`__call__`."""
        if flow is None:
            flow = context.get("flow")
            if flow is None:
                raise ValueError(
                    f"{self!r} was called outside a flow. Call it inside `with Flow(...)`, or call its `.run(...)`"
                    " to run it without a flow."
                )
        try:
            inputs = self._signature().bind(args, kwargs)
        except TypeError as exc:
            raise TypeError(f"{self!r}: {exc}. It takes: {', '.join(self.inputs()) or 'nothing'}.") from None
        flow.set_dependencies(self, upstream_tasks=upstream_tasks, keyword_tasks=inputs, mapped=mapped)
        tags = context.get("tags")
        if tags:
            self.tags = self.tags.union(tags)
        return self

    def map(
        self,
        *args: Any,
        upstream_tasks: Iterable[Any] | None = None,
        flow: FlowGraph | None = None,
        task_args: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Add a copy of this task to the flow that runs once for each element of its inputs.

        Raises:
            TypeError: A positional input can neither be subscripted nor is it a task.
        """
        for arg in args:
            if not (hasattr(arg, "__getitem__") or isinstance(arg, EdgeAnnotation)):
                raise TypeError(
                    f"{self!r} cannot be mapped over an argument of type {type(arg).__name__}, which is not a sequence."
                    " Wrap it in `unmapped` to hand it to every child."
                )
        new = self.copy(**{"nout": None, **(task_args or {})})
        return new.bind(*args, mapped=True, upstream_tasks=upstream_tasks, flow=flow, **kwargs)

    def copy(self, **task_args: Any) -> Any:
        """Return a copy of this task with some attributes changed; its place in a flow is not copied.

        Raises:
            AttributeError: ``task_args`` name an attribute the task does not have.
        """
        flow = context.get("flow")
        if flow is not None and flow.has_edges(self):
            warn(f"The dependencies of {self!r} in the flow {flow.name!r} are not copied with it.")
        new = object.__new__(type(self))
        new.__dict__ = self.__dict__.copy()
        new.state_handlers = self.state_handlers.copy()
        if self.slug is not None:
            new.slug = f"{self.slug}-copy"
        for name, value in task_args.items():
            if not hasattr(new, name):
                raise AttributeError(f"Task {self.name!r} has no attribute {name!r}, so a copy cannot set it.")
            setattr(new, name, value)
        tags = context.get("tags")
        new.tags = self.tags.union(task_args.get("tags") or (), tags or ()) if tags or task_args else self.tags.copy()
        if task_args and new.target is not None:
            new.result = located_result(new.name, new.result, new.target)
        tracker = context.get("_unused_task_tracker")
        if tracker is not None:
            tracker.pop(self, None)
            tracker[new] = None
        return new

    # ---- connecting --------------------------------------------------------------------------------------------

    def set_dependencies(
        self,
        flow: FlowGraph | None = None,
        upstream_tasks: Iterable[Any] | None = None,
        downstream_tasks: Iterable[Any] | None = None,
        keyword_tasks: dict[str, Any] | None = None,
        mapped: bool = False,
        validate: bool | None = None,
    ) -> Task:
        """Connect this task to others in the flow; see ``Flow.set_dependencies``.

        Raises:
            ValueError: No flow is given and none is under construction.
        """
        flow = flow if flow is not None else context.get("flow")
        if flow is None:
            raise ValueError(f"{self!r} is not inside a flow. Pass `flow`, or work inside `with Flow(...)`.")
        flow.set_dependencies(
            self,
            upstream_tasks=upstream_tasks,
            downstream_tasks=downstream_tasks,
            keyword_tasks=keyword_tasks,
            mapped=mapped,
            validate=validate,
        )
        return self

    def set_upstream(
        self, task: Any, flow: FlowGraph | None = None, key: str | None = None, mapped: bool = False
    ) -> Task:
        """Make ``task`` come first, and hand its value to the argument ``key`` if given."""
        if key is not None:
            return self.set_dependencies(flow, keyword_tasks={key: task}, mapped=mapped)
        return self.set_dependencies(flow, upstream_tasks=[task], mapped=mapped)

    def set_downstream(
        self, task: Task, flow: FlowGraph | None = None, key: str | None = None, mapped: bool = False
    ) -> Task:
        """Make ``task`` come after this one, and hand it the value as argument ``key`` if given."""
        task.set_upstream(self, flow=flow, key=key, mapped=mapped)
        return self

    # ---- inspecting --------------------------------------------------------------------------------------------

    def inputs(self) -> dict[str, dict[str, Any]]:
        """Return argument → ``{"type", "default", "required"}`` of ``run``, its ``**kwargs`` included."""
        return described_arguments(self.run)

    def outputs(self) -> Any:
        """Return the type ``run`` is annotated to return, or ``typing.Any``."""
        return annotated_return(self.run)

    def serialize(self) -> dict[str, Any]:
        """Return the task in the 1.x JSON form (core.md §20.2)."""
        from prefect.serialization import serialize_task

        return serialize_task(self)

    __signature__ = TaskSignature()

    def __iter__(self) -> Iterator[Any]:
        if self.nout is None:
            raise TypeError(
                f"Task {self.name!r} cannot be unpacked, since it is not known how many values it returns."
                " Give it `nout=...`, or annotate the return type as a Tuple."
            )
        return (self[index] for index in range(self.nout))

    #: ``x in task`` would otherwise iterate over the values a flow run has yet to make.
    __contains__ = None

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_run_signature"}

    # ---- helpers -----------------------------------------------------------------------------------------------

    def _signature(self) -> RunSignature:
        """The arguments of ``run``, read once for a function and shared by all copies of the task."""
        own = self.__dict__
        cached = own.get("_run_signature")
        function = own.get("run") or type(self).run
        if cached is None or cached[0] is not function:
            signature = run_signature(self.run)
            cached = own["_run_signature"] = (function, signature)
        return cached[1]

    def _track_creation(self) -> None:
        tracker = context.get("_unused_task_tracker")
        if tracker is not None:
            tracker[self] = None
