"""The notifier that creates Jira issues.

Source: core.md §19.1.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from prefect.utilities.notifications._shared import curried, is_wanted, read_secret

if TYPE_CHECKING:
    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task
    from prefect.utilities.notifications._shared import StateClasses


@curried
def jira_notifier(
    tracked_obj: Flow | Task,
    old_state: State,
    new_state: State,
    ignore_states: StateClasses = None,
    only_states: StateClasses = None,
    server_URL: str | None = None,  # noqa: N803 - its name in 1.x
    options: dict[str, Any] | None = None,
    assignee: str = "-1",
) -> State:
    """Create a Jira issue.

    The secret ``JIRASECRETS`` holds ``{"JIRAUSER": ..., "JIRATOKEN": ..., "JIRASERVER": ...}``.

    Args:
        tracked_obj: The flow or task.
        old_state: Its old state.
        new_state: Its new state.
        ignore_states: State classes of which nothing is told.
        only_states: State classes of which alone is told.
        server_URL: Address of the Jira server, instead of the secret's.
        options: Fields of the issue, such as ``{"project": "OPS", "issuetype": {"name": "Task"}}``; a ``summary`` is
            written unless there is one.
        assignee: Who gets the issue; ``"-1"`` lets Jira choose.

    Raises:
        ImportError: The library ``jira`` is not installed.
        ValueError: The secret is missing.
        Exception: Whatever the library raises.
    """
    if not is_wanted(new_state, ignore_states, only_states):
        return new_state
    try:
        jira = import_module("jira")
    except ImportError as error:
        raise ImportError('`jira_notifier` needs the library `jira`. Install it: pip install "jira".') from error
    from datetime import datetime, timezone

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
    return new_state
