"""Log lines of a run, sent to the backend as they are written.

Nothing is held back: what a logger call has returned from survives the death of the process. Source: backend.md §16.1.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prefect.configuration import config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prefect.client import Client

#: Characters of a message that are kept.
_LONGEST = 1_000_000


class RunLogHandler(logging.Handler):
    """Sends each record to the backend as a log line of the flow run.

    Args:
        client: The way to the backend.
        flow_run_id: Id of the flow run.
    """

    def __init__(self, client: Client, flow_run_id: str) -> None:
        super().__init__()
        self.client = client
        self.flow_run_id = flow_run_id
        self._has_failed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record; that it cannot be sent is said once, on the other handlers, and does not stop the run."""
        entry = {
            "flow_run_id": self.flow_run_id,
            "task_run_id": getattr(record, "task_run_id", None),
            "timestamp": _utc_text(record.created),
            "name": record.name,
            "level": record.levelname,
            "message": self.format(record)[:_LONGEST],
        }
        try:
            self.client.write_run_logs([entry])
        except Exception as exc:  # noqa: BLE001 - whatever keeps a line from being stored must not end the run
            if not self._has_failed:
                self._has_failed = True
                logging.getLogger("prefect.CloudHandler").warning("A log line could not be stored: %s", exc)


def attach(flow_run_id: str) -> None:
    """Send the log lines of this process to a flow run from now on; for worker processes, which do nothing else."""
    from prefect.client import Client

    for logger in _loggers():
        logger.addHandler(RunLogHandler(Client(), flow_run_id))


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


def _loggers() -> list[logging.Logger]:
    return [logging.getLogger(name) for name in ("prefect", *config.logging.extra_loggers)]


def _utc_text(seconds: float) -> str:
    """Return a time as the store keeps it."""
    from datetime import datetime, timezone

    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="microseconds")
