"""State handlers that tell people about changes of state: by Slack, mail, Jira or a Snowflake table.

Each notifier can be used as a state handler as it is, or be configured first by calling it with keywords only:
``state_handlers=[slack_notifier(only_states=[Failed])]``. It returns the new state unchanged.

Source: core.md §19.1.
"""

from __future__ import annotations

from functools import partial, wraps
from importlib import import_module
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from prefect.context import context

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task

    StateClasses = Sequence[type[State]] | None

__all__ = [
    "callback_factory",
    "gmail_notifier",
    "jira_notifier",
    "slack_message_formatter",
    "slack_notifier",
    "snowflake_logger",
    "snowflake_message_formatter",
]

#: A notification must not hold a flow up for longer, in seconds.
_TIMEOUT_SECONDS = 30
_GMAIL = ("smtp.gmail.com", 465)
_ICON = "https://emoji.slack-edge.com/TAN3D79AL/prefect/2497370f58500a5a.png"


def callback_factory(
    fn: Callable[[Any, State], Any], check: Callable[[State], bool]
) -> Callable[[Any, State, State], State]:
    """Make a state handler of a function and a condition.

    Args:
        fn: Called as ``fn(flow_or_task, new_state)``.
        check: Called with the new state; ``fn`` is called if it returns True itself, not merely something true.
    """

    def handle(tracked_obj: Any, old_state: State, new_state: State) -> State:
        if check(new_state) is True:
            fn(tracked_obj, new_state)
        return new_state

    return handle


def _curried(notify: Callable[..., State]) -> Callable[..., Any]:
    """Let a notifier collect its arguments over several calls, until those of a state handler are among them."""
    accepted = signature(notify)
    required = {name for name, parameter in accepted.parameters.items() if parameter.default is Parameter.empty}

    @wraps(notify)
    def collect(*args: Any, **kwargs: Any) -> Any:
        given = accepted.bind_partial(*args, **kwargs).arguments
        return notify(*args, **kwargs) if required <= set(given) else partial(collect, *args, **kwargs)

    return collect


def _is_wanted(state: State, ignore_states: StateClasses, only_states: StateClasses) -> bool:
    if ignore_states and isinstance(state, tuple(ignore_states)):
        return False
    return not only_states or isinstance(state, tuple(only_states))


def _secret(name: str) -> Any:
    from prefect.client.secrets import Secret

    return Secret(name).get()


def _details(state: State) -> tuple[str, bool]:
    """Return what there is to say about a state, and whether it is an exception's repr."""
    if isinstance(state.result, Exception):
        return repr(state.result), True
    return "" if state.message is None else str(state.message), False


# ---- Slack -----------------------------------------------------------------------------------------------------


def slack_message_formatter(tracked_obj: Flow | Task, state: State, backend_info: bool = True) -> dict[str, Any]:
    """Return the message that :func:`slack_notifier` posts.

    Args:
        tracked_obj: The flow or task.
        state: Its new state.
        backend_info: Link to the page of the run, if it has one.
    """
    details, is_code = _details(state)
    value = f"```{details}```" if is_code else details
    attachment = {
        "fallback": "State change notification",
        "color": state.color,
        "author_name": "Prefect",
        "author_link": "https://www.prefect.io/",
        "author_icon": _ICON,
        "title": type(state).__name__,
        "fields": [{"title": "Message", "value": value, "short": False}] if value else [],
        "text": f"{tracked_obj.name} is now in a {type(state).__name__} state",
        "footer": "Prefect notification",
    }
    return {"attachments": [attachment]}


@_curried
def slack_notifier(
    tracked_obj: Flow | Task,
    old_state: State,
    new_state: State,
    ignore_states: StateClasses = None,
    only_states: StateClasses = None,
    webhook_secret: str | None = None,
    backend_info: bool = True,
    proxies: dict[str, str] | None = None,
) -> State:
    """Post a message to a Slack webhook.

    Args:
        tracked_obj: The flow or task.
        old_state: Its old state.
        new_state: Its new state.
        ignore_states: State classes of which nothing is told.
        only_states: State classes of which alone is told.
        webhook_secret: Name of the secret that holds the URL; ``SLACK_WEBHOOK_URL`` by default.
        backend_info: As for :func:`slack_message_formatter`.
        proxies: Scheme → URL of a proxy; by default what the environment says.

    Raises:
        ValueError: The secret is missing or no web address, or Slack did not take the message.
    """
    if not _is_wanted(new_state, ignore_states, only_states):
        return new_state
    name = webhook_secret or "SLACK_WEBHOOK_URL"
    url = str(_secret(name))
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"The secret {name!r} is not a web address. Set it to the URL of a Slack webhook.")
    message = slack_message_formatter(tracked_obj, new_state, backend_info)
    try:
        _post_json(url, message, proxies)
    except OSError as error:
        raise ValueError(f"Slack notification for {tracked_obj!r} failed: {error}.") from error
    return new_state


def _post_json(url: str, document: Any, proxies: dict[str, str] | None) -> None:
    import json
    from urllib.request import ProxyHandler, Request, build_opener

    request = Request(url, data=json.dumps(document).encode(), headers={"Content-Type": "application/json"})
    with build_opener(ProxyHandler(proxies)).open(request, timeout=_TIMEOUT_SECONDS):
        pass  # a refusal raises HTTPError, which is an OSError


# ---- mail ------------------------------------------------------------------------------------------------------


