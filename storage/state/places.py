"""What a name inside the store is: the way back from a path, for those who walk through all there is.

A name that is not understood here is not the store's: it is left alone. Source: store.md §3, §11.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from prefect.storage.state.documents import KINDS

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_RECORD = rf"(?P<id>{_ID})\.jsonl"
_DAY, _HOUR = r"\d{4}-\d\d-\d\d", r"[0-2]\d"
_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_VERSION = r"\d{6,}"

#: Kind of a place → pattern of its path, part by part. The group ``id`` is the id of the record, document or holder.
PATTERNS = {
    "description": r"store\.json",
    "store lock": "lock",
    "scrub": r"scrub\.json",
    "run": rf"runs/{_DAY}/{_HOUR}/{_RECORD}",
    "tasks": rf"tasks/{_DAY}/{_HOUR}/{_RECORD}",
    "log": rf"logs/{_DAY}/{_HOUR}/{_RECORD}",
    "key": r"keys/[0-9a-f]{2}/[0-9a-f]{64}\.jsonl",
    "queued": rf"queue/[a-z0-9_+%~-]+/\d{{8}}T\d{{4}}/\d{{8}}T\d{{6}}\.\d{{3}}~(?P<id>{_ID})",
    "active": rf"active/(?P<id>{_ID})",
    "named": rf"names/[0-9a-f]{{3}}/{_SLUG}~(?P<id>{_ID})",
    "of group": rf"by-flow/{_ID}/{_DAY}/(?P<id>{_ID})",
    "flow": rf"flows/{_RECORD}",
    "flow named": rf"flow-names/{_ID}/{_SLUG}/{_VERSION}~(?P<id>{_ID})",
    "flow of group": rf"group-flows/{_ID}/{_VERSION}~(?P<id>{_ID})",
    "unarchived flow": rf"unarchived/{_ID}/(?P<id>{_ID})",
    "scheduled flow": rf"scheduled/(?P<id>{_ID})",
    "slot": rf"slots/{_ID}/(?P<id>{_ID})",
    "limit lock": rf"slots/{_ID}/\.lock",
    "cached": rf"cached/{_SLUG}\.jsonl",
    "feed": rf"feed/{_DAY}\.jsonl",
    "quarantined": r"quarantine/[^.].*",
    "lease": r"locks/[a-z0-9-]+",
}
PATTERNS |= {f"document of {kind}": rf"{kind}/{_SLUG}~(?P<id>{_ID})\.json" for kind in KINDS}
PATTERNS |= {f"lock of {kind}": rf"{kind}/\.lock" for kind in KINDS}
#: First part of a path → kind and pattern of the places there.
_PLACES: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
for _kind, _pattern in PATTERNS.items():
    _PLACES.setdefault(_pattern.split("/")[0].replace("\\", ""), []).append((_kind, re.compile(_pattern)))
_FOLDERS = re.compile(
    "|".join(
        "/".join(parts[:depth])
        for parts in (pattern.split("/") for pattern in PATTERNS.values())
        for depth in range(1, len(parts))
    )
)
_TEMPORARY = re.compile(r"(?P<folder>(?:.*/)?)\.(?P<name>[^/]+)\.[0-9a-f]{8}\.tmp")

#: Markers of flow runs, and of registered flows.
RUN_MARKERS = frozenset({"queued", "active", "named", "of group"})
FLOW_MARKERS = frozenset({"flow named", "flow of group", "unarchived flow", "scheduled flow"})


class Place(NamedTuple):
    """What a file is.

    Attributes:
        kind: One of the keys above, or ``temporary``.
        id: Of the record, document or holder; empty if there is none.
    """

    kind: str
    id: str


def place_of(path: str) -> Place | None:
    """Return what a file is; None if it is not the store's.

    Args:
        path: Relative to the store.
    """
    for kind, pattern in _PLACES.get(path.partition("/")[0], ()):
        found = pattern.fullmatch(path)
        if found:
            return Place(kind, found.groupdict().get("id", ""))
    temporary = _TEMPORARY.fullmatch(path)
    if temporary and place_of(temporary["folder"] + temporary["name"]):
        return Place("temporary", "")
    return None


def is_folder(path: str) -> bool:
    """Return whether a folder is the store's.

    Args:
        path: Relative to the store.
    """
    return _FOLDERS.fullmatch(path) is not None
