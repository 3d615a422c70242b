"""Shows the backend that a flow run is being executed, and notices there that it is to be cancelled.

Source: backend.md §8.6, §10.2, §12.1.
"""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from prefect.config_file import InvalidConfigurationError
from prefect.configuration import config
from prefect.engine.state import Cancelled, Cancelling
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from prefect.client import Client

#: Seconds between two looks at a run whose backend is a folder of this machine.
LOCAL_INTERVAL = 0.25


def configured_seconds(key: str) -> float:
    """Return a setting that is a number of seconds.

    Raises:
        InvalidConfigurationError: It is none; a thread that found out later would end without a word.
    """
    value: Any = config
    for part in key.split("."):
        value = value[part]
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InvalidConfigurationError(f"{key} is {value!r}. Set it to a number of seconds.") from None


class Watcher:
    """A thread that looks after a flow run while a block runs.

    When somebody cancels the run, ``KeyboardInterrupt`` is raised in the thread that runs the block, once.

    Args:
        client: The way to the backend.
        flow_run_id: Id of the flow run.
        beats: Whether to send heartbeats.
        on_cancel: Called by the watching thread before it interrupts the block.

    Attributes:
        cancelled: Set when somebody has cancelled the run; the block has been interrupted then.
        interval: Seconds between two looks.
    """

    def __init__(self, client: Client, flow_run_id: str, beats: bool, on_cancel: Callable[[], None]) -> None:
        self.cancelled = threading.Event()
        self.interval = (
            LOCAL_INTERVAL if config.backend == "local" else configured_seconds("cloud.check_cancellation_interval")
        )
        self._beat_seconds = configured_seconds("cloud.heartbeat_interval")
        self._client = client
        self._flow_run_id = flow_run_id
        self._beats = beats
        self._on_cancel = on_cancel
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="prefect-watcher", daemon=True)
        self._logger = get_logger("CloudFlowRunner")
        self._has_failed = False

    def __enter__(self) -> Watcher:
        self._watched = threading.current_thread()
        self._previous = self._listen()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            # Under the lock: nothing is interrupted any more once it is given back.
            with self._lock:
                self._ended.set()
        finally:
            if self._previous is not None:
                signal.signal(signal.SIGINT, self._previous)

    def wait(self, seconds: float) -> None:
        """Wait; a cancellation interrupts that."""
        self.cancelled.wait(seconds)

    def _listen(self) -> Any:
        """Let SIGINT reach this process also where a shell that started it in the background has it ignored."""
        if self._watched is not threading.main_thread() or signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            return None

        def interrupt(number: int, frame: Any) -> None:
            if self.cancelled.is_set():
                raise KeyboardInterrupt

        return signal.signal(signal.SIGINT, interrupt)

    def _watch(self) -> None:
        next_beat = 0.0
        while True:
            if self._beats and time.monotonic() >= next_beat:
                next_beat = time.monotonic() + self._beat_seconds
                self._send_heartbeat()
            if self._is_cancelled():
                self._cancel()
                return
            if self._ended.wait(self.interval):
                return

    def _cancel(self) -> None:
        with self._lock:
            if self._ended.is_set():
                return
            self._logger.info("Flow run has been cancelled, cancelling active tasks")
            self._on_cancel()
            self.cancelled.set()
            _interrupt(self._watched)

    def _send_heartbeat(self) -> None:
        try:
            self._client.update_flow_run_heartbeat(self._flow_run_id)
        except Exception as exc:  # noqa: BLE001 - a run goes on without heartbeats
            self._complain("The heartbeat of the flow run could not be sent: %s", exc)

    def _is_cancelled(self) -> bool:
        try:
            return isinstance(self._client.get_flow_run_state(self._flow_run_id), (Cancelling, Cancelled))
        except Exception as exc:  # noqa: BLE001 - the next look may succeed
            self._complain("The state of the flow run could not be read: %s", exc)
            return False

    def _complain(self, message: str, exc: Exception) -> None:
        if not self._has_failed:
            self._has_failed = True
            self._logger.warning(message, exc)


def _interrupt(thread: threading.Thread) -> None:
    """Raise ``KeyboardInterrupt`` in a thread; in the main thread also when it waits in a system call."""
    if thread.ident is None:
        return
    if thread is threading.main_thread():
        signal.pthread_kill(thread.ident, signal.SIGINT)
        return
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(KeyboardInterrupt))
