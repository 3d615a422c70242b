"""``ECSRun``: a run as a task of AWS's container service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.run_configs.base import RunConfig

if TYPE_CHECKING:
    from collections.abc import Iterable


class ECSRun(RunConfig):
    """Run as a task of AWS's Elastic Container Service.

    Args:
        task_definition: The definition itself, as a dictionary or YAML text.
        task_definition_path: YAML file of the definition. One of this machine (no scheme, ``file://``, ``local://``) is
            read now, any other by the agent.
        task_definition_arn: ARN of a definition that is registered already.
        image: Image of the task's container.
        env: Environment variables of the run, name → value.
        cpu: CPU units, such as ``1024`` or ``"1 vCPU"``.
        memory: Memory in MiB, or such as ``"2 GB"``.
        task_role_arn: Role of the task.
        execution_role_arn: Role that starts the task.
        run_task_kwargs: More arguments of ``run_task``.
        labels: Only an agent that has all of these takes the run.

    Raises:
        ValueError: More than one form of definition is given, or an ARN together with an image; or a definition's file
            holds no YAML mapping.
        OSError: The definition's file cannot be read.
        ImportError: The definition's file is to be read now and PyYAML is not installed.

    Source:
        core.md §15.
    """

    def __init__(
        self,
        *,
        task_definition: dict[str, Any] | str | None = None,
        task_definition_path: str | None = None,
        task_definition_arn: str | None = None,
        image: str | None = None,
        env: dict[str, Any] | None = None,
        cpu: int | str | None = None,
        memory: int | str | None = None,
        task_role_arn: str | None = None,
        execution_role_arn: str | None = None,
        run_task_kwargs: dict[str, Any] | str | None = None,
        labels: Iterable[str] | None = None,
    ) -> None:
        super().__init__(env=env, labels=labels)
        if sum(form is not None for form in (task_definition, task_definition_path, task_definition_arn)) > 1:
            raise ValueError(
                "Can only provide one of `task_definition`, `task_definition_path` and `task_definition_arn`."
            )
        if task_definition_arn is not None and image is not None:
            raise ValueError(
                "Cannot provide both `task_definition_arn` and `image`: a registered definition has an image of its own."
            )
        if task_definition_path is not None:
            from prefect.run_configs.templates import is_here, read_template

            if is_here(task_definition_path):
                task_definition, task_definition_path = read_template(task_definition_path), None
        self.task_definition = task_definition
        self.task_definition_path = task_definition_path
        self.task_definition_arn = task_definition_arn
        self.image = image
        self.cpu = None if cpu is None else str(cpu)
        self.memory = None if memory is None else str(memory)
        self.task_role_arn = task_role_arn
        self.execution_role_arn = execution_role_arn
        self.run_task_kwargs = run_task_kwargs
