"""A task for Great Expectations.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class RunGreatExpectationsValidation(
    OutsideTask,
    init=(
        "checkpoint_name=None, ge_checkpoint=None, checkpoint_kwargs=None, context=None, "
        "assets_to_validate=None, batch_kwargs=None, expectation_suite_name=None, context_root_dir=None, "
        "runtime_environment=None, run_name=None, run_info_at_end=True, disable_markdown_artifact=False, "
        "validation_operator='action_list_operator', evaluation_parameters=None"
    ),
):
    """Validates data."""
