"""State handlers that tell people about changes of state by Slack, mail or a Snowflake table.

Source: core.md §19.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context
from prefect.utilities.notifications._shared import (
    TIMEOUT_SECONDS,
    details_of,
    import_library,
    notifier,
    post_to_slack,
    read_secret,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task

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


# ---- Slack -----------------------------------------------------------------------------------------------------


def slack_message_formatter(tracked_obj: Flow | Task, state: State, backend_info: bool = True) -> dict[str, Any]:
    """Return the message that :func:`slack_notifier` posts.

    Args:
        tracked_obj: The flow or task.
        state: Its new state.
        backend_info: Link to the page of the run, if it has one.
    """
    details, is_code = details_of(state)
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
    if backend_info and (page := _page_of(tracked_obj)):
        attachment["title_link"] = page
    return {"attachments": [attachment]}


def _page_of(tracked_obj: Flow | Task) -> str | None:
    """Return the address of the page of the run that is going on, or None if no backend keeps it."""
    if not context.get("running_with_backend"):
        return None
    from prefect.client import Client
    from prefect.flow import Flow

    kind, id = ("flow-run", "flow_run_id") if isinstance(tracked_obj, Flow) else ("task-run", "task_run_id")
    return Client().get_cloud_url(kind, context[id])


@notifier
def slack_notifier(
    tracked_obj: Flow | Task,
    new_state: State,
    webhook_secret: str | None = None,
    backend_info: bool = True,
    proxies: dict[str, str] | None = None,
) -> None:
    """Post a message to a Slack webhook.

    Args:
        tracked_obj: The flow or task.
        new_state: Its new state.
        webhook_secret: Name of the secret that holds the URL; ``SLACK_WEBHOOK_URL`` by default.
        backend_info: As for :func:`slack_message_formatter`.
        proxies: Scheme → URL of a proxy; by default what the environment says.

    Raises:
        ValueError: The secret is missing or no web address, or Slack did not take the message.
    """
    name = webhook_secret or "SLACK_WEBHOOK_URL"
    url = read_secret(name)
    message = slack_message_formatter(tracked_obj, new_state, backend_info)
    try:
        post_to_slack(url, message, named=f"The secret {name!r}", proxies=proxies)
    except OSError as error:
        raise ValueError(
            f"Slack notification for {tracked_obj!r} failed: {error}. Check the webhook in the secret {name!r}."
        ) from error


# ---- mail ------------------------------------------------------------------------------------------------------


@notifier
def gmail_notifier(tracked_obj: Flow | Task, new_state: State) -> None:
    """Mail the user of a Gmail account, from that account.

    The secrets ``EMAIL_USERNAME`` and ``EMAIL_PASSWORD`` hold the address and an app password.

    Args:
        tracked_obj: The flow or task.
        new_state: Its new state.

    Raises:
        ValueError: A secret is missing, or Gmail did not take the mail.
    """
    import ssl
    from smtplib import SMTP_SSL

    user, password = str(read_secret("EMAIL_USERNAME")), str(read_secret("EMAIL_PASSWORD"))
    message = _mail(tracked_obj, new_state, user)
    try:
        with SMTP_SSL(*_GMAIL, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()) as server:
            server.login(user, password)
            server.send_message(message)
    except OSError as error:
        raise ValueError(
            f"Email notification for {tracked_obj!r} failed: {error}."
            " Check the secrets EMAIL_USERNAME and EMAIL_PASSWORD."
        ) from error


def _mail(tracked_obj: Flow | Task, state: State, address: str) -> Any:
    from email.message import EmailMessage
    from html import escape

    details, is_code = details_of(state)
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


# ---- Snowflake -------------------------------------------------------------------------------------------------


def snowflake_message_formatter(tracked_obj: Flow | Task, state: State) -> dict[str, Any]:
    """Return what :func:`snowflake_logger` inserts: ids and names, the state, and a list with its message.

    Args:
        tracked_obj: The flow or task.
        state: Its new state.
    """
    details, _ = details_of(state)
    return {
        "flow_id": context.get("flow_run_id"),
        "flow_name": context.get("flow_name"),
        "task_name": tracked_obj.name,
        "state": type(state).__name__,
        "message": [{"value": details}] if details else [],
    }


@notifier
def snowflake_logger(
    tracked_obj: Flow | Task,
    new_state: State,
    snowflake_secret: str | None = None,
    snowflake_log_table_name: str | None = None,
    test_env: bool = False,
) -> None:
    """Insert a row into a Snowflake table.

    Its columns are ``FLOW_ID, FLOW_NAME, TASK_NAME, STATE, MESSAGE, INGESTED_AT``.

    Args:
        tracked_obj: The flow or task.
        new_state: Its new state.
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

    credentials = dict(read_secret(snowflake_secret or "SNOWFLAKE_CREDS"))
    table = read_secret(snowflake_log_table_name or "LOG_TABLE_NAME_FULL")
    columns = "FLOW_ID, FLOW_NAME, TASK_NAME, STATE, MESSAGE, INGESTED_AT"
    statement = f"INSERT INTO {table} ({columns}) VALUES (%s, %s, %s, %s, %s, CURRENT_TIMESTAMP())"
    row = snowflake_message_formatter(tracked_obj, new_state)
    values = (*(row[name] for name in ("flow_id", "flow_name", "task_name", "state")), json.dumps(row["message"]))
    if test_env:
        print(statement, values)  # noqa: T201 - what the argument asks for
        return
    connector = import_library("snowflake.connector", "snowflake-connector-python", needed_by="snowflake_logger")
    with connector.connect(**credentials) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
