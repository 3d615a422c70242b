"""Toloka: projects, pools and assignments of crowds."""

from __future__ import annotations

from prefect.tasks.toloka.helpers import download_json as download_json
from prefect.tasks.toloka.operations import accept_assignment as accept_assignment
from prefect.tasks.toloka.operations import create_exam_pool as create_exam_pool
from prefect.tasks.toloka.operations import create_pool as create_pool
from prefect.tasks.toloka.operations import create_project as create_project
from prefect.tasks.toloka.operations import create_tasks as create_tasks
from prefect.tasks.toloka.operations import get_assignments as get_assignments
from prefect.tasks.toloka.operations import get_assignments_df as get_assignments_df
from prefect.tasks.toloka.operations import open_exam_pool as open_exam_pool
from prefect.tasks.toloka.operations import open_pool as open_pool
from prefect.tasks.toloka.operations import reject_assignment as reject_assignment
from prefect.tasks.toloka.operations import wait_pool as wait_pool

__all__ = [
    "accept_assignment",
    "create_exam_pool",
    "create_pool",
    "create_project",
    "create_tasks",
    "download_json",
    "get_assignments",
    "get_assignments_df",
    "open_exam_pool",
    "open_pool",
    "reject_assignment",
    "wait_pool",
]
