"""Processes that can be told apart for ever: their number, when they were started, and in which life of the machine.

Source: DESIGN §3 step 6 and decision 14; store.md §8.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Places of state, start time and exit code in /proc/PID/stat, counted after the program's name; see proc(5).
_STATE, _STARTED, _EXIT_CODE = 0, 19, 49


class Fate(NamedTuple):
    """What became of a process.

    Attributes:
        kind: ``restarted``: the machine was. ``hidden``: it runs on this machine where its number means nothing to us,
            in another container. ``unknown``: it runs on another machine, or the system does not tell.
        returncode: How it ended, as :mod:`subprocess` says it: the exit code, or minus the number of the signal. None
            if that is not known.
    """

    kind: Literal["alive", "gone", "restarted", "hidden", "unknown"]
    returncode: int | None = None


def process_identity(pid: int | None = None) -> dict[str, Any]:
    """Return what tells a process from every other one: ``host pid started boot_id pid_namespace``.

    ``started`` is in clock ticks after the start of the machine; ``pid_namespace`` is the one in which ``pid`` counts, which
    containers have for themselves. These and ``boot_id`` are None where the system has no ``/proc``.

    Args:
        pid: By default this process.
    """
    pid = os.getpid() if pid is None else pid
    fields = _stat(pid)
    return {
        "host": _host(),
        "pid": pid,
        "started": int(fields[_STARTED]) if fields else None,
        "boot_id": _boot_id(),
        "pid_namespace": _pid_namespace(),
    }


def fate_of(process: Mapping[str, Any] | None) -> Fate:
    """Return what became of a process.

    Args:
        process: As :func:`process_identity` returned it; None if nobody knows which it was.
    """
    if process is None or process["host"] != _host():
        return Fate("unknown")
    if process["boot_id"] != _boot_id():
        return Fate("restarted")
    namespace = _pid_namespace()
    if process.get("pid_namespace", namespace) != namespace:
        return Fate("hidden")
    if process["started"] is None:
        return Fate("unknown") if _exists(process["pid"]) else Fate("gone")
    fields = _stat(process["pid"])
    if fields is None or int(fields[_STARTED]) != process["started"]:
        return Fate("gone")
    if fields[_STATE] in "ZX":
        # It has ended, and its parent has not asked how; the exit code reads 0 when the system does not let us see it.
        return Fate("gone", _returncode(int(fields[_EXIT_CODE])) or None)
    return Fate("alive")


def _returncode(status: int) -> int:
    signal = status & 0x7F
    return -signal if signal else status >> 8


def _host() -> str:
    return os.environ.get("COMPUTERNAME", "") if sys.platform == "win32" else os.uname().nodename


def _boot_id() -> str | None:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


def _pid_namespace() -> int | None:
    try:
        return os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return None


def _stat(pid: int) -> list[str] | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            # The program's name stands in parentheses and may hold spaces and parentheses itself.
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
