"""``FilterTask``: keep some of the results of a mapped task.

Source: core.md §10.5.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from typing import TYPE_CHECKING, Any, List  # noqa: UP035 - its text, see above

from prefect.task import Task
from prefect.triggers import all_finished

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterTask(Task):
    """Keeps the results for which a function is true, also after failures and skips.

    Args:
        filter_func: Called with each result; by default drops None and exceptions. Signals, such as the ``SKIP`` of
            a child that skipped itself, are no ``Exception`` and are kept.
        log_func: Called with the kept results; what it returns is logged at INFO.
        **kwargs: Arguments of ``Task``; ``trigger`` is ``all_finished`` and ``skip_on_upstream_skip`` is False unless
            given.

    Raises:
        TypeError: One of the functions cannot be called.
    """

    def __init__(
        self,
        filter_func: "Callable[[Any], bool] | None" = None,
        log_func: "Callable[[list[Any]], str] | None" = None,
        **kwargs: Any,
    ) -> None:
        for name, function in (("filter_func", filter_func), ("log_func", log_func)):
            if function is not None and not callable(function):
                raise TypeError(f"`{name}` is {function!r}, which cannot be called. Give a function of the results.")
        kwargs.setdefault("skip_on_upstream_skip", False)
        kwargs.setdefault("trigger", all_finished)
        self.filter_func = filter_func or _is_value
        self.log_func = log_func
        super().__init__(**kwargs)

    def run(self, task_results: List[Any]) -> List[Any]:  # noqa: UP006
        """Return the results to keep, in their order."""
        kept = [result for result in task_results if self.filter_func(result)]
        if self.log_func is not None:
            self.logger.info(self.log_func(kept))
        return kept


def _is_value(result: Any) -> bool:
    return result is not None and not isinstance(result, Exception)
