"""The store of flows, runs and all that is known of them, in plain files under one folder.

Source: store.md.
"""

from __future__ import annotations

import os
import re
import weakref
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from prefect.storage.state.background import BackgroundSync
from prefect.storage.state.documents import KINDS, Collection
from prefect.storage.state.flows import Flows
from prefect.storage.state.follow import Follower
from prefect.storage.state.layout import Layout
from prefect.storage.state.locks import Busy
from prefect.storage.state.members import Members
from prefect.storage.state.root import StoreFiles
from prefect.storage.state.runs import Runs
from prefect.storage.state.slots import Slots
from prefect.storage.state.streams import Cached, Feed, Logs
from prefect.storage.state.system import System

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LEASE = re.compile(r"[a-z0-9-]+\Z")


class Store:
    """The store in one folder. Making this object touches no file.

    A folder that does not exist is read as an empty store; the first write makes it.

    Args:
        root: The folder.
        system: The operating system, or what stands in for it.
        durability: ``disk``: what is acknowledged survives a power cut. ``process``: it survives the death of any
            process, and nothing is synced.
        on_wait: Called with a path and the seconds waited so far when a lock is not to be had; by default that is logged.
        program: Version of the program, noted in a store that it makes.
        allow_network: Make a store on a network filesystem too, though locks and appends cannot be relied on there.

    Attributes:
        root: The folder, absolute.
        files: What its files are written with.
        layout: Where they are.
        system: See above.

    Raises:
        ValueError: ``durability`` is neither.
    """

    def __init__(
        self,
        root: str,
        *,
        system: System | None = None,
        durability: str = "disk",
        on_wait: Callable[[str, float], None] | None = None,
        program: str = "",
        allow_network: bool = False,
    ) -> None:
        if durability not in ("disk", "process"):
            raise ValueError(f"The durability of a store is 'disk' or 'process', not {durability!r}.")
        self.root = os.path.abspath(root)
        self.system = system or System()
        self.layout = Layout(self.root)
        files = StoreFiles(self.root, self.system, durability == "disk", on_wait, program, allow_network)
        self.files = files
        self._folder = files.folder
        self._background = BackgroundSync(files)
        self._runs = Runs(files, self.layout)
        self._members = Members(files, self.layout, self._background)
        self._logs = Logs(files, self.layout, self._background)
        self._flows = Flows(files, self.layout)
        self._documents = {kind: Collection(kind, files, self.layout) for kind in KINDS}
        self._slots = Slots(files, self.layout)
        self._cached = Cached(files, self.layout)
        self._feed = Feed(files, self.layout)
        _stores.add(self)

    # Each of these refuses a folder that is unsafe or of a newer format (StoreError), at its first use.

    @property
    def runs(self) -> Runs:
        """The flow runs."""
        self._folder.check()
        return self._runs

    @property
    def members(self) -> Members:
        """The task runs and artifacts of runs."""
        self._folder.check()
        return self._members

    @property
    def logs(self) -> Logs:
        """The logs of runs."""
        self._folder.check()
        return self._logs

    @property
    def flows(self) -> Flows:
        """The registered versions of flows."""
        self._folder.check()
        return self._flows

    @property
    def slots(self) -> Slots:
        """The units of concurrency limits that are in use."""
        self._folder.check()
        return self._slots

    @property
    def cached(self) -> Cached:
        """Where cached states of task runs are."""
        self._folder.check()
        return self._cached

    @property
    def feed(self) -> Feed:
        """One line per state change of any run."""
        return self._feed

    def documents(self, kind: str) -> Collection:
        """Return a collection of documents.

        Args:
            kind: Such as ``projects``; see :data:`documents.KINDS`.

        Raises:
            KeyError: There is no such collection.
        """
        self._folder.check()
        return self._documents[kind]

    def follow(self, run_id: str, *, from_end: bool = False) -> Follower:
        """Follow what is added to a run's record, members and log.

        Args:
            run_id: The run, which need not be there yet.
            from_end: Leave out what is there already.

        Raises:
            NotFound: ``run_id`` is no id.
        """
        self._folder.check()
        return Follower(self.files, self.layout, run_id, from_end=from_end)

    @contextmanager
    def lease(self, name: str) -> Iterator[bool]:
        """Be the one process that does a service for the length of a block; yield whether this one is.

        Args:
            name: Of the service: small letters, digits and hyphens.
        """
        if not _LEASE.match(name):
            raise ValueError(f"{name!r} is no name of a lease: small letters, digits and hyphens.")
        with ExitStack() as lock:
            try:
                lock.enter_context(self.files.locked(self.layout.lease(name), create=True, waits=False))
            except Busy:
                is_ours = False
            else:
                is_ours = True
            yield is_ours

    def _renew(self) -> None:
        self._folder.forget()
        self._background.forget()
        self._members.forget()


#: The stores of this process, whose threads and held locks a forked process does not have.
_stores: weakref.WeakSet[Store] = weakref.WeakSet()


def _renew_after_fork() -> None:
    for store in list(_stores):
        store._renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_after_fork)
