"""A task for AWS Step Functions.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class StepActivate(
    OutsideTask,
    init="state_machine_arn=None, execution_name=None, execution_input='{}', boto_kwargs=None",
    run="credentials=None, state_machine_arn=None, execution_name=None, execution_input=None, boto_kwargs=None",
):
    """Starts an execution of a state machine."""
