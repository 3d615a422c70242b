"""Registered versions of flows: records, found by project and name, and by flow group.

Source: store.md §3, §6.7.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prefect.storage.state import journal, layout
from prefect.storage.state.errors import Conflict
from prefect.storage.state.records import Records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prefect.storage.state.journal import Record


class Flows(Records):
    """The registered versions of a store's flows.

    A flow is a dict. The store reads ``id v at name project_id flow_group_id version archived is_schedule_active``; all
    else is kept as it came.
    """

    kind = "flow"
    frozen = frozenset(
        "format id created name flow_group_id version_group_id version description core_version serialized_flow"
        " run_config storage schedule parameters idempotency_key source".split()
    )

    def _path(self, id: str) -> str:
        return self.layout.flow(id)

    def _markers(self, record: Record) -> set[str]:
        group, id = record["flow_group_id"], record["id"]
        version = f"{record['version']:06d}~{id}"
        markers = {
            f"{self.layout.flows_named(record['project_id'], record['name'])}/{version}",
            f"{self.layout.flows_of_group(group)}/{version}",
        }
        if not record["archived"]:
            markers.add(f"{self.layout.unarchived_of_group(group)}/{id}")
            if record["is_schedule_active"]:
                markers.add(self.layout.scheduled(id))
        return markers

    def _hints(self, record: Record) -> set[str]:
        return set()

    # ---- writing -------------------------------------------------------------------------------------------------

    def create(self, flow: Record) -> Record:
        """Keep a new version.

        Args:
            flow: ``id`` (see :func:`layout.new_flow_id`), ``name``, ``project_id``, ``flow_group_id``, ``version``, and
                whatever else belongs to it.

        Raises:
            Conflict: There is a flow of this id.
            StoreIO: The system refused; nothing was kept.
        """
        created, is_new = self._birth({"archived": False, "is_schedule_active": False, **flow}, durable_markers=True)
        if not is_new:
            raise Conflict(f"There is a flow with the id {flow['id']} already. Draw another id.", created)
        return created

    def delete(self, id: str) -> bool:
        """Delete a version; return whether there was one.

        Raises:
            StoreIO: The system refused.
        """
        if not layout.is_id(id):
            return False
        path = self._path(id)
        try:
            with self.files.locked(path) as fd:
                self._unlink(path, journal.read_record(self.system, fd, path).current)
        except FileNotFoundError:
            return False
        return True

    # ---- lists ---------------------------------------------------------------------------------------------------

    def versions_of_group(self, flow_group_id: str) -> list[tuple[int, str]]:
        """Return version and id of all versions of a flow group, the highest first. No record is read."""
        return self._versions(self.layout.flows_of_group(flow_group_id)) if layout.is_id(flow_group_id) else []

    def versions_named(self, project_id: str, name: str) -> list[tuple[int, str]]:
        """Return version and id of all versions of a name in a project, the highest first. No record is read."""
        return self._versions(self.layout.flows_named(project_id, name)) if layout.is_id(project_id) else []

    def unarchived_ids(self, flow_group_id: str) -> list[str]:
        """Return the ids of the versions of a flow group that are not archived. No archived one is read."""
        if not layout.is_id(flow_group_id):
            return []
        folder = self.layout.unarchived_of_group(flow_group_id)
        found = self._wanting(f"{folder}/{id}" for id in self.files.names(folder))
        return [flow["id"] for flow in found]

    def scheduled_ids(self) -> list[str]:
        """Return the ids of the versions that are not archived and have an active schedule; a hint. No record is read."""
        return [name for name in self.files.names(f"{self.layout.root}/scheduled") if layout.is_id(name)]

    def ids_in_project(self, project_id: str) -> list[str]:
        """Return the ids of all versions of all flows in a project. No record is read."""
        return [id for folder in self._names_folders(project_id) for _, id in self._versions(folder)]

    def of_group(self, flow_group_id: str) -> Iterator[Record]:
        """Yield the versions of a flow group, the highest first."""
        folder = self.layout.flows_of_group(flow_group_id) if layout.is_id(flow_group_id) else None
        return self._through(folder)

    def named(self, project_id: str, name: str) -> Iterator[Record]:
        """Yield the versions of a name in a project, the highest first."""
        folder = self.layout.flows_named(project_id, name) if layout.is_id(project_id) else None
        return (flow for flow in self._through(folder) if flow["name"] == name)

    def names(self, project_id: str) -> list[str]:
        """Return the names of the flows in a project, in order. One version of each is read."""
        newest = (next(self._through(folder), None) for folder in self._names_folders(project_id))
        return sorted(flow["name"] for flow in newest if flow is not None)

    def all(self) -> Iterator[Record]:
        """Yield all versions of all flows, in no order."""
        return self.each(
            name.removesuffix(".jsonl")
            for name in self.files.names(f"{self.layout.root}/flows")
            if name.endswith(".jsonl")
        )

    def _names_folders(self, project_id: str) -> list[str]:
        if not layout.is_id(project_id):
            return []
        folder = self.layout.flows_in_project(project_id)
        return [f"{folder}/{name}" for name in self.files.names(folder)]

    def _versions(self, folder: str) -> list[tuple[int, str]]:
        found = []
        for name in self.files.names(folder):
            version, _, id = name.partition("~")
            if version.isdecimal() and layout.is_id(id):
                found.append((int(version), id))
        return sorted(found, reverse=True)

    def _through(self, folder: str | None) -> Iterator[Record]:
        """Yield the flows that a folder of versions leads to, the highest version first."""
        if folder is None:
            return iter(())
        return self._wanting(f"{folder}/{version:06d}~{id}" for version, id in self._versions(folder))

    def _wanting(self, markers: Iterator[str]) -> Iterator[Record]:
        """Yield the flows that markers lead to, without those whose marker is what a crash has left."""
        for marker in markers:
            id = layout.id_in(os.path.basename(marker))
            for flow in self.each([id] if id else ()):
                if marker in self._markers(flow):
                    yield flow
