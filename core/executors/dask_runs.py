"""What a pool on a Dask cluster knows of each run, and how runs are named, ordered and packed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prefect.executors.dask_values import LARGEST_SENT, RemoteValue, pack
from prefect.executors.wire import PackedUnit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prefect.engine.parallel_run import Key
    from prefect.engine.plan import Plan
    from prefect.engine.unit import Unit
    from prefect.executors.dask_reports import Reports


#: Why runs fail once the client has lost its scheduler, which forgets them and whom to tell of them.
CONNECTION_LOST = "The connection to the Dask scheduler was lost."


class Run:
    """A run, and the Dask task that it is."""

    __slots__ = ("future", "key", "looks", "needed", "payload", "reports", "unit")

    def __init__(self, key: Key, unit: Unit, payload: bytes, needed: list[Any]) -> None:
        self.key = key
        self.unit = unit
        self.payload = payload
        self.needed = needed
        self.future: Any = None
        self.reports: Reports | None = None
        #: How often it was seen to be over without having told what came of it.
        self.looks = 0

    def given_up(self) -> tuple[str, BaseException | None]:
        """Return why Dask has given the task up, and what was raised; an empty reason if it has not."""
        status = self.future.status
        if status == "error":
            cause = self.future.exception()
            if type(cause).__name__ == "KilledWorker":
                return "Every Dask worker that ran it died.", cause
            return f"It could not be run on the Dask cluster: {cause!r}.", cause
        if status == "cancelled":
            return "Dask has cancelled it.", None
        if status == "finished":
            self.looks += 1
            if self.looks > 1:
                return "The Dask worker that ran it has not told what came of it.", None
        return "", None


class Parts:
    """Packs runs so that a large value that several of them need goes to the cluster once.

    Args:
        hold: Brings a value to the cluster.
    """

    def __init__(self, hold: Callable[[Any], RemoteValue]) -> None:
        self._hold = hold
        #: Identity → large value that was sent with a run, and where it is held if it was needed again.
        self._known: dict[int, tuple[Any, RemoteValue | None]] = {}

    def packed(self, key: Key, unit: Unit, is_held_back: bool) -> tuple[bytes, list[Any]]:
        """Return a run as bytes, with the futures of the values that it needs.

        Args:
            key: Of the run.
            unit: The run.
            is_held_back: Whether it begins only when the observer agrees.

        Raises:
            Exception: Whatever a value raises when it is pickled.
        """
        packed = PackedUnit(unit)
        if self._known:
            packed.replace(self._held)
        payload, needed = pack((key, packed, is_held_back))
        if len(payload) > LARGEST_SENT:
            for part in packed.parts():
                if not isinstance(part, RemoteValue) and len(pack(part)[0]) > LARGEST_SENT:
                    self._known.setdefault(id(part), (part, None))
        return payload, needed

    def _held(self, part: Any) -> Any:
        known = self._known.get(id(part))
        if known is None:
            return part
        value, held = known
        if held is None:
            held = self._hold(value)
            self._known[id(part)] = value, held
        return held


def ends_at_once(unit: Unit) -> bool:
    """Return whether the state that a run begins with is its final one, as for children that an earlier pass finished."""
    given = unit.given
    return given is not None and not (given.is_pending() or given.is_cached() or given.is_mapped())


def depths(plan: Plan) -> list[int]:
    """Return how many tasks come before each, on the longest way."""
    found: list[int] = []
    for step in plan.steps:
        found.append(max((found[place] + 1 for place in step.places), default=0))
    return found


def resources_of(tags: Iterable[str]) -> dict[str, float]:
    """Return what the tags of a task say it needs of a Dask worker: name of a resource → amount."""
    found = {}
    for tag in tags:
        prefix, _, rest = tag.partition(":")
        name, separator, amount = rest.partition("=")
        if prefix.lower() == "dask-resource" and separator:
            found[name] = float(amount)
    return found


def task_key(name: str, map_index: int | None) -> str:
    """Return a key for a Dask task: one that no other has, and by which people know it."""
    return f"{name}-{random_name()}" if map_index is None else f"{name}-{map_index}-{random_name()}"


def random_name() -> str:
    """Return what no other name on a cluster has in it."""
    return os.urandom(8).hex()
