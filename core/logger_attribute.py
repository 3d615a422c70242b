"""``flow.logger`` and ``task.logger``.

Source: core.md §2.1 and §3.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logging import Logger


class LoggerAttribute:
    """The logger ``prefect.<name>`` of an object, unless another one was assigned to it.

    It is looked up when it is asked for, so that building a flow neither imports logging nor makes a logger a task.
    """

    def __get__(self, owner: Any, cls: type) -> Logger:
        if owner is None:
            raise AttributeError(f"type object {cls.__name__!r} has no attribute 'logger'")
        from prefect.utilities.logging import get_logger

        return get_logger(owner.name)
