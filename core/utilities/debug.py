"""Helpers for finding out why a flow does not do what it should.

Source: core.md §8.11.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prefect.context import context

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def raise_on_exception() -> Iterator[None]:
    """Let exceptions of tasks and handlers leave ``flow.run`` until the ``with`` block ends; signals still become states."""
    with context(raise_on_exception=True):
        yield


def is_serializable(obj: Any, raise_on_error: bool = False) -> bool:
    """Return whether ``obj`` can be pickled here with cloudpickle and unpickled in a fresh interpreter.

    Args:
        obj: Anything, for instance a flow.
        raise_on_error: Raise instead of returning False.

    Raises:
        Exception: Pickling failed, whatever it raised.
        subprocess.CalledProcessError: Unpickling failed; its ``stderr`` holds the traceback.
    """
    import subprocess
    import sys

    import cloudpickle

    try:
        subprocess.run(
            [sys.executable, "-c", "import sys, cloudpickle; cloudpickle.loads(sys.stdin.buffer.read())"],
            input=cloudpickle.dumps(obj),
            check=True,
            capture_output=True,
        )
    except Exception:  # objects may raise anything when they are pickled
        if raise_on_error:
            raise
        return False
    return True
