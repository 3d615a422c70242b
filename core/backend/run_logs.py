"""Log lines of a run, sent to the backend as they are written.

Nothing is held back: what a logger call has returned from survives the death of the process. Source: backend.md §16.1.
"""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from prefect.configuration import config
from prefect.storage.state.system import time_text
from prefect.utilities.logging import Formatter, StdoutHandler, get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prefect.client import Client

#: Characters of a message that are kept.
_LONGEST = 1_000_000
#: The levels that a backend knows, the highest first.
_LEVELS = (logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO)
#: What a worker process in a new interpreter cannot know by itself.
_SETTINGS = ("backend", "home_dir")


class RunLogHandler(logging.Handler):
    """Sends each record to the backend as a log line of the flow run.

    Args:
        client: The way to the backend.
        flow_run_id: Id of the flow run.
    """

    def __init__(self, client: Client, flow_run_id: str) -> None:
        super().__init__()
        self._client = client
        self._flow_run_id = flow_run_id
        self._sending = threading.local()
        self._has_failed = False

    def handle(self, record: logging.LogRecord) -> bool:
        """Send a record, without the lock of handlers: the store takes lines from several threads at once."""
        if self.filters:
            return bool(super().handle(record))
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record; that it cannot be sent is said once, on the other handlers, and does not stop the run."""
        sending = self._sending.__dict__
        if "now" in sending:
            return  # said by what sends
        sending["now"] = True
        try:
            self._client.write_run_log(self._flow_run_id, self._line(record))
        except Exception as exc:  # noqa: BLE001 - whatever keeps a line from being stored must not end the run
            if not self._has_failed:
                self._has_failed = True
                logging.getLogger("prefect.CloudHandler").warning("A log line could not be stored: %s", exc)
        finally:
            del sending["now"]

    def _line(self, record: logging.LogRecord) -> dict[str, Any]:
        has_traceback = record.exc_info or record.exc_text or record.stack_info
        message = self.format(record) if has_traceback else record.getMessage()
        if len(message) > _LONGEST:
            message = f"{message[:_LONGEST]} … ({len(message) - _LONGEST} more characters)"
        attributes = record.__dict__
        # A flow that a task runs by itself has ids that the backend does not know.
        is_own = attributes.get("flow_run_id") == self._flow_run_id
        return {
            "timestamp": time_text(int(record.created * 1e6)),
            "level": _level_name(record.levelno),
            "name": record.name,
            "task_run_id": attributes.get("task_run_id") if is_own else None,
            "message": message,
        }


@contextmanager
def sent_logs(client: Client, flow_run_id: str) -> Iterator[None]:
    """Send log lines to a flow run while a block runs, if ``cloud.send_flow_run_logs`` says so."""
    if not config.cloud.send_flow_run_logs:
        yield
        return
    handler = RunLogHandler(client, flow_run_id)
    loggers = _loggers()
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def worker_setup(flow_run_id: str) -> Callable[[], None] | None:
    """Return what a worker process in a new interpreter has to do for its log lines to go where those of this one go."""
    shown = next((handler for handler in get_logger().handlers if isinstance(handler, StdoutHandler)), None)
    formatter = None if shown is None else shown.formatter
    return partial(
        _set_up_worker,
        {name: config[name] for name in _SETTINGS},
        get_logger().level,
        None if shown is None else (shown.level, shown.stream is sys.stderr),
        None if formatter is None else (formatter._fmt, formatter.datefmt),
        flow_run_id if config.cloud.send_flow_run_logs else None,
    )


def _set_up_worker(
    settings: dict[str, Any],
    level: int,
    shown: tuple[int, bool] | None,
    formats: tuple[str | None, str | None] | None,
    flow_run_id: str | None,
) -> None:
    from prefect.client import Client

    config.update(settings)
    logger = get_logger()
    logger.setLevel(level)
    for handler in logger.handlers:
        if shown is not None and isinstance(handler, StdoutHandler):
            handler.setLevel(shown[0])
            handler.setFormatter(Formatter(*(formats or ())))
            handler.setStream(sys.stderr if shown[1] else sys.stdout)
    if flow_run_id is not None:
        own = RunLogHandler(Client(), flow_run_id)
        for known in _loggers():
            known.addHandler(own)


def _loggers() -> list[logging.Logger]:
    return [logging.getLogger(name) for name in ("prefect", *config.logging.extra_loggers)]


@cache
def _level_name(number: int) -> str:
    return next((logging.getLevelName(level) for level in _LEVELS if number >= level), "DEBUG")
