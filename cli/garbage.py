"""The pause of garbage collection with which every command begins; see :func:`prefect.cli.main`.

What a short command makes stays until it ends, and nobody looks through it. The pause ends before code of the user is
loaded, and before a command begins to wait for what others do: agents and watchers run for days.
"""

from __future__ import annotations

import gc

_is_paused = True


def collect_garbage_from_now_on() -> None:
    """End the pause, with everything so far counted as old: freezing and thawing does that."""
    global _is_paused
    _is_paused = False
    if not gc.isenabled():
        gc.freeze()
        gc.unfreeze()
        gc.enable()


def leave_garbage_behind() -> None:
    """Spare the end of the process its searches for garbage, which take a tenth of a short command.

    The last of them, when the interpreter is taken apart, may be what closes a file that a task has written; where the
    pause has ended it is made.
    """
    gc.disable()
    if _is_paused:
        gc.freeze()
