"""What travels between a flow run and its worker processes.

Runs name their task by its place in the plan, which both sides hold. Plain pickle comes first, since it is ten times
faster; cloudpickle takes over for what it cannot do, such as functions and classes of a flow file.
"""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from prefect.engine.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from prefect.engine.plan import Plan
    from prefect.engine.settings import RunSettings


def dump(message: Any, shares_memory: bool) -> bytes:
    """Return a message as bytes.

    Args:
        message: A :class:`Unit` or any other value.
        shares_memory: The other side was forked from this one, so that everything it could import is there.

    Raises:
        Exception: Whatever the value raises when it is pickled.
    """
    if isinstance(message, Unit):
        message = PackedUnit(message)
    if shares_memory:
        try:
            return pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        except Exception:  # noqa: BLE001 - cloudpickle knows more, and its error is the one to show
            pass
    from prefect.utilities._pickling import dumps

    return dumps(message)


def load(payload: bytes) -> Any:
    """Return the message that ``payload`` holds."""
    return pickle.loads(payload)


def with_exit_code(exc: BaseException) -> BaseException:
    """Return an exception from a worker, whole: once Dask is imported, pickles of ``SystemExit`` are without its code."""
    if isinstance(exc, SystemExit) and exc.args:
        exc.code = exc.args[0]
    return exc


class PackedUnit:
    """A unit without its step, and without the edges that only the plan has to know.

    Args:
        unit: The unit.

    Attributes:
        arguments: Argument → value, or None; see :class:`Unit`.
        states: The states of its inputs.
    """

    def __init__(self, unit: Unit) -> None:
        self.fields = (unit.step.index, unit.map_index, unit.task_run_id, unit.extra, unit.given)
        self.arguments = unit.arguments
        self.states: list[Any] = [state for _, state in unit.inputs]

    def parts(self) -> list[Any]:
        """Return what other runs may need as well: the arguments and the states."""
        return [*(self.arguments or {}).values(), *self.states]

    def replace(self, replacement: Callable[[Any], Any]) -> None:
        """Put what a function returns in the place of each part."""
        if self.arguments is not None:
            self.arguments = {name: replacement(value) for name, value in self.arguments.items()}
        self.states = [replacement(state) for state in self.states]


def unpack(packed: PackedUnit, plan: Plan) -> Unit:
    """Return the unit that was packed."""
    index, map_index, task_run_id, extra, given = packed.fields
    step = plan.steps[index]
    inputs = list(zip(step.edges, packed.states))
    return Unit(step, map_index, task_run_id, extra, packed.arguments, inputs, given)


def dump_run(
    plan: Plan, settings: RunSettings, setup: Callable[[], None] | None = None
) -> tuple[bytes, dict[int, Exception]]:
    """Return the plan and the settings for a worker that shares no memory.

    Also returns place in the plan → error of the tasks with a bound constant that cannot be pickled. They are not to be
    sent there.

    Args:
        plan: The compiled flow.
        settings: What the tasks of the pass have in common.
        setup: What the worker does first, or None.

    Raises:
        Exception: Whatever else cannot be pickled raises.
    """
    from prefect.utilities._pickling import dumps

    facts = {
        "flow_result": settings.flow_result,
        "handlers": settings.handlers,
        "takes_short_path": settings.takes_short_path,
        "task_runner_cls": settings.task_runner_cls,
    }
    rest = (facts, settings.observer is not None, setup, _plain_context(plan, settings))
    try:
        return dumps((plan, *rest)), {}
    except Exception:
        refused = _refused_constants(plan)
        if not refused:
            raise
        return dumps((_without_constants(plan, refused), *rest)), refused


def _refused_constants(plan: Plan) -> dict[int, Exception]:
    import cloudpickle

    refused: dict[int, Exception] = {}
    for step in plan.steps:
        try:
            cloudpickle.dumps(step.constants)
        except Exception as exc:  # noqa: BLE001 - whatever a value raises when it is pickled
            refused[step.index] = exc
    return refused


def _without_constants(plan: Plan, places: Collection[int]) -> Plan:
    """Return a copy of the plan in which the steps at these places have no constants."""
    from copy import copy

    plan = copy(plan)
    plan.steps = [copy(step) if step.index in places else step for step in plan.steps]
    for place in places:
        plan.steps[place].constants = {}
    return plan


def _plain_context(plan: Plan, settings: RunSettings) -> dict[str, Any]:
    """Return the context values that can be pickled; loggers and the like are made anew where they are needed."""
    import cloudpickle

    from prefect.context import Lazy

    found: dict[str, Any] = {}
    for layer in reversed(settings.layers):
        for name, value in layer.items():
            if isinstance(value, Lazy):
                continue
            if name == "caches":
                found[name] = _caches_of(plan, value)
                continue
            try:
                cloudpickle.dumps(value)
            except Exception:  # noqa: BLE001 - tasks elsewhere cannot see what cannot go there
                continue
            found[name] = value
    return found


def _caches_of(plan: Plan, caches: dict[str, list[Any]] | None) -> dict[str, Any]:
    """Return what this process remembers for the tasks of a plan, without the states whose values cannot be pickled."""
    keys = {task.cache_key or task.name for task in plan.caching}
    return {key: _pickled_states((caches or {}).get(key, [])) for key in keys}


def _pickled_states(states: list[Any]) -> Any:
    import cloudpickle

    try:
        return _Pickled(cloudpickle.dumps(states))
    except Exception:  # noqa: BLE001 - one by one shows which
        found = []
    for state in states:
        try:
            found.append(_Pickled(cloudpickle.dumps(state)))
        except Exception:  # noqa: BLE001 - a task elsewhere makes anew what cannot go there
            continue
    return found


class _Pickled:
    """A value that has been pickled already, which becomes the value again where it is read."""

    __slots__ = ("payload",)

    def __init__(self, payload: bytes) -> None:
        self.payload = payload

    def __reduce__(self) -> Any:
        return pickle.loads, (self.payload,)