@_curried
def gmail_notifier(
    tracked_obj: Flow | Task,
    old_state: State,
    new_state: State,
    ignore_states: StateClasses = None,
    only_states: StateClasses = None,
) -> State:
    """Mail the user of a Gmail account, from that account.

    The secrets ``EMAIL_USERNAME`` and ``EMAIL_PASSWORD`` hold the address and an app password.

    Args:
        tracked_obj: The flow or task.
        old_state: Its old state.
        new_state: Its new state.
        ignore_states: State classes of which nothing is told.
        only_states: State classes of which alone is told.

    Raises:
        ValueError: A secret is missing, or Gmail did not take the mail.
    """
    if not _is_wanted(new_state, ignore_states, only_states):
        return new_state
    import ssl
    from smtplib import SMTP_SSL

    user, password = str(_secret("EMAIL_USERNAME")), str(_secret("EMAIL_PASSWORD"))
    message = _mail(tracked_obj, new_state, user)
    try:
        with SMTP_SSL(*_GMAIL, timeout=_TIMEOUT_SECONDS, context=ssl.create_default_context()) as server:
            server.login(user, password)
            server.send_message(message)
    except OSError as error:
        raise ValueError(f"Email notification for {tracked_obj!r} failed: {error}.") from error
    return new_state


def _mail(tracked_obj: Flow | Task, state: State, address: str) -> Any:
    from email.message import EmailMessage
    from html import escape

    details, is_code = _details(state)
    kind, name = type(state).__name__, str(tracked_obj.name)
    message = EmailMessage()
    # A line break in a name would begin a header of its own.
    message["Subject"] = f"Prefect state change notification for {' '.join(name.split())}"
    message["From"] = message["To"] = address
    message.set_content(f"{name} is now in a {kind} state\n\nMessage: {details}\n")
    shown = f"<pre>{escape(details)}</pre>" if is_code else escape(details)
    message.add_alternative(
        f'<p><code>{escape(name)}</code> is now in a <b style="color: {state.color}">{kind}</b> state</p>\n'
        f"<p>Message: {shown}</p>\n",
        subtype="html",
    )
    return message


# ---- Jira ------------------------------------------------------------------------------------------------------


@_curried
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
    if not _is_wanted(new_state, ignore_states, only_states):
        return new_state
    try:
        jira = import_module("jira")
    except ImportError as error:
        raise ImportError('`jira_notifier` needs the library `jira`. Install it: pip install "jira".') from error
    from datetime import datetime, timezone

    secrets = _secret("JIRASECRETS")
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


# ---- Snowflake -------------------------------------------------------------------------------------------------


def snowflake_message_formatter(tracked_obj: Flow | Task, state: State) -> dict[str, Any]:
    """Return what :func:`snowflake_logger` inserts: ids and names, the state, and a list with its message.

    Args:
        tracked_obj: The flow or task.
        state: Its new state.
    """
    details, _ = _details(state)
    return {
        "flow_id": context.get("flow_run_id"),
        "flow_name": context.get("flow_name"),
        "task_name": tracked_obj.name,
        "state": type(state).__name__,
        "message": [{"value": details}] if details else [],
    }


@_curried
def snowflake_logger(
    tracked_obj: Flow | Task,
    old_state: State,
    new_state: State,
    ignore_states: StateClasses = None,
    only_states: StateClasses = None,
    snowflake_secret: str | None = None,
    snowflake_log_table_name: str | None = None,
    test_env: bool = False,
) -> State:
    """Insert a row into a Snowflake table.

    Its columns are ``FLOW_ID, FLOW_NAME, TASK_NAME, STATE, MESSAGE, INGESTED_AT``.

    Args:
        tracked_obj: The flow or task.
        old_state: Its old state.
        new_state: Its new state.
        ignore_states: State classes of which nothing is told.
        only_states: State classes of which alone is told.
        snowflake_secret: Name of the secret with the arguments of the connection (``account``, ``user``, ``password``,
            ``role``, ``warehouse``); ``SNOWFLAKE_CREDS`` by default.
        snowflake_log_table_name: Name of the secret with the full name of the table; ``LOG_TABLE_NAME_FULL`` by default.
        test_env: Print the statement and its values instead of running it.

    Raises:
        ImportError: The library ``snowflake-connector-python`` is not installed.
        ValueError: A secret is missing.
        Exception: Whatever the library raises.
    """
    import json

    if not _is_wanted(new_state, ignore_states, only_states):
        return new_state
    credentials = dict(_secret(snowflake_secret or "SNOWFLAKE_CREDS"))
    table = _secret(snowflake_log_table_name or "LOG_TABLE_NAME_FULL")
    columns = "FLOW_ID, FLOW_NAME, TASK_NAME, STATE, MESSAGE, INGESTED_AT"
    statement = f"INSERT INTO {table} ({columns}) VALUES (%s, %s, %s, %s, %s, CURRENT_TIMESTAMP())"
    row = snowflake_message_formatter(tracked_obj, new_state)
    values = (*(row[name] for name in ("flow_id", "flow_name", "task_name", "state")), json.dumps(row["message"]))
    if test_env:
        print(statement, values)  # noqa: T201 - what the argument asks for
        return new_state
    try:
        connector = import_module("snowflake.connector")
    except ImportError as error:
        raise ImportError(
            "`snowflake_logger` needs the library `snowflake-connector-python`."
            ' Install it: pip install "snowflake-connector-python".'
        ) from error
    with connector.connect(**credentials) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
    return new_state
