"""A task for comments on GitHub.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CreateIssueComment(
    OutsideTask,
    init="repo=None, issue_number=None, body=None",
    run="repo=None, issue_number=None, body=None, token=None",
):
    """Comments on an issue."""
