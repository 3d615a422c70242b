"""All names in a store, each with what looks at it.

Source: store.md §3, §11, §13.
"""

from __future__ import annotations

import os
import stat
import sys
from functools import partial
from typing import TYPE_CHECKING

from prefect.storage.state import check_folders, check_journals
from prefect.storage.state.documents import KINDS
from prefect.storage.state.errors import StoreIO
from prefect.storage.state.looks import ERROR, WARNING, Finding
from prefect.storage.state.places import FLOW_MARKERS, RUN_MARKERS, is_folder, place_of
from prefect.storage.state.root import network_filesystem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prefect.storage.state.looks import Look
    from prefect.storage.state.system import FileFacts

    #: Looks at one thing.
    Subject = Callable[[Look], Iterable[Finding]]

#: Kind of a place → what looks at a file there. The others are in order if their names are.
_LOOKS_AT: dict[str, Callable[..., Iterable[Finding]]] = {
    "run": check_journals.run,
    "flow": check_journals.flow,
    "tasks": check_journals.tasks,
    "key": check_journals.key,
    "log": check_journals.log,
    "cached": check_journals.stream,
    "feed": check_journals.stream,
    "scrub": check_folders.bookmark,
    "temporary": check_folders.temporary,
    **dict.fromkeys(RUN_MARKERS, check_folders.run_marker),
    **dict.fromkeys(FLOW_MARKERS, check_folders.flow_marker),
    "active": check_folders.active_marker,
}
_MARKERS = RUN_MARKERS | FLOW_MARKERS
#: Records are looked at before the markers that they want.
_FIRST = ("runs", "flows")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class _Tally:
    """How many files and folders have a flaw, and the first of them."""

    def __init__(self) -> None:
        self.count = 0
        self.first = ""
        self.facts: FileFacts | None = None

    def add(self, path: str, facts: FileFacts) -> None:
        if not self.count:
            self.first, self.facts = path, facts
        self.count += 1

    def others(self) -> str:
        """Return the end of a sentence about the first."""
        more = self.count - 1
        return "" if not more else f", as {'does' if more == 1 else 'do'} {more} more"


class Walk:
    """Goes once through all names in a store.

    Args:
        look: The first look, which counts the markers that records want.

    Attributes:
        look: See above.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        self._root = look.layout.root
        self._owner = look.system.facts_of(self._root).owner
        self._foreign = _Tally()
        self._open = _Tally()

    def subjects(self) -> Iterator[Subject]:
        """Yield what looks at each thing."""
        yield from self._folder(self._root)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the store as a whole; to be asked after it was gone through."""
        kind = network_filesystem(self.look.system, self._root)
        if kind:
            message = f"The store is on a network filesystem ({kind}), where locks and appends cannot be relied on."
            yield Finding(WARNING, ".", message)
        if self._foreign.facts:
            belongs = f"It belongs to the user number {self._foreign.facts.owner}{self._foreign.others()}."
            remedy = f"Type 'sudo chown -R {self._owner} {self._root}'."
            yield self.look.found(ERROR, self._foreign.first, f"{belongs} {remedy}")
        if self._open.facts:
            mode = f"Its mode {self._open.facts.mode & 0o777:04o} lets others use it{self._open.others()}."
            yield self.look.found(WARNING, self._open.first, f"{mode} Type 'chmod -R go-rwx {self._root}'.")

    def _folder(self, folder: str) -> Iterator[Subject]:
        inside = self.look.layout.inside(folder)
        if inside in KINDS:
            yield partial(check_folders.documents, folder=folder)
        elif os.path.dirname(inside) == "slots":
            yield partial(check_folders.slots, folder=folder)
        try:
            yield from self._names(folder)
        except StoreIO as error:
            yield partial(_refused, path=folder, message=str(error))

    def _names(self, folder: str) -> Iterator[Subject]:
        markers: list[Subject] = []
        for path, facts in self._entries(folder):
            inside = self.look.layout.inside(path)
            place = place_of(inside) if stat.S_ISREG(facts.mode) else None
            if stat.S_ISDIR(facts.mode) and is_folder(inside):
                self._note_access(path, facts)
                yield from self._folder(path)
            elif place is None:
                yield partial(_unknown, path=path)
            else:
                self._note_access(path, facts)
                if place.kind in _MARKERS:
                    markers.append(partial(_LOOKS_AT[place.kind], path=path, id=place.id))
                elif place.kind in _LOOKS_AT:
                    yield partial(_LOOKS_AT[place.kind], path=path, id=place.id)
        # Where there are as many as records want and have, each of them is wanted.
        if len(markers) != self.look.present[folder]:
            yield from markers

    def _entries(self, folder: str) -> Iterator[tuple[str, FileFacts]]:
        for name in sorted(self.look.files.names(folder), key=lambda name: name not in _FIRST):
            path = f"{folder}/{name}"
            with self.look.files.translated(path):
                try:
                    facts = self.look.system.facts_of(path)
                except FileNotFoundError:
                    continue  # deleted meanwhile
            yield path, facts

    def _note_access(self, path: str, facts: FileFacts) -> None:
        if sys.platform == "win32":
            return
        if facts.owner != self._owner:
            self._foreign.add(path, facts)
        if facts.mode & _OTHERS:
            self._open.add(path, facts)


def _unknown(look: Look, path: str) -> Iterator[Finding]:
    if look.system.exists(path):
        yield look.found(WARNING, path, "The store has no file or folder of such a name; it is left alone.")


def _refused(look: Look, path: str, message: str) -> Iterator[Finding]:
    yield look.found(ERROR, path, message)
