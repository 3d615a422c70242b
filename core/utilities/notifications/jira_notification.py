"""The notifier that creates Jira issues.

Source: core.md §19.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.utilities.notifications._shared import import_library, notifier, read_secret

if TYPE_CHECKING:
    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task


@notifier
def jira_notifier(
    tracked_obj: Flow | Task,
    new_state: State,
    server_URL: str | None = None,  # noqa: N803 - its name in 1.x
    options: dict[str, Any] | None = None,
    assignee: str = "-1",
) -> None:
    """Create a Jira issue.

    The secret ``JIRASECRETS`` holds ``{"JIRAUSER": ..., "JIRATOKEN": ..., "JIRASERVER": ...}``.

    Args:
        tracked_obj: The flow or task.
        new_state: Its new state.
        server_URL: Address of the Jira server, instead of the secret's.
        options: Fields of the issue, such as ``{"project": "OPS", "issuetype": {"name": "Task"}}``; a ``summary`` is
            written unless there is one.
        assignee: Who gets the issue; ``"-1"`` lets Jira choose.

    Raises:
        ImportError: The library ``jira`` is not installed.
        ValueError: The secret is missing.
        Exception: Whatever the library raises.
    """
    from datetime import datetime, timezone

    jira = import_library("jira", package="jira", needed_by="jira_notifier")
    secrets = read_secret("JIRASECRETS")
    now = datetime.now(timezone.utc).isoformat(" ", "seconds")
    summary = f"Message from Prefect: {tracked_obj.name} entered a {type(new_state).__name__} state at {now}"
    server = jira.JIRA(
        basic_auth=(secrets["JIRAUSER"], secrets["JIRATOKEN"]),
        options={"server": server_URL or secrets["JIRASERVER"]},
    )
    issue = server.create_issue({"summary": summary, **(options or {})})
    if assignee:
        server.assign_issue(issue, assignee)
