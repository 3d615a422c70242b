"""Units of concurrency limits in use, one marker each.

Source: store.md §3, §6.7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.storage.state.layout import checked, is_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.storage.state.files import Files
    from prefect.storage.state.layout import Layout


class Slots:
    """Who uses the units of a store's limits. They need no sync: a power cut ends whoever had one.

    Args:
        files: How files are written.
        layout: Where they are.
    """

    def __init__(self, files: Files, layout: Layout) -> None:
        self.files = files
        self.layout = layout

    def take(self, limit_id: str, holder: str, limit: int, is_over: Callable[[str], bool]) -> bool:
        """Take a unit of a limit unless all are in use; return whether the holder has one, be it from before.

        Args:
            limit_id: Of the limit.
            holder: Id of the run or task run that is to have the unit.
            limit: How many there are.
            is_over: Tells of a holder whether its unit is free again; asked under the lock, if there is no room else.

        Raises:
            StoreIO: The system refused; no unit was taken.
        """
        folder = self.layout.slots(limit_id)
        with self.files.locked(f"{folder}/.lock", create=True):
            holders = self.holders(limit_id)
            if holder in holders:
                return True
            if len(holders) >= limit:
                over = set(filter(is_over, holders))
                for gone in over:
                    self.files.discard(f"{folder}/{gone}")
                if len(holders) - len(over) >= limit:
                    return False
            self.files.mark(f"{folder}/{checked(holder)}", durable=False)
            return True

    def release(self, limit_id: str, holder: str) -> None:
        """Give a unit back; nothing happens if the holder has none."""
        self.files.discard(f"{self.layout.slots(limit_id)}/{checked(holder)}")

    def taken_at(self, limit_id: str, holder: str) -> float | None:
        """Return when a holder took its unit, in Unix seconds; None if it has none."""
        path = f"{self.layout.slots(limit_id)}/{checked(holder)}"
        with self.files.translated(path):
            try:
                return self.files.system.facts_of(path).mtime
            except FileNotFoundError:
                return None

    def holders(self, limit_id: str) -> list[str]:
        """Return the ids of those that have a unit; some may be over without having given it back."""
        return [name for name in self.files.names(self.layout.slots(limit_id)) if is_id(name)]
