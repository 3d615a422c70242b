"""Helpers for times.

Source: core.md §19.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def retry_delay(
    interval: timedelta | None = None,
    *,
    exponential_backoff: bool = False,
    max_delay: timedelta = timedelta(hours=2),
    **interval_kwargs: float,
) -> Callable[[int], timedelta]:
    """Return a function that says how long to wait before the next run of something.

    Args:
        interval: The delay.
        exponential_backoff: Double the delay from the third run on.
        max_delay: The longest delay.
        **interval_kwargs: The delay as arguments of ``timedelta``, instead of ``interval``.

    Returns:
        A function of the run number, which counts from 1.

    Raises:
        ValueError: Both or neither of ``interval`` and its keywords are given.
        TypeError: ``interval`` is not a ``timedelta``, or a keyword is not one of its arguments.
    """
    if (interval is None) == (not interval_kwargs):
        raise ValueError("Give either an interval or the keywords of a timedelta, such as seconds=10.")
    if interval is not None and not isinstance(interval, timedelta):
        raise TypeError(
            f"interval must be a timedelta, not {type(interval).__name__}. Give a number as seconds={interval!r}."
        )
    delay = timedelta(**interval_kwargs) if interval is None else interval

    def delay_before(run_number: int) -> timedelta:
        if not exponential_backoff:
            return min(delay, max_delay)
        doublings: int = max(0, run_number - 2)
        try:
            return min(delay * (1 << doublings), max_delay)
        except OverflowError:
            return max_delay

    return delay_before
