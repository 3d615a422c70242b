"""A task for issues on GitHub.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class OpenGitHubIssue(
    OutsideTask,
    init="repo=None, title=None, body=None, labels=None",
    run="repo=None, title=None, body=None, labels=None, token=None",
):
    """Opens an issue."""
