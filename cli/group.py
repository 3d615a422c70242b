"""Words with commands below them, such as ``prefect get``.

Source: DESIGN §4 decisions 5 and 6.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence


class Group(click.Group):
    """Prints its help on stdout when called alone, and answers a word it does not know with the nearest it does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the options, or print the help if there is nothing at all."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), color=ctx.color)
            ctx.exit()
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of the first word.

        Raises:
            click.UsageError: There is no such command.
        """
        word = args[0]
        command = self.get_command(ctx, word)
        if command is None and not ctx.resilient_parsing:
            from prefect.utilities._suggestions import did_you_mean

            message = f"No such command {word!r}. {did_you_mean(word, self.list_commands(ctx))}"
            raise click.UsageError(message.rstrip(), ctx)
        return (word if command else None), command, args[1:]


class LazyGroup(Group):
    """Imports a command when it is called: ``prefect get flows`` is the function ``get_flows`` in ``get_flows.py``.

    Args:
        words: Words of its commands, in the order of the help.
    """

    def __init__(self, *args: Any, words: Sequence[str], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._words = tuple(words)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the words of the commands."""
        return list(self._words)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self._words:
            return None
        from importlib import import_module

        function = f"{self.name}_{cmd_name}".replace("-", "_")
        command: click.Command = getattr(import_module(f"prefect.cli.{function}"), function)
        return command


class CommandGroup(LazyGroup):
    """A command that also has words below it which no list shows, such as the deprecated ``prefect run flow``.

    Args:
        words: These words.
        file_hint: What to do with a file that was given without its option, such as ``To run a file``.
    """

    def __init__(self, *args: Any, file_hint: str, **attributes: Any) -> None:
        super().__init__(*args, invoke_without_command=True, **attributes)
        self._file_hint = file_hint

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return nothing."""
        return []

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the usage of the command itself."""
        return click.Command.collect_usage_pieces(self, ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the options; without any the command itself says what is missing."""
        return click.Group.parse_args(self, ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of the first word.

        Raises:
            click.UsageError: There is no such command; people type ``prefect run flow.py``, or a pattern that their shell expands.
        """
        word = args[0]
        if (word.endswith(".py") or os.sep in word) and not ctx.resilient_parsing:
            hint = f"{self._file_hint}: {ctx.command_path} --path {word}"
            raise click.UsageError(f"No such command {word!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)


def refuse_options(ctx: click.Context) -> None:
    """Refuse options of a command that were given before the word of the command below it.

    Raises:
        click.UsageError: There are some.
    """
    from click.core import ParameterSource

    if any(ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in ctx.params):
        word = ctx.invoked_subcommand
        raise click.UsageError(f"Got unexpected extra argument ({word}). Options go after the word {word!r}.", ctx)
