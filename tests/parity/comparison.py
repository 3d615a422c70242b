"""Compares what two implementations made of a flow file."""

from __future__ import annotations

from typing import Any

Recording = dict[str, Any]
Difference = tuple[str, Any, Any]

ABSENT = "(absent)"


def differences(expected: Recording, got: Recording) -> list[Difference]:
    """Where two recordings of one case differ, as ``(field, expected, got)``.

    Tasks that do not depend on one another may run in either order: their lines, transitions and prints are compared
    task by task, unless the flow is a chain.
    """
    found: list[Difference] = []
    states_only = expected.get("states_only", False)
    ordered = True
    for index, (wanted, run) in enumerate(zip(expected["runs"], got["runs"], strict=True)):
        chain = wanted["ordered"]
        ordered = ordered and chain
        for field in ("raised", "returned", "flow", "warnings"):
            found += _values(f"runs/{index}/{field}", wanted.get(field, ABSENT), run.get(field, ABSENT))
        found += _values(f"runs/{index}/tasks", wanted.get("tasks", {}), run.get("tasks", {}))
        if states_only:
            continue
        for field, key in (("log", 2), ("transitions", 0)):
            if field not in wanted:
                continue
            lines, other = wanted[field], run.get(field, [])
            if field == "log" and not any(line[key] for line in lines):
                # A runner used alone does not know the slug of its task in 1.4.1; if ours does, so much the better.
                other = [[*line[:key], None, *line[key + 1 :]] for line in other]
            for name, pair in _by_task(lines, other, key, whole=chain).items():
                found += _lines(f"runs/{index}/{field}{name}", *pair)
        seen, other = wanted.get("seen", []), run.get("seen", [])
        found += _lines(f"runs/{index}/seen", *((seen, other) if chain else (sorted(seen), sorted(other))))
    if not states_only:
        printed = [expected["stdout"].splitlines(), got["stdout"].splitlines()]
        found += _lines("stdout", *(printed if ordered else map(sorted, printed)))
    return found


def _values(field: str, expected: Any, got: Any) -> list[Difference]:
    if isinstance(expected, dict) and isinstance(got, dict):
        return [
            difference
            for key in [*expected, *(key for key in got if key not in expected)]
            for difference in _values(f"{field}/{key}", expected.get(key, ABSENT), got.get(key, ABSENT))
        ]
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [d for i, pair in enumerate(zip(expected, got, strict=True)) for d in _values(f"{field}/{i}", *pair)]
    return [] if expected == got else [(field, expected, got)]


def _by_task(expected: list[Any], got: list[Any], key: int, *, whole: bool) -> dict[str, tuple[list[Any], list[Any]]]:
    """The lines of each task side by side, or all of them under one empty name."""
    if whole:
        return {"": (expected, got)}
    # A child's transitions stand under its own name, `task[i]`; children run one after the other.
    names = list(dict.fromkeys(line[key] for line in [*expected, *got]))
    return {f" of {n}": ([x for x in expected if x[key] == n], [x for x in got if x[key] == n]) for n in names}


def _lines(field: str, expected: list[Any], got: list[Any]) -> list[Difference]:
    """The first line that differs: what follows usually differs only because of it."""
    for index in range(max(len(expected), len(got))):
        pair = [lines[index] if index < len(lines) else ABSENT for lines in (expected, got)]
        if pair[0] != pair[1]:
            return [(f"{field}/{index}", *pair)]
    return []
