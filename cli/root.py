"""``prefect``: the table of commands and their help, without importing any of them.

Source: cli.md §1.1, §2; DESIGN §4 decision 6.
"""

from __future__ import annotations

import os
from typing import Any

import click

from prefect.cli.errors import translated

#: Section of the help → word → what the command does. The module of a command is named like its word.
COMMANDS = {
    "Action Commands": {
        "run": "Run a flow.",
    },
    "Setup Commands": {
        "completion": "Print the completion script of a shell.",
    },
    "Miscellaneous Commands": {
        "config": "Print the configuration in effect.",
        "diagnostics": "Print facts about this installation for a bug report.",
        "version": "Print the version.",
    },
}


class LazyGroup(click.Group):
    """The root: imports a command when it is called, never to list it; turns errors into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the words of all commands, section by section."""
        return [word for section in COMMANDS.values() for word in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        from importlib import import_module

        command: click.Command = getattr(import_module(f"prefect.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of the first word.

        Raises:
            click.UsageError: There is no such command.
        """
        word = args[0]
        if word not in self.list_commands(ctx):
            from prefect.loading import did_you_mean

            message = f"No such command {word!r}. {did_you_mean(word, self.list_commands(ctx))}"
            raise click.UsageError(message.rstrip(), ctx)
        return word, self.get_command(ctx, word), args[1:]

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
    cls=LazyGroup,
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
