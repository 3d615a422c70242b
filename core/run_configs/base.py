"""``RunConfig``: what all run configs have in common, and ``UniversalRun``, which has nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class RunConfig:
    """How and where an agent runs a flow.

    Args:
        env: Environment variables of the run, name → value.
        labels: Only an agent that has all of these takes the run.

    Raises:
        TypeError: The labels are one string.

    Source:
        core.md §15.
    """

    def __init__(self, env: dict[str, Any] | None = None, labels: Iterable[str] | None = None) -> None:
        if isinstance(labels, str):
            raise TypeError(
                f"The labels of {type(self).__name__} are one string, {labels!r}. Give a list or set of labels."
            )
        self.env = env
        self.labels = set(labels or ())

    def serialize(self) -> dict[str, Any]:
        """Return the run config in the 1.x JSON form (core.md §20.6).

        Raises:
            ValidationError: The class is none of this package, or JSON cannot hold what it is told.
        """
        from prefect.serialization.run_configs import serialize_run_config

        return serialize_run_config(self)

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(self) is type(other) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # equal by content, and the content changes


class UniversalRun(RunConfig):
    """Run on whatever the agent runs flows on; what a flow has that asks for nothing else.

    Args:
        env: Environment variables of the run, name → value.
        labels: Only an agent that has all of these takes the run.

    Source:
        core.md §15.
    """
