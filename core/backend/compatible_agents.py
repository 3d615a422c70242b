"""Which agent could take a flow run that waits.

Source: backend.md §20.5; cli.md §3.11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.client.moments import as_moment
from prefect.client.transport import connected_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.storage.state.journal import Record


def check_for_compatible_agents(labels: Iterable[str], since_minutes: int = 1) -> str:
    """Return a sentence or two on whether there is an agent for runs with these labels, and what to do if not.

    Args:
        labels: Labels of a run.
        since_minutes: An agent is healthy if it asked for runs within so many minutes.
    """
    from prefect.orchestration.agents import agents
    from prefect.orchestration.times import later

    store = connected_store()
    since = later(store.system.now(), -60.0 * since_minutes)
    wanted = set(labels)
    known = agents(store)
    healthy = [agent for agent in known if (agent["last_queried"] or "") >= since]
    unhealthy = [agent for agent in known if agent not in healthy and _fits(agent, wanted)]
    fitting = [agent for agent in healthy if _fits(agent, wanted)]
    if len(fitting) == 1:
        return (
            f"Agent {_named(fitting[0])} has matching labels and last queried {_ago(fitting[0])}."
            " It should deploy your flow run."
        )
    if fitting:
        return f"Found {len(fitting)} healthy agents with matching labels. One of them should pick up your flow."
    start = f"Start one with {_labels_text(wanted)}: `{_command(wanted)}`."
    if len(unhealthy) == 1:
        return (
            f"Agent {_named(unhealthy[0])} has matching labels and last queried {_ago(unhealthy[0])}; it looks"
            f" unhealthy. Restart it, or start a new one: `{_command(wanted)}`."
        )
    if unhealthy:
        return (
            f"Found {len(unhealthy)} agents with matching labels but they all look unhealthy. Restart one of them, or"
            f" start a new one: `{_command(wanted)}`."
        )
    if healthy:
        return (
            f"You have {len(healthy)} healthy agents in your tenant but do not have an agent with"
            f" {_labels_text(wanted)}. {start}"
        )
    return f"Your tenant does not have any healthy agents. {start}"


def _fits(agent: Record, wanted: set[str]) -> bool:
    labels = set(agent["labels"])
    return wanted <= labels and bool(wanted or not labels)


def _named(agent: Record) -> str:
    return f"{agent['id']} ({agent['name']})" if agent["name"] else str(agent["id"])


def _ago(agent: Record) -> str:
    return str(as_moment(agent["last_queried"]).diff_for_humans()) if agent["last_queried"] else "never"


def _labels_text(labels: set[str]) -> str:
    return f"labels {{{', '.join(map(repr, sorted(labels)))}}}" if labels else "empty labels"


def _command(labels: set[str]) -> str:
    import shlex

    # The hostname would be a label of its own.
    options = [f"--label {shlex.quote(label)}" for label in sorted(labels)] or ["--no-hostname-label"]
    return " ".join(["prefect agent local start", *options])
