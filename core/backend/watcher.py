"""Shows the backend that a flow run is being executed, and notices there that it is to be cancelled.

Source: backend.md §8.6, §10.2, §12.1.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from prefect.configuration import config
from prefect.engine.state import Cancelling
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from types import TracebackType

    from prefect.client import Client

#: Seconds between two looks at a run whose backend is a folder of this machine.
_LOCAL_INTERVAL = 0.25


class Watcher:
    """A thread that looks after a flow run while a block runs.

    Args:
        client: The way to the backend.
        flow_run_id: Id of the flow run.
        beats: Whether to send heartbeats.

    Attributes:
        cancelled: Set when somebody has asked to cancel the run; the main thread has been interrupted then.
    """

    def __init__(self, client: Client, flow_run_id: str, beats: bool) -> None:
        self.cancelled = threading.Event()
        self._client = client
        self._flow_run_id = flow_run_id
        self._beats = beats
        self._interval = _LOCAL_INTERVAL if config.backend == "local" else float(config.cloud.check_cancellation_interval)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="prefect-watcher", daemon=True)
        self._logger = get_logger("CloudFlowRunner")
        self._has_failed = False

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than until the run is cancelled."""
        self.cancelled.wait(seconds)

    def _watch(self) -> None:
        beat = float(config.cloud.heartbeat_interval)
        since_beat = beat
        while True:
            if since_beat >= beat and self._beats:
                since_beat = 0.0
                self._send_heartbeat()
            if self._is_to_be_cancelled():
                self.cancelled.set()
                self._logger.info("Flow run has been cancelled, cancelling active tasks")
                _interrupt_main_thread()
                return
            if self._ended.wait(self._interval):
                return
            since_beat += self._interval

    def _send_heartbeat(self) -> None:
        try:
            self._client.update_flow_run_heartbeat(self._flow_run_id)
        except Exception as exc:  # noqa: BLE001 - a run goes on without heartbeats
            self._complain("The heartbeat of the flow run could not be sent: %s", exc)

    def _is_to_be_cancelled(self) -> bool:
        try:
            return isinstance(self._client.get_flow_run_state(self._flow_run_id), Cancelling)
        except Exception as exc:  # noqa: BLE001 - the next look may succeed
            self._complain("The state of the flow run could not be read: %s", exc)
            return False

    def _complain(self, message: str, exc: Exception) -> None:
        if not self._has_failed:
            self._has_failed = True
            self._logger.warning(message, exc)


def _interrupt_main_thread() -> None:
    """Raise ``KeyboardInterrupt`` in the main thread, also when it waits in a system call."""
    main = threading.main_thread()
    if main.ident is not None:
        signal.pthread_kill(main.ident, signal.SIGINT)
