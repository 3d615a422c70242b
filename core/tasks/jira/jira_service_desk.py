"""A task for service desks of Jira.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class JiraServiceDeskTask(
    OutsideTask,
    init="server_url=None, service_desk_id=None, issue_type=None, summary=None, description=None",
    run=(
        "username=None, access_token=None, server_url=None, service_desk_id=None, issue_type=None, "
        "summary=None, description=None"
    ),
):
    """Opens a request."""
