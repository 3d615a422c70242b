"""Collections of documents: small administrative things with unique names, each one JSON file that is replaced whole.

Source: store.md §6.7.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from prefect.storage.state import journal, layout
from prefect.storage.state.errors import Conflict, Corrupt, NotFound, StoreError, StoreIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prefect.storage.state.files import Files
    from prefect.storage.state.journal import Record
    from prefect.storage.state.layout import Layout
    from prefect.storage.state.records import Change

#: Collection → how messages call one of its documents.
KINDS = {
    "tenants": "tenant",
    "projects": "project",
    "groups": "flow group",
    "agents": "agent",
    "agent-configs": "agent config",
    "kv": "key",
    "hooks": "hook",
    "messages": "message",
    "tag-limits": "tag limit",
    "label-limits": "label limit",
}


class Collection:
    """The documents of one kind: dicts with ``format id name created updated`` and what they were given.

    Args:
        kind: One of :data:`KINDS`.
        files: How files are written.
        layout: Where they are.

    Attributes:
        skipped: Ids of those that were left out of a list because they cannot be read.
    """

    def __init__(self, kind: str, files: Files, layout: Layout) -> None:
        self.kind = KINDS[kind]
        self.files = files
        self.system = files.system
        self._collection = kind
        self._layout = layout
        self._folder = layout.collection(kind)
        self._held = threading.local()
        # Id, and slug of the name → the file that was found for it last; a file that is gone tells to look again.
        self._last_seen: dict[str, str] = {}
        self.skipped: set[str] = set()

    # ---- reading -------------------------------------------------------------------------------------------------

    def get(self, id: str) -> Record:
        """Return the document of an id.

        Raises:
            Corrupt: It is damaged.
            NotFound: There is none.
        """
        found = self._by_id(id)
        if found is None:
            raise NotFound(self.kind, id)
        return found

    def named(self, name: str) -> Record | None:
        """Return the document of a name; None if there is none.

        Raises:
            Corrupt: It is damaged.
        """
        slug = layout.slug(name)
        document = self._seen_before(slug)
        if document is not None and document["name"] == name:
            return document
        for id in {id for found, id in self._names() if found == slug}:
            document = self._by_id(id, anew=True)
            if document is not None and document["name"] == name:
                self._last_seen[slug] = self._path(document)
                return document
        return None

    def all(self) -> list[Record]:
        """Return all documents by name; damaged ones are skipped with a warning, once each."""
        paths: dict[str, list[str]] = {}
        for slug, id in self._names():
            paths.setdefault(id, []).append(f"{self._folder}/{slug}~{id}.json")
        found = []
        for id, candidates in paths.items():
            try:
                document = self._newest(candidates) or self._by_id(id)
            except StoreError as error:
                self._warn(id, error)
            else:
                found += [] if document is None else [document]
        return sorted(found, key=lambda document: str(document["name"]))

    def _by_id(self, id: str, anew: bool = False) -> Record | None:
        """Return the document of an id; None if there is none.

        Args:
            id: Of the document.
            anew: Do not rely on the file that was found last: a rename that died may have left it beside the one that counts.
        """
        if not layout.is_id(id):
            return None
        document = None if anew else self._seen_before(id)
        while document is None:
            paths = self._paths(id)
            if not paths:
                return None
            document = self._newest(paths)
        return document

    def _newest(self, paths: list[str]) -> Record | None:
        """Return the one that counts of the files of an id: a rename that died left two.

        None if a file went away meanwhile: the document was renamed or deleted, and the folder tells.
        """
        documents = [self._read(path) for path in paths]
        if None in documents:
            return None
        document = max(filter(None, documents), key=lambda found: str(found["updated"]))
        self._last_seen[document["id"]] = self._path(document)
        return document

    def _seen_before(self, key: str) -> Record | None:
        path = self._last_seen.get(key)
        document = None if path is None else self._read(path)
        if document is None:
            self._last_seen.pop(key, None)
        return document

    def _read(self, path: str) -> Record | None:
        data = self.files.read(path)
        if data is None:
            return None
        document = journal.parsed(data, path, 0)
        journal.check_format(document, path)
        if document.get("id") != layout.id_in(path) or not isinstance(document.get("name"), str):
            raise Corrupt(path, 0, "it does not say its id and name")
        return document

    def _names(self) -> Iterator[tuple[str, str]]:
        """Yield slug and id of each document's file."""
        for name in self.files.names(self._folder):
            slug, separator, rest = name.partition("~")
            id = layout.id_in(name)
            if separator and id and rest == f"{id}.json" and not name.startswith("."):
                yield slug, id

    def _paths(self, id: str) -> list[str]:
        return [f"{self._folder}/{slug}~{id}.json" for slug, found in self._names() if found == id]

    def _path(self, document: Record) -> str:
        return self._layout.document(self._collection, document["name"], document["id"])

    def _warn(self, id: str, error: StoreError) -> None:
        if id not in self.skipped:
            from logging import getLogger

            self.skipped.add(id)
            getLogger("prefect.store").warning("%s", error)

    # ---- writing -------------------------------------------------------------------------------------------------

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep everybody else from changing the collection for the length of a block.

        The methods below, and this one, may be used in the block by the same thread.

        Raises:
            Locked: Somebody else has held the lock for 30 seconds.
        """
        if getattr(self._held, "by_this_thread", False):
            yield
            return
        with self.files.locked(f"{self._folder}/.lock", create=True):
            self._held.by_this_thread = True
            try:
                yield
            finally:
                self._held.by_this_thread = False

    def create(self, name: str, fields: Mapping[str, Any], id: str | None = None) -> Record:
        """Keep a new document.

        Args:
            name: Unique in the collection.
            fields: What it consists of.
            id: Its id; by default a fresh one.

        Raises:
            Conflict: The name, or the id, is taken; it carries the document that has it.
            StoreIO: The system refused; nothing was kept.
        """
        with self.locked():
            self._check_is_free(name, None)
            taken = None if id is None else self._by_id(layout.checked(id))
            if taken is not None:
                raise Conflict(f"There is a {self.kind} with the id {id} already. Choose another id.", taken)
            now = self.system.now()
            own = {
                "format": journal.FORMAT,
                "id": id or layout.new_id(),
                "name": name,
                "created": now,
                "updated": now,
            }
            return self._write({**own, **fields, **own})

    def update(self, id: str, change: Change, *, name: str | None = None) -> Record:
        """Change a document and return its new value.

        Args:
            id: Of the document.
            change: Field → new value, or a function that gives that from the current value.
            name: Its new name, if it gets one.

        Raises:
            Conflict: Another document has the name; it carries that one.
            Corrupt: The document is damaged.
            NotFound: There is none.
            StoreIO: The system refused; nothing was changed.
        """
        with self.locked():
            old = self._by_id(id, anew=True)
            if old is None:
                raise NotFound(self.kind, id)
            if name is not None:
                self._check_is_free(name, id)
            new = {**old, **(change(old) if callable(change) else change)}
            new.update(format=journal.FORMAT, id=id, name=old["name"] if name is None else name, created=old["created"])
            new["updated"] = _later(self.system.now(), old["updated"])
            return self._write(new)

    def put(self, name: str, fields: Mapping[str, Any]) -> Record:
        """Keep fields under a name, in a new document or in the one that has it, and return that.

        Raises:
            Corrupt: The document is damaged.
            StoreIO: The system refused; nothing was changed.
        """
        with self.locked():
            known = self.named(name)
            return self.create(name, fields) if known is None else self.update(known["id"], fields)

    def delete(self, id: str) -> bool:
        """Delete a document; return whether there was one.

        Raises:
            StoreIO: The system refused.
        """
        # Without a folder there is nothing to lock either.
        if not self._paths(id):
            return False
        with self.locked():
            # Of two files that a rename left the newer goes last: the older must not come back.
            paths = sorted(self._paths(id), key=self._updated)
            for path in paths:
                self.files.remove(path)
                self.files.sync_directory(self._folder)
            return bool(paths)

    def _updated(self, path: str) -> str:
        try:
            return str((self._read(path) or {}).get("updated", ""))
        except StoreError:
            return ""

    def _check_is_free(self, name: str, id: str | None) -> None:
        """Refuse a name that a document other than that of ``id`` has."""
        taken = self.named(name)
        if taken is not None and taken["id"] != id:
            raise Conflict(
                f"There is a {self.kind} named {name!r} already. Choose another name, or use that one.", taken
            )

    def _write(self, document: Record) -> Record:
        """Write a document, then remove what it was called before."""
        path = self._path(document)
        # Looked up before: once the document is in its place, nothing may fail.
        others = [other for other in self._paths(document["id"]) if other != path]
        self.files.replace(path, journal.encoded(document))
        self._last_seen[document["id"]] = path
        for other in others:
            self.files.discard(other)
        if others:
            self._sync_removals()
        return document

    def _sync_removals(self) -> None:
        """Keep an old name from coming back while the new one is deleted; the rename is done whether this works or not."""
        try:
            self.files.sync_directory(self._folder)
        except StoreIO as error:
            from logging import getLogger

            getLogger("prefect.store").debug("%s", error)


def _later(now: str, before: str) -> str:
    """Return the time, or one just after ``before`` if the clock does not show that: it tells which of two files counts."""
    if now > before:
        return now
    return (datetime.fromisoformat(before) + timedelta(microseconds=1)).isoformat(timespec="microseconds")
