"""What tasks for Toloka are made with.

``with_toloka_client`` has its name and arguments only, see :mod:`prefect.tasks.outside`.

Source: core.md §21.10.
"""

from __future__ import annotations

from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

import prefect
from prefect.tasks.outside import outside_function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

with_toloka_client = outside_function("with_toloka_client", __name__, "func")


def extract_id(obj: Any, cl: type) -> str:
    """Return the id of a thing of Toloka.

    Args:
        obj: The id itself, or what :func:`structure_from_conf` takes.
        cl: Class of the toloka-kit for such things, such as ``Pool``.

    Raises:
        TypeError: ``obj`` is something else.
        ValueError: It has no id, or is no JSON.
    """
    if isinstance(obj, str) and not obj.lstrip().startswith("{"):
        return obj
    found: str | None = structure_from_conf(obj, cl).id
    if found is None:
        raise ValueError(f"This {cl.__name__} has no id: {obj!r}. Give one that Toloka has returned, or its id.")
    return found


def structure_from_conf(obj: Any, cl: type) -> Any:
    """Return a thing of Toloka as an object.

    Args:
        obj: One already, a dictionary, or one as JSON.
        cl: Class of the toloka-kit for such things, such as ``Pool``.

    Raises:
        TypeError: ``obj`` is something else.
        ValueError: It is no JSON.
    """
    import json

    if isinstance(obj, cl):
        return obj
    if isinstance(obj, (str, bytes)):
        obj = json.loads(obj)
    if not isinstance(obj, dict):
        raise TypeError(f"{obj!r} is no {cl.__name__}. Give one, or a dictionary, or one as JSON.")
    return cl.structure(obj)  # type: ignore[attr-defined]


def with_logger(func: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function the logger of the running task as its argument ``logger``, unless it is given one.

    The function that is returned does not show that argument, so that ``task`` can make a task of it.
    """

    def call_with_logger(*args: Any, **kwargs: Any) -> Any:
        return func(
            *args, **{"logger": prefect.context.get("logger") or prefect.utilities.logging.get_logger(), **kwargs}
        )

    return with_updated_signature(func, call_with_logger, remove_func_args=("logger",))


def with_updated_signature(
    func: Callable[..., Any],
    wrapper: Callable[..., Any],
    add_wrapper_args: Iterable[str] = (),
    remove_func_args: Iterable[str] = (),
) -> Callable[..., Any]:
    """Let a wrapper look like the function that it calls, but for some arguments.

    Args:
        func: The function.
        wrapper: Its wrapper, which is changed.
        add_wrapper_args: Arguments of the wrapper that are shown as well, by keyword only.
        remove_func_args: Arguments of the function that are not shown.

    Returns:
        The wrapper.

    Raises:
        KeyError: The wrapper has no such argument.
    """
    own = signature(func)
    added = [signature(wrapper).parameters[name].replace(kind=Parameter.KEYWORD_ONLY) for name in add_wrapper_args]
    hidden = set(remove_func_args)
    shown = [parameter for parameter in own.parameters.values() if parameter.name not in hidden]
    rest = [parameter for parameter in shown if parameter.kind is Parameter.VAR_KEYWORD]
    parameters = [*(parameter for parameter in shown if parameter not in rest), *added, *rest]
    wrapper.__name__ = func.__name__
    wrapper.__doc__ = func.__doc__
    wrapper.__module__ = func.__module__
    wrapper.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {
        **{
            parameter.name: parameter.annotation
            for parameter in parameters
            if parameter.annotation is not Parameter.empty
        },
        **({} if own.return_annotation is own.empty else {"return": own.return_annotation}),
    }
    return wrapper
