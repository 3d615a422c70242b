"""What all task runs of one pass over a flow have in common.

Source: core.md §8.2.2, §8.3 step 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context, current_layers
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from logging import Logger

    from prefect.context import Layers
    from prefect.engine.observer import Observer
    from prefect.engine.result import Result
    from prefect.engine.task_runner import TaskRunner

_INFO, _DEBUG = 20, 10


class RunSettings:
    """Shared, read-only facts of one pass.

    Attributes:
        layers: The context of the run; each task puts a layer of its own in front.
        flow_result: The flow's default result, or None.
        handlers: State handlers of the runner, called after those of the task.
        observer: Told of every change of state, or None.
        task_runner_cls: Class that runs the tasks, or None if the engine does so itself.
        runner: What handlers are called with, or None for a runner made for them.
        checkpointing: Whether values are written to where their results say.
        raises: Whether exceptions of tasks leave the run (``raise_on_exception``).
        logger: ``prefect.TaskRunner``.
        logs_info: Whether anybody listens at level INFO.
        logs_debug: Whether anybody listens at level DEBUG.
        takes_short_path: Whether plain tasks may skip the full pipeline.
    """

    __slots__ = (
        "checkpointing",
        "flow_result",
        "handlers",
        "layers",
        "logger",
        "logs_debug",
        "logs_info",
        "observer",
        "raises",
        "runner",
        "takes_short_path",
        "task_runner_cls",
    )

    def __init__(
        self,
        flow_result: Result | None = None,
        handlers: Iterable[Callable[..., Any]] | None = None,
        observer: Observer | None = None,
        takes_short_path: bool = True,
        task_runner_cls: type | None = None,
        runner: TaskRunner | None = None,
    ) -> None:
        self.layers: Layers = current_layers()
        self.flow_result = flow_result
        self.handlers = list(handlers or ())
        self.observer = observer
        self.task_runner_cls = task_runner_cls
        self.runner = runner
        configured = context["config"].flows.checkpointing
        self.checkpointing: bool = bool(context.get("checkpointing", configured))
        self.raises = bool(context.get("raise_on_exception"))
        self.logger: Logger = get_logger("TaskRunner")
        self.logs_info = self.logger.isEnabledFor(_INFO)
        self.logs_debug = self.logger.isEnabledFor(_DEBUG)
        self.takes_short_path = takes_short_path and task_runner_cls is None and not self.logs_debug
        if observer is None:
            # Nobody but the task looks at its run; with an observer the steps that remain see to all of this.
            self.takes_short_path = (
                self.takes_short_path
                and not self.handlers
                and flow_result is None
                and not self.checkpointing
                and not self.raises
            )
