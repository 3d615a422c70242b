"""``docs/cli-reference.md``, made from the commands themselves.

Regenerate: ``python -m prefect.cli.reference > docs/cli-reference.md``.
"""

from __future__ import annotations

import inspect

import click

from prefect.cli.errors import EXIT_CODES
from prefect.cli.root import COMMANDS, cli

_INTRODUCTION = """\
# The `prefect` command

Generated from the help of the commands: `python -m prefect.cli.reference > docs/cli-reference.md`.

`python -m prefect` is the same program. Every command takes `-h` and `--help`."""

_STREAMS = """\
## Streams and colours

Standard output is what was asked for; errors and hints go to standard error. A run tells its story on standard output; with `--quiet`
only what tasks print is there, and the log lines are on standard error.

On a terminal a run that takes longer than a second shows how far it is, below its log lines. Without a terminal, and with `TERM=dumb` or
`CI=true`, there are plain lines only."""

#: Variable → its effect, in this layer only.
ENVIRONMENT = {
    "PREFECT__SECTION__KEY": "A setting, such as `PREFECT__LOGGING__LEVEL=DEBUG`; `prefect config --origins` lists them all.",
    "PREFECT__USER_CONFIG_PATH": "The configuration file of the user.",
    "PREFECT__BACKEND_CONFIG_PATH": "The file of the chosen backend.",
    "PREFECT__HOME_DIR": "The home folder.",
    "PREFECT__CONTEXT__SECRETS__NAME": "A local secret.",
    "PREFECT__DEBUG": "`true` shows the traceback of errors inside the package.",
    "NO_COLOR": "Not empty: no colours. `--no-color` does the same.",
    "FORCE_COLOR": "Neither empty nor `0`: colours also without a terminal, unless `NO_COLOR` is set.",
    "TERM": "`dumb`: no colours, and no cursor movement.",
    "CI": "Neither empty, `0` nor `false`: no live view.",
}


def reference() -> str:
    """Return the reference as Markdown."""
    root = click.Context(cli, info_name="prefect", **cli.context_settings)
    parts = [_INTRODUCTION, _command(cli, root, level=2)]
    for section in COMMANDS.values():
        for word in section:
            command = cli.get_command(root, word)
            assert command is not None
            parts += _commands(command, click.Context(command, info_name=word, parent=root), level=2)
    parts.append(_table("## Exit codes", "code", "meaning", {str(code): text for code, text in EXIT_CODES.items()}))
    parts.append(_STREAMS)
    parts.append(
        _table(
            "## Environment variables", "variable", "effect", {f"`{name}`": text for name, text in ENVIRONMENT.items()}
        )
    )
    return "\n\n".join(parts) + "\n"


def _commands(command: click.Command, ctx: click.Context, *, level: int) -> list[str]:
    """Return a command and those below it."""
    parts = [_command(command, ctx, level=level)]
    if isinstance(command, click.Group):
        for word in command.list_commands(ctx):
            below = command.get_command(ctx, word)
            assert below is not None
            parts += _commands(below, click.Context(below, info_name=word, parent=ctx), level=level + 1)
    return parts


def _command(command: click.Command, ctx: click.Context, *, level: int) -> str:
    arguments = "".join(
        f" {param.human_readable_name.upper()}" for param in command.params if isinstance(param, click.Argument)
    )
    has_commands = isinstance(command, click.Group) and command.list_commands(ctx)
    usage = f"{ctx.command_path} [OPTIONS]{' COMMAND ...' if has_commands else arguments}"
    parts = [f"{'#' * level} `{ctx.command_path}`", inspect.cleandoc(command.help or ""), f"    {usage}"]
    options = {}
    for param in command.params:
        if isinstance(param, click.Option) and not param.hidden:
            options[_spelled(param)] = param.help or ""
        elif isinstance(param, click.Argument) and isinstance(param.type, click.Choice):
            options[f"`{param.human_readable_name.upper()}`"] = "One of " + ", ".join(
                f"`{choice}`" for choice in param.type.choices
            )
    if options:
        parts.append(_table("", "option", "effect", options).strip())
    examples = (command.epilog or "").removeprefix("\b\n").splitlines()[1:]
    parts.append("\n".join(["```console", *_commented(examples), "```"]))
    return "\n\n".join(parts)


def _spelled(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(option.opts + option.secondary_opts, key=len))
    if option.is_flag:
        return names
    return f"{names} `{option.metavar or option.human_readable_name.upper()}`"


def _commented(examples: list[str]) -> list[str]:
    stripped = [line.strip() for line in examples]
    return [line if line.startswith("$") else f"# {line}" for line in stripped]


def _table(heading: str, left: str, right: str, rows: dict[str, str]) -> str:
    cells = [(key.replace("|", "\\|"), text.replace("|", "\\|")) for key, text in rows.items()]
    lines = [heading, "", f"| {left} | {right} |", "|---|---|", *(f"| {key} | {text} |" for key, text in cells)]
    return "\n".join(lines)


if __name__ == "__main__":
    click.echo(reference(), nl=False)
