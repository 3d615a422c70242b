"""Tasks for repositories on GitHub.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CreateBranch(
    OutsideTask,
    init="repo=None, base='master', branch_name=None",
    run="repo=None, base=None, branch_name=None, token=None",
):
    """Creates a branch."""


class GetRepoInfo(OutsideTask, init="repo=None, info_keys=None", run="repo=None, info_keys=None, token=None"):
    """Fetches what is known of a repository."""
