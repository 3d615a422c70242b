"""What tests put into a store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prefect.storage.state.store import Store

FLOW = "5f2c1a70-93b1-4c3e-8d02-6f1b2a400000"
GROUP = "9b1d4c6e-0f3a-4a57-9c8e-2d7b6a5f4e3c"
LONG_AGO = "2001-01-01T00:00:00.000000+00:00"
FAR = "2099-01-01T00:00:00.000000+00:00"
FARTHER = "2099-06-01T00:00:00.000000+00:00"


def a_run(name: str = "fast-otter", **fields: Any) -> dict[str, Any]:
    """Return what a run is created from: due at once, without labels."""
    return {"name": name, "flow_id": FLOW, "flow_group_id": GROUP, "labels": [], "due": LONG_AGO, **fields}


def state(type: str) -> dict[str, Any]:
    """Return the change to a state."""
    return {"state": {"type": type}}


SUBMITTED = state("Submitted")
FINISHED = {**state("Success"), "due": None, "live": False}


def names_in(store: Store) -> set[str]:
    """Return the paths, relative to the store, of all its files and folders."""

    def inside(folder: str) -> Iterator[str]:
        for name in store.files.names(folder):
            yield f"{folder}/{name}"
            yield from inside(f"{folder}/{name}")

    return {store.layout.inside(path) for path in inside(store.root)}
