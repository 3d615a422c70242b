"""The attributes of tasks, and what is said of a class that sets one of them before ``Task.__init__``, which overwrites it.

Source: core.md §3.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.task_arguments import warn

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What every task has.
TASK_ATTRIBUTES = frozenset(
    "name slug tags max_retries retry_delay retry_on timeout trigger skip_on_upstream_skip cache_for cache_validator"
    " cache_key checkpoint state_handlers log_stdout result target task_run_name nout logger auto_generated".split()
)


def attributes_of(classes: Iterable[type]) -> frozenset[str]:
    """Return which attributes of tasks classes have."""
    return TASK_ATTRIBUTES.intersection(name for cls in classes for name in cls.__dict__)


def tell_overwritten(task: Any, names: frozenset[str]) -> None:
    """Warn that attributes of a task were set, and have just been overwritten."""
    if "logger" in names:
        # The others have just been set; this one is looked up on the class.
        from prefect.utilities.logging import get_logger

        task.logger = get_logger(task.name)
    warn(
        f"{type(task).__name__} sets {', '.join(sorted(names))} before Task.__init__, which overwrites it."
        " Use another name, or pass it to Task.__init__."
    )
