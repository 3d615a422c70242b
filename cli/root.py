"""``prefect``: the table of commands and their help, without importing any of them.

Source: cli.md §1.1, §2; DESIGN §4 decision 6.
"""

from __future__ import annotations

import os
from typing import Any

import click

from prefect.cli.errors import translated
from prefect.cli.group import Group

#: Section of the help → word → what the command does. The module of a command is named like its word.
COMMANDS = {
    "Query Commands": {
        "get": "List flows, flow runs, tasks, projects and logs.",
        "describe": "Print all about a flow, its tasks or a flow run.",
    },
    "Action Commands": {
        "run": "Run a flow.",
        "register": "Register flows in a project.",
        "build": "Store flows and write their metadata to a JSON file.",
        "agent": "Start agents, which execute flow runs.",
        "create": "Create projects.",
        "delete": "Delete projects.",
        "kv": "Keep values under keys, for flows and people.",
    },
    "Setup Commands": {
        "backend": "Choose the backend.",
        "completion": "Print the completion script of a shell.",
        "store": "Look after the store, which keeps flows and their runs.",
    },
    "Miscellaneous Commands": {
        "config": "Print the configuration in effect.",
        "diagnostics": "Print facts about this installation for a bug report.",
        "version": "Print the version.",
    },
}

#: Commands that other parts of the program call; they exist, and no list shows them.
INTERNAL_COMMANDS = ("execute", "heartbeat")


class Root(Group):
    """The root: imports a command when it is called, never to list it; turns errors into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the words of all commands but the internal ones, section by section."""
        return [word for section in COMMANDS.values() for word in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.list_commands(ctx) and cmd_name not in INTERNAL_COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = getattr(import_module(f"prefect.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands in sections."""
        width = max(map(len, self.list_commands(ctx)))
        for title, section in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl([(word.ljust(width), summary) for word, summary in section.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete the word of a command, with its summary."""
        from click.shell_completion import CompletionItem

        found: list[Any] = [
            CompletionItem(word, help=summary)
            for section in COMMANDS.values()
            for word, summary in section.items()
            if word.startswith(incomplete)
        ]
        return found + (click.Command.shell_complete(self, ctx, incomplete) if incomplete.startswith("-") else [])

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Parse the options of the root, which print as they are parsed; see :meth:`invoke`."""
        with translated():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; whatever it raises becomes a message and an exit code."""
        with translated():
            return super().invoke(ctx)


def _wants_color(no_color: bool) -> bool | None:
    """Return whether to colour, or None to let each stream decide by being a terminal or not."""
    if no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return None


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from prefect._version import __version__

        click.echo(__version__)
        ctx.exit()


EPILOG = """\b
Examples:
  Run the flow of a file
    $ prefect run -p flow.py
  Run the flow that comes with the package, with a parameter
    $ prefect run -m prefect.hello_world --param name=Marvin
  Say what a command takes
    $ prefect run --help
"""


@click.group(
    "prefect",
    cls=Root,
    epilog=EPILOG,
    invoke_without_command=True,
    subcommand_metavar="[COMMAND] [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version."
)
@click.option("--no-color", is_flag=True, help="Print without colours, whatever NO_COLOR and FORCE_COLOR say.")
@click.pass_context
def cli(ctx: click.Context, no_color: bool) -> None:
    """Run flows and look at what they did."""
    ctx.color = _wants_color(no_color)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
