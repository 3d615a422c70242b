"""Tracebacks as users are shown them: without what is none of their code."""

from __future__ import annotations

import os


def user_traceback(error: BaseException, *, everything: bool = False) -> str:
    """Return the traceback of an exception with the frames of this package and of the import system left out.

    Args:
        error: The exception; its causes are part of it.
        everything: Leave nothing out.
    """
    import contextlib
    import importlib
    import traceback

    import prefect

    hidden = (os.path.dirname(prefect.__file__) + os.sep, contextlib.__file__, importlib.__file__, "<frozen importlib")

    def keep(summary: traceback.TracebackException, seen: set[int]) -> None:
        if id(summary) in seen:
            return
        seen.add(id(summary))
        frames = [frame for frame in summary.stack if not frame.filename.startswith(hidden)]
        summary.stack = traceback.StackSummary.from_list(frames)
        for related in (summary.__cause__, summary.__context__, *(getattr(summary, "exceptions", None) or ())):
            if related is not None:
                keep(related, seen)

    summary = traceback.TracebackException.from_exception(error)
    if not everything:
        keep(summary, set())
    lines = "".join(summary.format())
    if not summary.stack:
        lines = lines.removeprefix("Traceback (most recent call last):\n")
    return lines.rstrip()


def is_of_user(error: BaseException) -> bool:
    """Return whether an exception comes from code that belongs neither to Python nor to this package, or is no Python."""
    import sysconfig
    from traceback import walk_tb

    import prefect

    paths = sysconfig.get_paths()
    packages = (paths["purelib"], paths["platlib"])
    own = (paths["stdlib"], paths["platstdlib"], "<frozen")

    def is_others(file: str) -> bool:
        if file.startswith(tuple(prefect.__path__)):
            return False
        return file.startswith(packages) or not file.startswith(own)

    if isinstance(error, SyntaxError):
        return True
    return any(is_others(frame.f_code.co_filename) for frame, _ in walk_tb(error.__traceback__))
