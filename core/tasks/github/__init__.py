"""GitHub: issues, pull requests, comments, branches and repositories."""

from __future__ import annotations

from prefect.tasks.github.comments import CreateIssueComment as CreateIssueComment
from prefect.tasks.github.issues import OpenGitHubIssue as OpenGitHubIssue
from prefect.tasks.github.prs import CreateGitHubPR as CreateGitHubPR
from prefect.tasks.github.repos import CreateBranch as CreateBranch
from prefect.tasks.github.repos import GetRepoInfo as GetRepoInfo

__all__ = ["CreateBranch", "CreateGitHubPR", "CreateIssueComment", "GetRepoInfo", "OpenGitHubIssue"]
