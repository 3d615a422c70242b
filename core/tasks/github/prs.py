"""A task for pull requests on GitHub.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CreateGitHubPR(
    OutsideTask,
    init="repo=None, title=None, body=None, head=None, base=None",
    run="repo=None, title=None, body=None, head=None, base=None, token=None",
):
    """Opens a pull request."""
