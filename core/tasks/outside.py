"""Tasks of 1.x that talk to services outside: here they can be named, made and bound in flows, but not yet run.

Flow files that use them build, register and can be looked at. A later version brings what they do, each family with an
extra of its own; the names, arguments and defaults of 1.x are already those of the classes here.

Source: core.md §21.7 to §21.10.
"""

from __future__ import annotations

import ast
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any, NoReturn

from prefect.task import Task
from prefect.tasks.core.function import FunctionTask

if TYPE_CHECKING:
    from collections.abc import Callable

#: Families whose extra has another name than the package, as in 1.x.
_EXTRAS = {"notifications": "pushbullet", "secrets": "vault"}


class OutsideTask(Task):
    """Base of tasks that can be part of a flow, but not yet run.

    A subclass says in its class statement which arguments its constructor and its ``run`` take, as they would stand in a
    ``def``: ``class RedisGet(OutsideTask, init="host='localhost', redis_key=None", run="redis_key=None")``. The
    constructor takes those of ``Task`` as well, and keeps its own as attributes.

    Args:
        init: Arguments of the constructor.
        run: Arguments of ``run``; by default the same.

    Raises:
        NotImplementedError: The task is run.
    """

    if TYPE_CHECKING:

        def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def __init_subclass__(cls, init: str | None = None, run: str | None = None, **kwargs: Any) -> None:
        # A subclass in a flow file has neither; if it brings a `run` of its own, it works.
        if init is not None:
            setattr(cls, "__init__", _constructor(cls, init))  # noqa: B010 - mypy takes an assignment for a mistake
            cls.run = outside_function(cls.__name__, cls.__module__, f"self, {init if run is None else run}")
        super().__init_subclass__(**kwargs)


class OutsideClient:
    """Base of the clients that tasks of 1.x use, which cannot be made yet.

    Raises:
        NotImplementedError: One is made.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise _refusal(type(self).__name__, type(self).__module__)


def outside_task(name: str, module: str, arguments: str) -> FunctionTask:
    """Return a task made of a function, as with ``@task``, that can be part of a flow, but not yet run.

    Args:
        name: Name of the function.
        module: The module it is in.
        arguments: Its arguments, as they would stand in a ``def``.
    """
    return FunctionTask(outside_function(name, module, arguments), name=name)


def outside_function(name: str, module: str, arguments: str) -> Callable[..., NoReturn]:
    """Return a function that takes these arguments, and raises ``NotImplementedError``.

    Args:
        name: Its name.
        module: The module it is in.
        arguments: Its arguments, as they would stand in a ``def``.
    """

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise _refusal(name, module)

    refuse.__name__ = name
    refuse.__signature__ = _signature(arguments)  # type: ignore[attr-defined]
    return refuse


def extra_of(module: str) -> str:
    """Return the extra that will bring a module of the task library, such as ``aws`` for ``prefect.tasks.aws.s3``."""
    family = module.split(".")[2]
    return _EXTRAS.get(family, family)


def _refusal(name: str, module: str) -> NotImplementedError:
    return NotImplementedError(
        f"{name} cannot run in this version of praefectus; a later one brings it with the extra {extra_of(module)!r}."
    )


def _constructor(cls: type[Task], arguments: str) -> Callable[..., None]:
    signature = _signature(f"self, {arguments}, **kwargs")

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it becomes one
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        own = bound.arguments
        for_task = own.pop("kwargs")
        if "name" in own:
            for_task["name"] = own["name"]
        super(cls, own.pop("self")).__init__(**for_task)
        vars(self).update({name: value for name, value in own.items() if name != "name"})

    __init__.__signature__ = signature  # type: ignore[attr-defined]
    return __init__


def _signature(arguments: str) -> Signature:
    """Return the signature of a function with these arguments; their defaults are literals."""
    definition = ast.parse(f"def function({arguments}): ...").body[0]
    assert isinstance(definition, ast.FunctionDef)
    named = definition.args
    defaults = [*[None] * (len(named.args) - len(named.defaults)), *named.defaults]
    found = [
        *((argument, Parameter.POSITIONAL_OR_KEYWORD, default) for argument, default in zip(named.args, defaults)),
        *((argument, Parameter.VAR_POSITIONAL, None) for argument in [named.vararg] if argument),
        *(
            (argument, Parameter.KEYWORD_ONLY, default)
            for argument, default in zip(named.kwonlyargs, named.kw_defaults)
        ),
        *((argument, Parameter.VAR_KEYWORD, None) for argument in [named.kwarg] if argument),
    ]
    return Signature(
        [
            Parameter(argument.arg, kind, default=Parameter.empty if default is None else ast.literal_eval(default))
            for argument, kind, default in found
        ]
    )
