"""``prefect agent``.

Source: cli.md §8.
"""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from prefect.cli.errors import USAGE, CommandError
from prefect.cli.group import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

EPILOG = """\b
Examples:
  Execute what is registered on this machine
    $ prefect agent local start
  Take only runs labelled gpu or prod, and show what they print
    $ prefect agent local start --no-hostname-label --label gpu --label prod --show-flow-logs
"""


@click.group("agent", cls=Group, epilog=EPILOG)
def agent() -> None:
    """Start agents, which execute flow runs.

    An agent takes flow runs that are due and whose labels are among its own, and starts a process for each.
    """


@agent.group("local", cls=Group, epilog=EPILOG)
def local() -> None:
    """Execute flow runs in processes on this machine."""


def _env_pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not of the form KEY=VALUE.", ctx, param)
        pairs[name] = text
    return pairs


def _common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that starting and installing an agent share."""
    for option in reversed(
        (
            click.option("-k", "--key", metavar="KEY", help="API key; accepted as in 1.x, and not needed."),
            click.option("--tenant-id", metavar="ID", help="Tenant of the agent; accepted as in 1.x, and not needed."),
            click.option(
                "-l",
                "--label",
                "labels",
                multiple=True,
                metavar="LABEL",
                help="Label of flow runs the agent takes; may be repeated. Default: cloud.agent.labels.",
            ),
            click.option(
                "-e",
                "--env",
                multiple=True,
                metavar="KEY=VALUE",
                callback=_env_pairs,
                help="Variable for the environment of every flow run; may be repeated.",
            ),
            click.option("--agent-config-id", metavar="ID", help="Id of a record with settings of the agent."),
            click.option(
                "-p",
                "--import-path",
                "import_paths",
                multiple=True,
                metavar="FOLDER",
                help="Folder that flow runs import from; may be repeated.",
            ),
            click.option("-f", "--show-flow-logs", is_flag=True, help="Print what flow runs print."),
        )
    ):
        function = option(function)
    return function


START_EPILOG = """\b
Examples:
  $ prefect agent local start
  Take runs labelled gpu, with a variable for each
    $ prefect agent local start --label gpu --env CUDA_VISIBLE_DEVICES=0
  End after the queue was asked three times
    $ prefect agent local start --max-polls 3
"""


@local.command("start", epilog=START_EPILOG, short_help="Start an agent in this process.")
@_common_options
@click.option(
    "-a", "--api", metavar="URL", help="URL of an API; accepted as in 1.x. This version uses the local store."
)
@click.option("-n", "--name", metavar="NAME", help="Name of the agent. Default: cloud.agent.name.")
@click.option("--max-polls", type=click.IntRange(min=0), metavar="N", help="End after N polls of the queue.")
@click.option(
    "--agent-address",
    metavar="URL",
    help="Serve GET /api/health and /api/poke at http://HOST:PORT. Default: cloud.agent.agent_address.",
)
@click.option("--no-cloud-logs", is_flag=True, help="Do not keep the log lines of flow runs.")
@click.option(
    "--log-level",
    type=click.Choice(_LEVELS, case_sensitive=False),
    metavar=f"[{'|'.join(_LEVELS)}]",
    help="Least level of the agent's own lines. Default: cloud.agent.level.",
)
@click.option(
    "--hostname-label/--no-hostname-label",
    default=True,
    help="Whether the name of this machine is one of the labels. Default: it is.",
)
def start(
    key: str | None,
    tenant_id: str | None,
    labels: tuple[str, ...],
    env: dict[str, str],
    agent_config_id: str | None,
    import_paths: tuple[str, ...],
    show_flow_logs: bool,
    api: str | None,
    name: str | None,
    max_polls: int | None,
    agent_address: str | None,
    no_cloud_logs: bool,
    log_level: str | None,
    hostname_label: bool,
) -> None:
    """Start an agent in this process and keep it running until Ctrl-C or SIGTERM.

    Flow runs that it has started go on when it ends.
    """
    from prefect.agent.local import LocalAgent
    from prefect.cli.garbage import collect_garbage_from_now_on
    from prefect.cli.signals import Terminated, termination_raises

    with _agent_level(log_level):
        try:
            agent = LocalAgent(
                agent_config_id=agent_config_id,
                name=name,
                labels=list(labels) or None,
                env_vars=env or None,
                import_paths=list(import_paths),
                show_flow_logs=show_flow_logs,
                hostname_label=hostname_label,
                max_polls=max_polls,
                agent_address=agent_address,
                no_cloud_logs=no_cloud_logs or None,
            )
        except ValueError as error:
            raise CommandError(str(error), exit_code=USAGE) from error
        collect_garbage_from_now_on()
        with termination_raises():
            try:
                agent.start()
            except Terminated:
                return


@contextmanager
def _agent_level(level: str | None) -> Iterator[None]:
    from prefect.utilities.configuration import set_temporary_config

    with set_temporary_config({"cloud.agent.level": level.upper()} if level else {}):
        yield


INSTALL_EPILOG = """\b
Example:
  $ prefect agent local install --label gpu > supervisord.conf
"""


@local.command("install", epilog=INSTALL_EPILOG, short_help="Print a configuration of supervisor.")
@_common_options
def install(
    key: str | None,
    tenant_id: str | None,
    labels: tuple[str, ...],
    env: dict[str, str],
    agent_config_id: str | None,
    import_paths: tuple[str, ...],
    show_flow_logs: bool,
) -> None:
    """Print a configuration with which supervisor keeps an agent running; nothing is installed."""
    words = ["prefect", "agent", "local", "start"]
    words += ["-f"] if show_flow_logs else []
    for option, values in (
        ("-l", labels),
        ("-e", [f"{name}={value}" for name, value in env.items()]),
        ("-p", import_paths),
        ("-k", [key] if key else []),
        ("--tenant-id", [tenant_id] if tenant_id else []),
        ("--agent-config-id", [agent_config_id] if agent_config_id else []),
    ):
        for value in values:
            words += [option, value]
    # supervisor takes % for the beginning of a variable.
    click.echo(_SUPERVISOR.format(command=shlex.join(words).replace("%", "%%")), nl=False)


_SUPERVISOR = """\
; Configuration of supervisor (http://supervisord.org) that keeps a local agent running.
; Start it with: supervisord -c FILE, look at it with: supervisorctl -c FILE status

[unix_http_server]
file=/tmp/supervisor.sock

[supervisord]
loglevel=debug

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix:///tmp/supervisor.sock

[program:prefect-agent]
command={command}

; A second agent, for flow runs with other labels:
; [program:prefect-agent-gpu]
; command=prefect agent local start --label gpu
"""
