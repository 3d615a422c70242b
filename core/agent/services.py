"""What has to happen now and then for a store: next runs of schedules, dead runs, markers that a crash lost.

Every process that lives long runs these; a lease sees to it that one does at a time, and all of it may be repeated.
Source: backend.md §1, §12, §13; store.md §6.9; DESIGN §3.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from prefect.orchestration import liveness, scheduler
from prefect.storage.state.maintenance import scrub

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from prefect.storage.state.store import Store

_TICK_SECONDS = 0.5
_DEAD_RUNS_SECONDS = 1.0
_SCHEDULE_SECONDS = 5.0
_SCRUB_SECONDS = 300.0


class Services:
    """A thread that does what is due whenever this process holds the lease.

    Args:
        store: The store.
        logger: Is told what could not be done.
    """

    def __init__(self, store: Store, logger: logging.Logger) -> None:
        self._store = store
        self._logger = logger
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prefect-services", daemon=True)
        self._due: dict[str, float] = {}
        self._schedules: dict[str, scheduler.Look] = {}

    def start(self) -> None:
        """Begin, with the markers that a crash may have lost."""
        self._thread.start()

    def stop(self) -> None:
        """End, waiting a second at most."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                with self._store.lease("services") as is_ours:
                    while is_ours and not self._ended.is_set():
                        self._do_what_is_due()
                        self._ended.wait(_TICK_SECONDS)
            except Exception:
                self._logger.exception("The services of the store could not be run; they are tried again.")
            self._ended.wait(_TICK_SECONDS)

    def _do_what_is_due(self) -> None:
        self._do("markers", _SCRUB_SECONDS, lambda: scrub(self._store))
        self._do("schedules", _SCHEDULE_SECONDS, lambda: scheduler.schedule_all(self._store, self._schedules))
        self._do("dead runs", _DEAD_RUNS_SECONDS, lambda: liveness.record_dead_runs(self._store))

    def _do(self, name: str, every_seconds: float, work: Callable[[], object]) -> None:
        now = time.monotonic()
        if now < self._due.get(name, 0.0):
            return
        self._due[name] = now + every_seconds
        try:
            work()
        except Exception:
            self._logger.exception("The service for %s failed; it is tried again in %g s.", name, every_seconds)
