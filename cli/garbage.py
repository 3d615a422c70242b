"""The pause of garbage collection with which every command begins; see :func:`prefect.cli.main`."""

from __future__ import annotations

import gc


def collect_garbage_from_now_on() -> None:
    """End the pause, with everything so far counted as old: freezing and thawing does that."""
    if not gc.isenabled():
        gc.freeze()
        gc.unfreeze()
        gc.enable()
