"""Log lines of tasks on a Dask cluster, which go to the handlers of the flow run's process.

What is shown, and what is stored, is settled there. Workers of a cluster outlive a flow run and serve several at a time,
so that each run has a handler of its own for as long as it lasts.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from prefect.utilities.logging import StdoutHandler, get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Of a record, what only makes sense in the process where it was made.
_LOCAL = ("args", "exc_info", "msg", "message", "asctime")
_PLAIN = (str, int, float, bool, type(None))


class LineSender(logging.Handler):
    """Sends the records of one flow run.

    Args:
        flow_run_id: Id of the flow run.
        level: Least level that anybody listens to there.
        names: Loggers that are configured there, besides ``prefect``.
        send: Takes what :func:`show` shows.
    """

    def __init__(
        self, flow_run_id: str | None, level: int, names: Iterable[str], send: Callable[[dict[str, Any]], None]
    ) -> None:
        super().__init__(level)
        self.names = ("prefect", *names)
        self.flow_run_id = flow_run_id
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record, unless it is of another flow run that this worker serves."""
        own = record.__dict__.get("flow_run_id")
        if own is not None and own != self.flow_run_id and own in _senders.runs():
            return
        try:
            self._send(_sendable(record))
        except Exception:  # noqa: BLE001 - a line that cannot be sent must not end a task
            self.handleError(record)


def _sendable(record: logging.LogRecord) -> dict[str, Any]:
    attributes = record.__dict__
    sent = {
        name: value if isinstance(value, _PLAIN) else str(value)
        for name, value in attributes.items()
        if name not in _LOCAL
    }
    sent["msg"] = record.getMessage()
    if record.exc_info and not record.exc_text:
        sent["exc_text"] = logging.Formatter().formatException(record.exc_info)
    return sent


def show(sent: dict[str, Any]) -> None:
    """Hand a record that was sent to the handlers of this process."""
    logger = logging.getLogger(sent["name"])
    if logger.isEnabledFor(sent["levelno"]):
        logger.handle(logging.makeLogRecord(sent))


class _Senders:
    """The handlers in this process, and what they replace.

    A line that is shown by the flow run's process is not shown by the worker as well.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._senders: list[LineSender] = []
        self._before: dict[str, tuple[int, list[logging.Handler]]] = {}

    def runs(self) -> set[str | None]:
        return {sender.flow_run_id for sender in self._senders}

    def add(self, sender: LineSender) -> None:
        with self._lock:
            self._senders.append(sender)
            for name in sender.names:
                logger = logging.getLogger(name)
                if name not in self._before:
                    shown: list[logging.Handler] = [
                        handler for handler in logger.handlers if isinstance(handler, StdoutHandler)
                    ]
                    self._before[name] = (logger.level, shown)
                    for handler in shown:
                        logger.removeHandler(handler)
                logger.addHandler(sender)
            self._set_levels()

    def remove(self, sender: LineSender) -> None:
        with self._lock:
            if sender not in self._senders:
                return
            self._senders.remove(sender)
            for name in sender.names:
                logging.getLogger(name).removeHandler(sender)
            for name in [name for name in self._before if not self._of(name)]:
                level, shown = self._before.pop(name)
                logger = logging.getLogger(name)
                logger.setLevel(level)
                for handler in shown:
                    logger.addHandler(handler)
            self._set_levels()

    def _set_levels(self) -> None:
        for name in self._before:
            logging.getLogger(name).setLevel(min(sender.level for sender in self._of(name)))

    def _of(self, name: str) -> list[LineSender]:
        return [sender for sender in self._senders if name in sender.names]


_senders = _Senders()
begin_sending = _senders.add
end_sending = _senders.remove


def least_level() -> int:
    """Return the least level that the logger ``prefect`` of this process takes."""
    return get_logger().getEffectiveLevel()
