"""Tasks that make, await, rename and cancel runs of other flows.

Source: core.md §21.6; backend.md §22.1.
"""

from __future__ import annotations

from prefect.tasks.prefect.flow_run import StartFlowRun as StartFlowRun
from prefect.tasks.prefect.flow_run import create_flow_run as create_flow_run
from prefect.tasks.prefect.flow_run import get_task_run_result as get_task_run_result
from prefect.tasks.prefect.flow_run import wait_for_flow_run as wait_for_flow_run
from prefect.tasks.prefect.flow_run_cancel import CancelFlowRun as CancelFlowRun
from prefect.tasks.prefect.flow_run_rename import RenameFlowRun as RenameFlowRun

__all__ = [
    "CancelFlowRun",
    "RenameFlowRun",
    "StartFlowRun",
    "create_flow_run",
    "get_task_run_result",
    "wait_for_flow_run",
]
