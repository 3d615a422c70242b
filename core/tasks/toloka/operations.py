"""Tasks for projects, pools and assignments of Toloka.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import outside_task

accept_assignment = outside_task(
    "accept_assignment",
    __name__,
    (
        "assignment_id, public_comment, fail_if_already_set=False, *, token=None, "
        "secret_name='TOLOKA_TOKEN', env='PRODUCTION'"
    ),
)
create_exam_pool = outside_task(
    "create_exam_pool", __name__, "obj, *, project_id=None, token=None, secret_name='TOLOKA_TOKEN', env='PRODUCTION'"
)
create_pool = outside_task(
    "create_pool",
    __name__,
    (
        "obj, *, project_id=None, exam_pool_id=None, expiration=None, reward_per_assignment=None, "
        "token=None, secret_name='TOLOKA_TOKEN', env='PRODUCTION'"
    ),
)
create_project = outside_task(
    "create_project", __name__, "obj, *, token=None, secret_name='TOLOKA_TOKEN', env='PRODUCTION'"
)
create_tasks = outside_task(
    "create_tasks",
    __name__,
    (
        "tasks, *, pool_id=None, allow_defaults=False, open_pool=False, skip_invalid_items=False, "
        "token=None, secret_name='TOLOKA_TOKEN', env='PRODUCTION'"
    ),
)
get_assignments = outside_task(
    "get_assignments",
    __name__,
    "pool_id, status=None, *, token=None, secret_name='TOLOKA_TOKEN', env='PRODUCTION', **kwargs",
)
get_assignments_df = outside_task(
    "get_assignments_df",
    __name__,
    (
        "pool_id, status=None, *, start_time_from=None, start_time_to=None, exclude_banned=False, "
        "field=None, token=None, secret_name='TOLOKA_TOKEN', env='PRODUCTION'"
    ),
)
open_exam_pool = outside_task(
    "open_exam_pool", __name__, "obj, *, token=None, secret_name='TOLOKA_TOKEN', env='PRODUCTION'"
)
open_pool = outside_task("open_pool", __name__, "obj, *, token=None, secret_name='TOLOKA_TOKEN', env='PRODUCTION'")
reject_assignment = outside_task(
    "reject_assignment",
    __name__,
    (
        "assignment_id, public_comment, fail_if_already_set=False, *, token=None, "
        "secret_name='TOLOKA_TOKEN', env='PRODUCTION'"
    ),
)
wait_pool = outside_task(
    "wait_pool",
    __name__,
    "pool_id, period=..., *, open_pool=False, token=None, secret_name='TOLOKA_TOKEN', env='PRODUCTION'",
)
