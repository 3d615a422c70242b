"""Every intended difference from 1.4.1 in what becomes of documents: where, why, and what is expected instead.

In the documents themselves there is none but the ``__version__`` that every object carries, and what ``BESIDES`` says.
"""

from __future__ import annotations

import copy
from typing import Any

_OFFSET = "1.4.1 writes '+02:00' for the timezone of a fixed offset, and cannot read that; here it is read"
_OFFSET_ERROR = 'InvalidTimezone: Invalid timezone "+02:00"'
_OWN_TRIGGER = "1.4.1 forgets its own trigger not_all_skipped when it loads a document; here it is found again"

#: (file, name, path into what was recorded) → the reason, what 1.4.1 did, and what is expected here.
DEVIATIONS: dict[tuple[str, str, str], tuple[str, Any, Any]] = {
    ("states", "with a class of one's own", "_result/type"): (
        "core.md §20.4, and so does 1.4.1: a result of an unknown class loads as a plain one",
        "CustomResult",
        "Result",
    ),
    ("runs", "triggers", "tasks/add-7"): (
        _OWN_TRIGGER,
        ["Success", "Task run succeeded."],
        ["Skipped", "All upstreams were skipped"],
    ),
    ("runs", "control_flow", "tasks/Merge-1/1"): (
        _OWN_TRIGGER,
        'Trigger was "all_successful" but some of the upstream tasks failed.',
        'Trigger was "not_all_skipped" but some of the upstream tasks failed.',
    ),
    ("events", "hours over a change of the clocks", "3"): (
        "core.md §23, 26: steps are counted on the local clock, so every six hours from noon stays at noon, six, midnight;"
        " so it does in 1.4.1 from the second day after the start on",
        "2020-11-01T05:00:00-05:00 {} None",
        "2020-11-01T06:00:00-05:00 {} None",
    ),
    ("events", "interval from a fixed offset", ""): (
        _OFFSET,
        _OFFSET_ERROR,
        [f"2020-01-0{day}T00:00:00+02:00 {{}} None" for day in range(2, 8)],
    ),
}

_ZONE = "the zone of a rule, without which its times move when clocks are set; 1.4.1 passes over it"

#: (file, name) → the reason, and the path and the entry that the document here has besides.
BESIDES: dict[tuple[str, str], tuple[str, str, Any]] = {
    ("schedules", "rule with timezones"): (_ZONE, "clocks/0/rrule_obj/tz", "America/New_York"),
    ("schedules", "rule over a change of the clocks"): (_ZONE, "clocks/0/rrule_obj/tz", "America/New_York"),
}

#: (kind, name) → the reason, and what became of a document of ours in 1.4.1 instead of "the same".
READ_BY_1X: dict[tuple[str, str], tuple[str, Any]] = {
    ("schedules", "interval from a fixed offset"): (_OFFSET, _OFFSET_ERROR),
}


def expected(file: str, name: str, recording: Any) -> Any:
    """Return what is expected here where 1.4.1 did ``recording``.

    Raises:
        ValueError: A deviation is not one from what was recorded, so it should be removed.
    """
    whole = {"": copy.deepcopy(recording)}
    for (of_file, of_name, path), (reason, theirs, ours) in DEVIATIONS.items():
        if (of_file, of_name) != (file, name):
            continue
        place: Any = whole
        *parents, last = ["", *path.split("/")] if path else [""]
        for key in parents:
            place = place[int(key) if isinstance(place, list) else key]
        last = int(last) if isinstance(place, list) else last
        if place[last] != theirs or theirs == ours:
            raise ValueError(f"{file}, {name}, {path} is no deviation ({reason})")
        place[last] = ours
    return whole[""]


def with_entries_of_ours(file: str, name: str, recording: Any) -> Any:
    """Return the document that is expected here where 1.4.1 wrote ``recording``.

    Raises:
        ValueError: 1.4.1 wrote the entry too, so the deviation should be removed.
    """
    document = copy.deepcopy(recording)
    if (file, name) in BESIDES:
        reason, path, entry = BESIDES[file, name]
        place: Any = document
        *parents, last = path.split("/")
        for key in parents:
            place = place[int(key) if isinstance(place, list) else key]
        if last in place:
            raise ValueError(f"{file}, {name}, {path} is no deviation ({reason})")
        place[last] = entry
    return document
