"""Flows made ready to be registered, by the storage that they share.

Source: cli.md §5.4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prefect.registration import prepare

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.flow import Flow
    from prefect.registering.sources import LoadedSource
    from prefect.storage import Storage

    Document = dict[str, Any]


@dataclass(slots=True)
class StorageGroup:
    """Flows that are stored together.

    Attributes:
        storage: Their storage; None if they are stored already, or have none since it could not be made.
        flows: The flows, or their documents if they are stored already.
        error: Why they cannot be stored, if so.
    """

    storage: Storage | None
    flows: list[Flow | Document] = field(default_factory=list)
    error: Exception | None = None

    def build(self) -> None:
        """Store the flows, unless it is known that they cannot be; whatever prevents it becomes ``error``."""
        if self.storage is None or self.error is not None:
            return
        try:
            self.storage.build()
        except Exception as error:  # noqa: BLE001 - storages are the user's and may raise anything
            self.error = error


def storage_groups(source: LoadedSource, labels: Iterable[str]) -> list[StorageGroup]:
    """Prepare the flows of a source and return them by storage, in the order of their definition.

    Args:
        source: What was loaded.
        labels: Added to those of each flow.
    """
    labels = list(labels)
    groups: dict[int, StorageGroup] = {}
    for flow in source.flows:
        error = _prepared(flow, source, labels)
        key = id(flow) if flow.storage is None else id(flow.storage)
        group = groups.setdefault(key, StorageGroup(flow.storage))
        group.flows.append(flow)
        group.error = group.error or error
    documents: list[Flow | Document] = [with_labels(document, labels) for document in source.documents]
    return [*groups.values(), *([StorageGroup(None, documents)] if documents else [])]


def _prepared(flow: Flow, source: LoadedSource, labels: list[str]) -> Exception | None:
    try:
        if flow.storage is None and source.new_storage is not None:
            flow.storage = source.new_storage()
        prepare(flow, labels)
    except Exception as error:  # noqa: BLE001 - a flow that cannot be pickled raises anything
        return error
    return None


def with_labels(document: Document, labels: Iterable[str]) -> Document:
    """Return a flow in its JSON form with labels added to its run config.

    One whose run config is none stays as it is, to be refused when the flow is read.
    """
    run_config = document.get("run_config")
    if run_config is None:
        from prefect.run_configs import UniversalRun

        run_config = UniversalRun().serialize()
    if not isinstance(run_config, dict) or not isinstance(run_config.get("labels") or [], list):
        return document
    return {**document, "run_config": {**run_config, "labels": sorted({*(run_config.get("labels") or ()), *labels})}}
