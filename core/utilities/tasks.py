"""What flow files use around tasks: ``@task``, ``tags``, ``apply_map`` and the conversion of values into tasks.

Source: core.md §3.3, §3.7, §4.5, §10.6 and §11.2.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, overload

from prefect.context import context
from prefect.edge import EdgeAnnotation
from prefect.task import Task
from prefect.tasks.core.constants import Constant
from prefect.tasks.core.function import FunctionTask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

    from prefect.flow import Flow
    from prefect.flow_graph import FlowGraph

#: Types of which most arguments are; telling them apart at once makes long lists of numbers cost next to nothing.
_PLAIN = frozenset({int, float, bool, str, bytes, type(None)})

__all__ = ["apply_map", "as_task", "contains_task", "defaults_from_attrs", "pause_task", "tags", "task"]


@overload
def task(fn: Callable[..., Any], **task_init_kwargs: Any) -> FunctionTask: ...


@overload
def task(fn: None = None, **task_init_kwargs: Any) -> Callable[[Callable[..., Any]], FunctionTask]: ...


def task(fn: Callable[..., Any] | None = None, **task_init_kwargs: Any) -> Any:
    """Make a task of a function: as a decorator, bare or with arguments, or as ``task(fn, name="...")``.

    Args:
        fn: The function.
        **task_init_kwargs: Arguments of ``Task``.

    Raises:
        TypeError: ``fn`` cannot be called, takes positional-only arguments, or an argument is unknown to ``Task``.
        ValueError: ``fn`` takes ``*args`` or an argument with a reserved name (core.md §3.2).

    Source:
        core.md §3.3.
    """
    if fn is None:
        return lambda function: FunctionTask(function, **task_init_kwargs)
    return FunctionTask(fn, **task_init_kwargs)


@contextmanager
def tags(*tags: str) -> Iterator[None]:
    """Give all tasks made, copied or called in the ``with`` block these tags, besides those of outer blocks.

    Source:
        core.md §11.2.
    """
    with context(tags={*(context.get("tags") or ()), *tags}):
        yield


def as_task(x: Any, flow: FlowGraph | None = None) -> Task:
    """Return ``x`` as a task.

    A task stays itself, an annotation is removed, a list, tuple, set or dictionary (in its values) that holds tasks
    becomes a task that collects their results, and anything else becomes a ``Constant``.

    Args:
        x: Any value.
        flow: Flow to which a collecting task is added; by default the one under construction.

    Raises:
        ValueError: A collection of tasks is converted, but there is no flow.

    Source:
        core.md §4.5.
    """
    if isinstance(x, Task):
        return x
    if isinstance(x, EdgeAnnotation):
        return as_task(x.value, flow=flow)
    generated = _collection(x, flow) if contains_task(x) else Constant(x)
    generated.auto_generated = True
    return generated


def contains_task(value: Any) -> bool:
    """Return whether ``value`` is a task or annotation, or a list, tuple, set or dictionary with one in its values."""
    if type(value) in _PLAIN:
        return False
    if isinstance(value, (Task, EdgeAnnotation)):
        return True
    elements = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (list, tuple, set, dict)) or _PLAIN.issuperset(map(type, elements)):
        return False
    return any(map(contains_task, elements))


def _collection(x: Any, flow: Any) -> Task:
    from prefect.tasks.core import collections

    collecting: Task
    if isinstance(x, dict):
        collecting = collections.Dict()
        collecting.bind(keys=list(x), values=list(x.values()), flow=flow)
    else:
        kinds = (list, collections.List), (tuple, collections.Tuple), (set, collections.Set)
        collecting = next(collector() for kind, collector in kinds if isinstance(x, kind))
        collecting.bind(*x, flow=flow)
    return collecting


def pause_task(message: str | None = None, duration: timedelta | None = None) -> None:
    """Pause the running task unless it has just been resumed, when this returns at once.

    The task runs from its beginning again after it is resumed.

    Args:
        message: Message of the paused state.
        duration: Resume by itself after this time; by default the task waits for approval.

    Raises:
        PAUSE: The signal that pauses the task.

    Source:
        core.md §3.7 and §8.9.
    """
    if context.get("resume"):
        return
    from datetime import datetime, timezone

    from prefect.engine import signals

    start_time = None if duration is None else datetime.now(timezone.utc) + duration
    raise signals.PAUSE(message or "Pause signal raised during task execution.", start_time=start_time)


def defaults_from_attrs(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let arguments of a ``run`` method default to the attributes of the same names.

    Args:
        *names: Arguments; one that is passed, even as None, keeps the passed value.

    Source:
        core.md §3.7.
    """

    def decorate(run: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(run)
        def run_with_defaults(self: Any, *args: Any, **kwargs: Any) -> Any:
            for name in names:
                if name not in kwargs:
                    kwargs[name] = getattr(self, name)
            return run(self, *args, **kwargs)

        return run_with_defaults

    return decorate


def apply_map(func: Callable[..., Any], *args: Any, flow: Flow | None = None, **kwargs: Any) -> Any:
    """Call ``func`` once to see which tasks it adds, and add them mapped over ``args`` and ``kwargs``.

    Args:
        func: Function that calls tasks; with ``flow`` it gets a flow as its argument of that name, and has to hand it
            on to them.
        *args: Tasks, sequences, or annotations of such: ``unmapped`` hands a value whole to every child.
        flow: Flow to add to; by default the one under construction.
        **kwargs: Like ``args``.

    Returns:
        What ``func`` returns.

    Raises:
        TypeError: An argument cannot be mapped over.
        ValueError: There is no flow, or ``func`` maps by itself.

    Source:
        core.md §10.6.
    """
    from prefect.utilities._apply_map import build_mapped

    return build_mapped(func, args, kwargs, flow)
