"""What clears up on a Dask cluster when the process of a flow run is gone before it could.

Source: docs/decisions/0016.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from distributed.diagnostics.plugin import SchedulerPlugin

if TYPE_CHECKING:
    from distributed import Scheduler


class Caretaker(SchedulerPlugin):
    """Takes a plugin from the workers, and itself from the scheduler, once a client has left.

    Args:
        plugin_name: Name of the workers' plugin.
        client_id: Of the client.

    Attributes:
        name: Its own name.
    """

    def __init__(self, plugin_name: str, client_id: str) -> None:
        self.name = f"{plugin_name}-caretaker"
        self._plugin_name = plugin_name
        self._client_id = client_id

    def remove_client(self, scheduler: Scheduler, client: str) -> None:
        """Take note that a client has left."""
        if client == self._client_id:
            scheduler.remove_plugin(self.name)
            scheduler.loop.add_callback(self._clear, scheduler)

    async def _clear(self, scheduler: Scheduler) -> None:
        if self._plugin_name in scheduler.worker_plugins:
            await scheduler.unregister_worker_plugin(None, self._plugin_name)
