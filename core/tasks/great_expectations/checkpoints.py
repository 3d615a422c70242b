"""``RunGreatExpectationsValidation``: validation of data with Great Expectations.

Source: core.md §21.9.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from typing import Any, Optional

import prefect
from prefect.backend.artifacts import create_markdown_artifact
from prefect.engine import signals
from prefect.task import Task
from prefect.utilities._extras import import_extra
from prefect.utilities.tasks import defaults_from_attrs


class RunGreatExpectationsValidation(Task):
    """Validates data, and fails if they do not meet the expectations.

    What is validated is said in one of three ways: ``checkpoint_name``, ``ge_checkpoint`` or ``assets_to_validate``.

    Args:
        checkpoint_name: Name of a checkpoint of the project.
        ge_checkpoint: A checkpoint.
        checkpoint_kwargs: Further arguments for running the checkpoint.
        context: The data context; by default that of ``context_root_dir``.
        assets_to_validate: Validators that a validation operator of the project is run with.
        batch_kwargs: Was for versions of Great Expectations that no longer install; refused.
        expectation_suite_name: Went with ``batch_kwargs``; without them it has no effect.
        context_root_dir: Folder of ``great_expectations.yml``; by default the one in the working directory or above.
        runtime_environment: Values for the placeholders in that file.
        run_name: Name of the validation; by default the slug of the task.
        run_info_at_end: Let the page of results tell of the run after the results, rather than before.
        disable_markdown_artifact: Make no artifact of that page.
        validation_operator: Name of the validation operator.
        evaluation_parameters: Values for parameters in expectations.
        **kwargs: Arguments of ``Task``.

    Source:
        core.md §21.9.
    """

    def __init__(
        self,
        checkpoint_name: str | None = None,
        ge_checkpoint: Any = None,
        checkpoint_kwargs: dict[str, Any] | None = None,
        context: Any = None,
        assets_to_validate: list[Any] | None = None,
        batch_kwargs: dict[str, Any] | None = None,
        expectation_suite_name: str | None = None,
        context_root_dir: str | None = None,
        runtime_environment: dict[str, Any] | None = None,
        run_name: str | None = None,
        run_info_at_end: bool = True,
        disable_markdown_artifact: bool = False,
        validation_operator: str = "action_list_operator",
        evaluation_parameters: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.checkpoint_name = checkpoint_name
        self.ge_checkpoint = ge_checkpoint
        self.checkpoint_kwargs = checkpoint_kwargs
        self.context = context
        self.assets_to_validate = assets_to_validate
        self.batch_kwargs = batch_kwargs
        self.expectation_suite_name = expectation_suite_name
        self.context_root_dir = context_root_dir
        self.runtime_environment = runtime_environment
        self.run_name = run_name
        self.run_info_at_end = run_info_at_end
        self.disable_markdown_artifact = disable_markdown_artifact
        self.validation_operator = validation_operator
        self.evaluation_parameters = evaluation_parameters
        super().__init__(**kwargs)

    @defaults_from_attrs(
        "checkpoint_name",
        "ge_checkpoint",
        "checkpoint_kwargs",
        "context",
        "assets_to_validate",
        "batch_kwargs",
        "expectation_suite_name",
        "context_root_dir",
        "runtime_environment",
        "run_name",
        "run_info_at_end",
        "disable_markdown_artifact",
        "validation_operator",
        "evaluation_parameters",
    )
    def run(
        self,
        checkpoint_name: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        ge_checkpoint: Any = None,
        checkpoint_kwargs: dict = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
        context: Any = None,
        assets_to_validate: list = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
        batch_kwargs: dict = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013 - as above
        expectation_suite_name: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        context_root_dir: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        runtime_environment: Optional[dict] = None,  # type: ignore[type-arg]  # noqa: UP045 - as above
        run_name: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        run_info_at_end: bool = True,
        disable_markdown_artifact: bool = False,
        validation_operator: str = "action_list_operator",
        evaluation_parameters: Optional[dict] = None,  # type: ignore[type-arg]  # noqa: UP045 - as above
    ) -> Any:
        """Validate, and return what Great Expectations says of it. Each argument is in place of that of the task.

        In a run that a backend keeps the page of results is shown with the task.

        Returns:
            A ``CheckpointResult``, or with ``assets_to_validate`` a ``ValidationOperatorResult``.

        Raises:
            DataContextError: There is no such project, checkpoint or validation operator.
            FAIL: The data do not meet the expectations; the result of the state is what would have been returned.
            ImportError: The ``ge`` extra is not installed.
            ValueError: It is not said what is validated, or more than once, or with ``batch_kwargs``.
        """
        if batch_kwargs is not None:
            raise ValueError(
                "RunGreatExpectationsValidation has `batch_kwargs`, which Great Expectations no longer takes. Name a"
                " checkpoint that says which data are validated."
            )
        if [checkpoint_name, ge_checkpoint, assets_to_validate].count(None) != 2:
            raise ValueError(
                "RunGreatExpectationsValidation has not exactly one thing to validate. Give it one of `checkpoint_name`,"
                " `ge_checkpoint` and `assets_to_validate`."
            )
        import_extra("great_expectations", package="great-expectations", extra="ge", purpose=type(self).__name__)
        named = {
            "run_name": run_name or prefect.context.get("task_slug"),
            "evaluation_parameters": evaluation_parameters,
        }
        if ge_checkpoint is None and context is None:
            context = _context(context_root_dir, runtime_environment)
        if assets_to_validate is not None:
            results = context.run_validation_operator(
                validation_operator, assets_to_validate=assets_to_validate, **named
            )
        else:
            checkpoint = ge_checkpoint or context.get_checkpoint(checkpoint_name)
            results = checkpoint.run(**{**named, **(checkpoint_kwargs or {})})
        if not disable_markdown_artifact:
            create_markdown_artifact(_page(results, run_info_at_end))
        if not results.success:
            failed = [result for result in results.list_validation_results() if not result.success]
            raise signals.FAIL(
                f"{len(failed)} of {len(results.list_validation_results())} validations failed", result=results
            )
        return results


def _context(root: str | None, runtime_environment: dict[str, Any] | None) -> Any:
    from great_expectations.data_context import FileDataContext

    return FileDataContext(
        context_root_dir=root or FileDataContext.find_context_root_dir(), runtime_environment=runtime_environment
    )


def _page(results: Any, run_info_at_end: bool) -> str:
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultMarkdownPageView

    renderer = ValidationResultsPageRenderer(run_info_at_end=run_info_at_end)
    pages = DefaultMarkdownPageView().render(renderer.render_validation_operator_result(results))
    return pages if isinstance(pages, str) else "\n".join(pages)
