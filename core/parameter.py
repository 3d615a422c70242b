"""Parameters: the inputs of a flow.

Source: core.md §4.1 and §4.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context
from prefect.task import Task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.flow_graph import FlowGraph


class _NoDefault:
    """Stands for a default that was not given, in pickled flows as well."""

    def __repr__(self) -> str:
        return "<no default>"

    def __reduce__(self) -> str:
        return "no_default"


no_default = _NoDefault()


class Parameter(Task):
    """An input of a flow, set by ``flow.run(name=value)`` or ``prefect run --param name=value``.

    Args:
        name: Name; unique within a flow, and also the slug.
        default: Value when none is given; any default, even None, makes the parameter optional.
        required: Overrides what follows from ``default``; a required parameter ignores its default.
        tags: Labels.
    """

    def __init__(
        self, name: str, default: Any = no_default, required: bool | None = None, tags: Iterable[str] | None = None
    ) -> None:
        from prefect.engine.results import PrefectResult

        self.required = default is no_default if required is None else required
        self.default = None if default is no_default else default
        super().__init__(name=name, slug=name, tags=tags, result=PrefectResult(), checkpoint=True)

    def __repr__(self) -> str:
        return f"<Parameter: {self.name}>"

    def __call__(self, flow: FlowGraph | None = None) -> Any:  # type: ignore[override]
        """Add this parameter itself to the flow."""
        return self.bind(flow=flow)

    def copy(self, name: str, **task_args: Any) -> Any:  # type: ignore[override]  # a copy needs another name
        """Return a copy under another name, which is its slug as well."""
        return super().copy(name=name, slug=task_args.pop("slug", name), **task_args)

    def run(self) -> Any:
        """Return the value given to this flow run, or the default.

        Raises:
            FAIL: The parameter is required and has no value.
        """
        given = context.get("parameters") or {}
        if self.required and self.name not in given:
            from prefect.engine.signals import FAIL

            raise FAIL(f'Parameter "{self.name}" was required but not provided.')
        return given.get(self.name, self.default)

    def serialize(self) -> dict[str, Any]:
        """Return the parameter in the 1.x JSON form (core.md §20.1)."""
        from prefect.serialization import serialize_parameter

        return serialize_parameter(self)


class DateTimeParameter(Parameter):
    """A parameter whose value is a ``pendulum.DateTime``, given as text or as a datetime.

    Args:
        name: As for :class:`Parameter`.
        default: As for :class:`Parameter`.
        required: True unless said otherwise, even with a default.
        tags: Labels.
    """

    def __init__(
        self, name: str, default: Any = no_default, required: bool = True, tags: Iterable[str] | None = None
    ) -> None:
        from prefect.engine.results import PrefectResult
        from prefect.engine.serializers import DateTimeSerializer

        super().__init__(name=name, default=default, required=required, tags=tags)
        self.result = PrefectResult(serializer=DateTimeSerializer())

    def run(self) -> Any:
        """Return the moment given to this flow run, in UTC unless it says otherwise.

        Raises:
            ValueError: The value is neither text for a moment nor a datetime.
        """
        from datetime import datetime

        import pendulum

        from prefect.engine.state_base import as_pendulum

        value = super().run()
        if value is None:
            return None
        if isinstance(value, str):
            value = pendulum.parse(value)
        if isinstance(value, datetime):
            return as_pendulum(value)
        raise ValueError(
            f"Parameter {self.name!r} got {value!r}. Give a datetime, or one as text such as 2024-05-17T13:45."
        )
