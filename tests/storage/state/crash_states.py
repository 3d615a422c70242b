"""What a disk can hold after a power cut, as far as anything that was forced to it allows.

The model is an unkind one: each change of a name and each write is kept or lost on its own unless a sync came after it,
a write that was not synced is there whole, cut anywhere, as NUL bytes, or with a page of NUL bytes in it.
Source: store.md §15.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from seam import Call, RecordingSystem

from prefect.storage.state.memory import MemorySystem

_PAGE = 4096
_NAMING = ("create", "make_directory", "remove_directory", "unlink", "replace")


class Moment(NamedTuple):
    """One thing that may be there after a crash.

    Attributes:
        after: How many calls had been made.
        system: A computer with what the disk held.
    """

    after: int
    system: MemorySystem


def crash_states(calls: Sequence[Call], root: str, samples: int = 8, seed: int = 7) -> Iterator[Moment]:
    """Yield what the disk may hold if the power goes between any two calls.

    Args:
        calls: What was recorded.
        root: The folder under which all of it happened; it is there.
        samples: How many random subsets of what was not yet synced are tried at each moment, besides all, none, all but
            one and just one.
        seed: Of the randomness.
    """
    chance = random.Random(seed)
    for after in range(len(calls) + 1):
        past = calls[:after]
        kept = _durable(past)
        loose = [number for number, call in enumerate(past) if number not in kept and "sync" not in call.name]
        seen = set()
        for chosen in _subsets(loose, samples, chance):
            names, data = _disk(past, kept, chosen, root, chance)
            key = (frozenset(names.items()), frozenset((inode, bytes(content)) for inode, content in data.items()))
            if key not in seen:
                seen.add(key)
                yield Moment(after, _computer(names, data))


def _durable(past: Sequence[Call]) -> set[int]:
    """Return the numbers of the calls that no power cut undoes."""
    kept: set[int] = set()
    for number, call in enumerate(past):
        if call.name == "sync":
            kept.update(
                n for n in range(number) if past[n].name in ("write", "truncate") and past[n].inode == call.inode
            )
        elif call.name == "sync_directory":
            kept.update(
                n for n in range(number) if past[n].name in _NAMING and os.path.dirname(past[n].path) == call.path
            )
    return kept


def _subsets(loose: list[int], samples: int, chance: random.Random) -> Iterator[set[int]]:
    everything = set(loose)
    yield everything
    yield set()
    for number in loose[-8:]:
        yield everything - {number}
        yield {number}
    for _ in range(samples if len(loose) > 1 else min(samples, 3) * len(loose)):
        yield {number for number in loose if chance.random() < 0.5}


def _disk(
    past: Sequence[Call], kept: set[int], chosen: set[int], root: str, chance: random.Random
) -> tuple[dict[str, int | None], dict[int, bytes]]:
    """Return path → inode (None for a folder) and inode → content."""
    names: dict[str, int | None] = {root: None}
    data: dict[int, bytes] = {}
    for number, call in enumerate(past):
        if number not in kept and number not in chosen:
            continue
        match call.name:
            case "create":
                names[call.path] = call.inode
            case "make_directory":
                names[call.path] = None
            case "unlink" | "remove_directory":
                names.pop(call.path, None)
            case "replace":
                names.pop(call.path, None)
                names[call.target] = call.inode
            case "truncate":
                data[call.inode] = data.get(call.inode, b"")[: call.offset]
            case "write":
                written = call.data if number in kept else _as_left(call, chance)
                before = data.get(call.inode, b"")
                data[call.inode] = (
                    before[: call.offset].ljust(call.offset, b"\0") + written + before[call.offset + len(written) :]
                )
    return names, data


def _as_left(call: Call, chance: random.Random) -> bytes:
    """Return what may be there of a write that was not synced."""
    data = call.data
    kind = chance.choice(("whole", "cut", "nul", "hole"))
    if kind == "cut":
        return data[: chance.randrange(len(data) + 1)]
    if kind == "nul":
        return bytes(len(data))
    if kind == "hole":
        edge = min(len(data), _PAGE - call.offset % _PAGE)
        return bytes(edge) + data[edge:] if chance.random() < 0.5 else data[:edge] + bytes(len(data) - edge)
    return data


def _computer(names: dict[str, int | None], data: dict[int, bytes]) -> MemorySystem:
    """Return a computer with what can be reached: a file is lost with its folder."""
    folders: dict[str, None] = {}
    files = {}
    for path in sorted(names, key=len):
        inode = names[path]
        if os.path.dirname(path) in folders or not folders:
            if inode is None:
                folders[path] = None
            else:
                files[path] = data.get(inode, b"")
    folders.pop("/", None)  # is always there
    return MemorySystem(files, tuple(folders))


class Act(NamedTuple):
    """One thing that was done, and what it promised.

    Attributes:
        begin: Number of the first call it made.
        end: Number after its last call: from then on it is acknowledged.
        promises: Thing → its value; None for a thing that is gone.
    """

    begin: int
    end: int
    promises: dict[Any, Any]


class Ledger:
    """What was promised, and when.

    Args:
        system: The one that writes down the calls.

    Attributes:
        acts: In order.
    """

    def __init__(self, system: RecordingSystem) -> None:
        self.system = system
        self.acts: list[Act] = []

    def act(self, action: Callable[[], Any], promises: Callable[[Any], dict[Any, Any]]) -> Any:
        """Do something and note what its result promises."""
        begin = len(self.system.calls)
        result = action()
        self.acts.append(Act(begin, len(self.system.calls), promises(result)))
        return result

    def things(self) -> set[Any]:
        """Return everything that was ever promised."""
        return {thing for act in self.acts for thing in act.promises}

    def allowed(self, thing: Any, after: int) -> list[Any]:
        """Return the values a thing may have after a crash: the one acknowledged, and the one under way."""
        values: list[Any] = [None]
        for act in self.acts:
            if thing in act.promises:
                if act.end <= after:
                    values = [act.promises[thing]]
                elif act.begin < after:
                    values.append(act.promises[thing])
        return values
