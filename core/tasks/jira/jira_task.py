"""A task for issues of Jira.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class JiraTask(
    OutsideTask,
    init="server_url=None, project_name=None, assignee='-1', issue_type=None, summary=None, description=None",
    run=(
        "username=None, access_token=None, server_url=None, project_name=None, assignee='-1', "
        "issue_type=None, summary=None, description=None"
    ),
):
    """Opens an issue."""
