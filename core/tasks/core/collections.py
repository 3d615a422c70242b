"""Lists, tuples, sets and dictionaries whose elements are results of tasks.

Source: core.md §4.5 and §4.6.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from typing import TYPE_CHECKING, Any, Iterable  # noqa: UP035 - its text, see above

from prefect.task import Task

if TYPE_CHECKING:
    from prefect.flow import Flow


class VarArgsTask(Task):
    """Base of tasks that take any number of inputs by position, as ``arg_1 … arg_n``."""

    def bind(  # type: ignore[override]  # as in 1.x, only positional inputs make sense
        self,
        *args: Any,
        mapped: bool = False,
        upstream_tasks: "Iterable[Any] | None" = None,
        flow: "Flow | None" = None,
    ) -> Any:
        """Add this task to the flow with ``args`` as its inputs, and return it."""
        inputs = {f"arg_{number}": arg for number, arg in enumerate(args, start=1)}
        return super().bind(mapped=mapped, upstream_tasks=upstream_tasks, flow=flow, **inputs)


class List(VarArgsTask):
    """Collects its inputs in a list."""

    def run(self, **task_results: Any) -> list:  # type: ignore[type-arg]
        """Return the inputs in the order in which they were bound."""
        return _in_order(task_results)


class Tuple(VarArgsTask):
    """Collects its inputs in a tuple."""

    def run(self, **task_results: Any) -> tuple:  # type: ignore[type-arg]
        """Return the inputs in the order in which they were bound."""
        return tuple(_in_order(task_results))


class Set(VarArgsTask):
    """Collects its inputs in a set."""

    def run(self, **task_results: Any) -> set:  # type: ignore[type-arg]
        """Return the distinct inputs."""
        return set(task_results.values())


class Dict(Task):
    """Makes a dictionary of a list of keys and a list of values."""

    def run(self, keys: Iterable[Any], values: Iterable[Any]) -> dict:  # type: ignore[type-arg]
        """Return ``{key: value}``.

        Raises:
            ValueError: There are more keys than values, or fewer.
        """
        keys, values = list(keys), list(values)
        if len(keys) != len(values):
            raise ValueError(
                f"A dictionary needs one value for each key, but has {len(keys)} keys and {len(values)} values."
            )
        return dict(zip(keys, values))


def _in_order(task_results: dict[str, Any]) -> list[Any]:
    numbered = sorted(task_results, key=lambda name: int(name.rpartition("_")[2]))
    return [task_results[name] for name in numbered]
