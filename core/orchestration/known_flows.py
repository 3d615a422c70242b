"""Registered flows that this process has read before, since a flow's record can be large and every run needs it.

Source: store.md §2 (a record only grows).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.storage.state.errors import NotFound
from prefect.storage.state.layout import is_id

if TYPE_CHECKING:
    from prefect.storage.state.store import Store

#: Flows that are remembered; the one that was read first is forgotten.
_MOST = 64

#: Path → what the file looked like, and its record.
_known: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {}


def known_flow(store: Store, flow_id: str) -> dict[str, Any]:
    """Return the record of a registered flow as it is now; callers must not change it.

    Raises:
        NotFound: There is none.
    """
    if not is_id(flow_id):
        raise NotFound("flow", flow_id)
    path = store.layout.flow(flow_id)
    try:
        facts = store.system.facts_of(path)
    except FileNotFoundError:
        raise NotFound("flow", flow_id) from None
    looks = (facts.inode, facts.size)
    found = _known.get(path)
    if found is None or found[0] != looks:
        found = _known[path] = (looks, store.flows.get(flow_id))
        if len(_known) > _MOST:
            # Another thread may add some meanwhile; a list is made in one step.
            for oldest in list(_known)[:-_MOST]:
                _known.pop(oldest, None)
    return found[1]
