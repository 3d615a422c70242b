"""``prefect`` without a command, unknown commands, and colours."""

from __future__ import annotations

import pytest

from prefect import __version__
from prefect.cli.root import COMMANDS, INTERNAL_COMMANDS, _wants_color

HELP = """\
Usage: prefect [OPTIONS] [COMMAND] [ARGS]...

  Run flows and look at what they did.

Options:
  --version   Print the version.
  --no-color  Print without colours, whatever NO_COLOR and FORCE_COLOR say.
  -h, --help  Show this message and exit.

Query Commands:
  get          List flows, flow runs, tasks, projects and logs.
  describe     Print all about a flow, its tasks or a flow run.

Action Commands:
  run          Run a flow.
  register     Register flows in a project.
  build        Store flows and write their metadata to a JSON file.
  agent        Start agents, which execute flow runs.
  create       Create projects.
  delete       Delete projects.
  kv           Keep values under keys, for flows and people.

Setup Commands:
  backend      Choose the backend.
  completion   Print the completion script of a shell.
  store        Look after the store, which keeps flows and their runs.

Miscellaneous Commands:
  config       Print the configuration in effect.
  diagnostics  Print facts about this installation for a bug report.
  version      Print the version.

  Examples:
    Run the flow of a file
      $ prefect run -p flow.py
    Run the flow that comes with the package, with a parameter
      $ prefect run -m prefect.hello_world --param name=Marvin
    Say what a command takes
      $ prefect run --help
"""


@pytest.mark.parametrize("args", [[], ["-h"], ["--help"]])
def test_without_a_command_the_help_is_printed_on_stdout(prefect, args):
    assert prefect(*args) == (0, HELP, "")


@pytest.mark.parametrize("word", [word for section in COMMANDS.values() for word in section])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_explains_itself(prefect, word, option):
    exit_code, stdout, stderr = prefect(word, option)

    assert (exit_code, stderr) == (0, "")
    assert stdout.startswith(f"Usage: prefect {word} [OPTIONS]")
    assert "Example" in stdout


@pytest.mark.parametrize("word", INTERNAL_COMMANDS)
def test_internal_commands_exist_but_are_not_listed(prefect, word):
    assert prefect(word, "--help").exit_code == 0
    assert f"  {word}" not in prefect("--help").stdout


@pytest.mark.parametrize("word", ["get", "describe", "create", "delete", "kv", "agent", "store", *INTERNAL_COMMANDS])
def test_a_group_alone_prints_its_help(prefect, word):
    assert prefect(word) == prefect(word, "--help")
    assert prefect(word).exit_code == 0


@pytest.mark.parametrize(("word", "summary"), [pair for section in COMMANDS.values() for pair in section.items()])
def test_the_summary_in_the_help_is_the_first_sentence_of_the_command(prefect, word, summary):
    assert prefect(word, "--help").stdout.splitlines()[2] == f"  {summary}"


@pytest.mark.parametrize("args", [["version"], ["--version"]])
def test_the_version_is_printed_alone(prefect, args):
    assert prefect(*args) == (0, f"{__version__}\n", "")


def test_an_unknown_command_is_a_usage_error_with_a_suggestion(prefect):
    exit_code, stdout, stderr = prefect("rum")

    assert (exit_code, stdout) == (2, "")
    assert stderr.splitlines()[-1] == "Error: No such command 'rum'. Did you mean 'run'?"


def test_a_word_like_no_command_gets_no_suggestion(prefect):
    assert prefect("xyzzy").stderr.splitlines()[-1] == "Error: No such command 'xyzzy'."


def test_an_unknown_option_is_a_usage_error(prefect):
    exit_code, stdout, stderr = prefect("--nonsense")

    assert (exit_code, stdout) == (2, "")
    assert stderr.splitlines()[-1].startswith("Error: No such option")


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, None),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, None),
        ({"TERM": "dumb"}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, None),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_the_environment_decides_about_colours(monkeypatch, environment, wanted):
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert _wants_color(no_color=False) is wanted


def test_the_option_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert _wants_color(no_color=True) is False


def test_a_line_without_colour_has_no_escape_sequence(prefect):
    stdout = prefect("run", "-m", "prefect.hello_world", "--no-logs", env={"FORCE_COLOR": "1", "TERM": "xterm"}).stdout

    assert stdout == (
        "Retrieving local flow...\x1b[32m Done\x1b[0m\nRunning flow locally...\n\x1b[32mFlow run succeeded!\x1b[0m\n"
    )


def test_forced_colours_reach_a_command_and_its_errors(prefect, in_folder):
    _, stdout, stderr = prefect("run", "-p", "x.py", env={"FORCE_COLOR": "1", "TERM": "xterm"})

    assert stdout == "Retrieving local flow...\x1b[31m Error\x1b[0m\n"
    assert stderr.startswith("\x1b[31mFile does not exist")


@pytest.mark.parametrize(
    "words",
    [
        "agent",
        "agent local",
        "get",
        "describe",
        "create",
        "delete",
        "kv",
        "store",
        "completion",
        "execute",
        "heartbeat",
    ],
)
def test_no_summary_of_a_command_is_cut(prefect, words):
    commands = prefect(*words.split(), "--help").stdout.partition("\nCommands:\n")[2]

    assert "..." not in commands
