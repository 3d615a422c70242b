"""``prefect run``: what is asked for, and flows of files and modules."""

from __future__ import annotations

import re

import pytest

USAGE = "Usage: prefect run [OPTIONS]\nTry 'prefect run --help' for help.\n\n"
LOOKUP_HELP = """
Look up a flow to run with one of

    --id
    --name
    --project and --name
    --path (and --name if there are multiple flows in the script)
    --module (and --name if there are multiple flows in the module)

See `prefect run --help` for more.
"""

GREET = """
from prefect import Flow, Parameter, context, task

@task
def hello(name, greeting):
    print(greeting, name, context.get("foo"))

with Flow("greet") as flow:
    hello(Parameter("name"), Parameter("greeting", default="Hello"))
"""

FAILING = """
from prefect import Flow, task

@task
def divide(by):
    return 1 / by

with Flow("failing") as flow:
    divide(divide(divide(0)))
"""


@pytest.fixture
def greet(in_folder):
    (in_folder / "greet.py").write_text(GREET)
    return in_folder


@pytest.fixture
def write(in_folder):
    def writer(text: str) -> None:
        (in_folder / "f.py").write_text(text)

    return writer


def without_times(text: str) -> str:
    return re.sub(r"\d\d:\d\d:\d\d", "hh:mm:ss", text)


# ---- what is asked for -------------------------------------------------------------------------------------------------


def test_nothing_to_look_up(prefect):
    assert prefect("run") == (2, "", f"{USAGE}Error: Received no options to look up the flow.\n{LOOKUP_HELP}")


def test_id_and_name_exclude_each_other(prefect):
    exit_code, stdout, stderr = prefect("run", "--id", "x", "--name", "y")

    assert (exit_code, stdout) == (2, "")
    assert stderr == (
        f"{USAGE}Error: Received too many options to look up the flow. Cannot specify both `--name` and `--id`.\n"
        + LOOKUP_HELP
    )


@pytest.mark.parametrize(
    "options", [("--path", "--module"), ("--project", "--path"), ("--id", "--project"), ("--id", "--path", "--module")]
)
def test_only_one_place_can_be_looked_in(prefect, options):
    exit_code, stdout, stderr = prefect("run", *(word for option in options for word in (option, "x")))

    assert (exit_code, stdout) == (2, "")
    error = stderr.removeprefix(USAGE).splitlines()[0]
    assert error.startswith("Error: Received too many options to look up the flow: ")
    assert set(error.split(": ")[-1].split(", ")) == set(options)


@pytest.mark.parametrize("option", ["--path", "--module", "--id", "--name", "--project"])
def test_an_empty_value_finds_nothing(prefect, option):
    assert prefect("run", option, "") == (2, "", f"{USAGE}Error: The value of {option} is empty.\n{LOOKUP_HELP}")


def test_a_project_needs_a_name(prefect):
    assert prefect("run", "--project", "x") == (
        2,
        "",
        f"{USAGE}Error: Missing required option `--name` when looking up a flow by project.\n{LOOKUP_HELP}",
    )


def test_a_schedule_is_for_local_runs(prefect):
    assert prefect("run", "--name", "x", "--schedule") == (
        2,
        "",
        f"{USAGE}Error: `--schedule` can only be specified for local flow runs\n",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--id", "x"), "Failed to find flow id or flow group id matching 'x'"),
        (("--name", "x"), "No results found while querying for flows where {'name': 'x', 'archived': False}"),
        (
            ("--name", "x", "--project", "y"),
            "No results found while querying for flows where {'name': 'x', 'project': 'y', 'archived': False}",
        ),
    ],
)
def test_a_flow_that_is_not_registered_is_not_found(prefect, options, message):
    exit_code, stdout, stderr = prefect("run", *options)

    assert (exit_code, stdout) == (3, "Looking up flow metadata... Error\n")
    assert stderr.splitlines()[0] == message


def test_the_path_of_a_file_as_a_word_gets_advice(prefect):
    exit_code, stdout, stderr = prefect("run", "flow.py")

    assert (exit_code, stdout) == (2, "")
    assert stderr.splitlines()[-1] == "Error: No such command 'flow.py'. To run a file: prefect run --path flow.py"


def test_a_wrong_log_level_is_a_usage_error(prefect):
    exit_code, stdout, stderr = prefect("run", "-p", "x", "--log-level", "loud")

    assert (exit_code, stdout) == (2, "")
    assert "Invalid value for '--log-level': 'loud' is not one of" in stderr


def test_values_are_checked_before_anything_is_loaded(prefect, write):
    write("print('loaded')")

    assert prefect("run", "-p", "f.py", "--context", "x") == (
        2,
        "",
        "Invalid context option 'x'. Expected format 'key=value'.\n",
    )


# ---- a run -------------------------------------------------------------------------------------------------------------


def test_a_run_tells_its_story_on_stdout(prefect, greet):
    exit_code, stdout, stderr = prefect("run", "-p", "greet.py", "--param", "name=Marvin", "--context", "foo=1")

    assert (exit_code, stderr) == (0, "")
    assert without_times(stdout).splitlines() == [
        "Retrieving local flow... Done",
        "Configured local flow run",
        "└── Parameters: {'name': 'Marvin'}",
        "└── Context: {'foo': 1}",
        "Running flow locally...",
        "└── hh:mm:ss | INFO    | Beginning Flow run for 'greet'",
        *(
            f"└── hh:mm:ss | INFO    | Task '{name}': {event}"
            for name in sorted(["greeting", "name"], key=stdout.index)
            for event in ("Starting task run...", "Finished task run for task with final state: 'Success'")
        ),
        "└── hh:mm:ss | INFO    | Task 'hello': Starting task run...",
        "Hello Marvin 1",
        "└── hh:mm:ss | INFO    | Task 'hello': Finished task run for task with final state: 'Success'",
        "└── hh:mm:ss | INFO    | Flow run SUCCESS: all reference tasks succeeded",
        "Flow run succeeded!",
    ]


def test_the_bundled_module_runs(prefect):
    exit_code, stdout, stderr = prefect("run", "-m", "prefect.hello_world", "--param", "name=marvin")

    assert (exit_code, stderr) == (0, "")
    assert "| INFO    | Hello Marvin\n" in stdout


def test_without_logs_only_the_narration_and_prints_are_left(prefect, greet):
    assert prefect("run", "-p", "greet.py", "--param", "name=Marvin", "--no-logs") == (
        0,
        "Retrieving local flow... Done\nConfigured local flow run\n└── Parameters: {'name': 'Marvin'}\n"
        "Running flow locally...\nHello Marvin None\nFlow run succeeded!\n",
        "",
    )


def test_a_quiet_run_prints_what_tasks_print_and_logs_go_to_stderr(prefect, greet):
    exit_code, stdout, stderr = prefect("run", "-p", "greet.py", "--param", "name=Marvin", "--quiet")

    assert (exit_code, stdout) == (0, "Hello Marvin None\n")
    assert without_times(stderr).startswith("└── hh:mm:ss | INFO    | Beginning Flow run for 'greet'\n")


def test_a_quiet_run_without_logs_says_nothing_of_its_own(prefect, greet):
    assert prefect("run", "-p", "greet.py", "--param", "name=M", "--quiet", "--no-logs") == (0, "Hello M None\n", "")


@pytest.mark.parametrize("quiet", [[], ["--quiet"]])
def test_options_for_registered_flows_are_named_and_change_nothing(prefect, greet, quiet):
    local = ["run", "-p", "greet.py", "--param", "name=Marvin", "--no-logs", *quiet]
    for_registered = ["--watch", "--execute", "--label", "a", "--run-name", "b", "--idempotency-key", "c"]

    done = prefect(*local, *for_registered)

    assert done.stderr == (
        "Without effect on the run of a file or module: --label, --run-name, --idempotency-key, --execute, --watch.\n"
    )
    assert done[:2] == prefect(*local)[:2]


def test_the_log_level_of_a_run(prefect, greet):
    stdout = prefect("run", "-p", "greet.py", "--param", "name=M", "--log-level", "error").stdout

    assert "INFO" not in stdout
    assert "DEBUG" in prefect("run", "-p", "greet.py", "--param", "name=M", "--log-level", "debug").stdout


def test_the_configuration_of_logging_is_restored(prefect, greet):
    from prefect.utilities.logging import get_logger

    before = (get_logger().level, [handler.formatter for handler in get_logger().handlers])

    prefect("run", "-p", "greet.py", "--param", "name=M", "--log-level", "DEBUG")

    assert (get_logger().level, [handler.formatter for handler in get_logger().handlers]) == before


def test_parameters_come_from_a_file_and_the_command_line_wins(prefect, greet):
    (greet / "p.json").write_text('{"name": "File", "greeting": "Bye"}')

    exit_code, stdout, _ = prefect(
        "run", "-p", "greet.py", "--param-file", "p.json", "--param", "name=Line", "--no-logs"
    )

    assert exit_code == 0
    assert stdout.splitlines()[0] == (
        "The following parameters were specified by file and CLI, the CLI value will be used: {'name': 'Line'}"
    )
    assert "\nBye Line None\n" in stdout


def test_parameters_come_from_standard_input(prefect, greet):
    exit_code, stdout, _ = prefect(
        "run", "-p", "greet.py", "--param-file", "-", "-q", "--no-logs", stdin='{"name": "In"}'
    )

    assert (exit_code, stdout) == (0, "Hello In None\n")


def test_empty_standard_input_is_an_error(prefect, greet):
    exit_code, stdout, stderr = prefect("run", "-p", "greet.py", "--param-file", "-", stdin="")

    assert (exit_code, stdout) == (1, "")
    assert stderr.startswith("The parameter file '<stdin>' is empty.\n")


def test_a_long_value_is_shortened_in_the_narration(prefect, greet):
    (greet / "p.json").write_text('{"name": "' + "x" * 100_000 + '"}')

    stdout = prefect("run", "-p", "greet.py", "--param-file", "p.json", "--no-logs").stdout

    assert re.search(r"└── Parameters: \{'name': 'x{1990}\.\.\. \(100012 characters\)\n", stdout)


def test_a_terminal_without_box_characters_gets_ascii(run_prefect, cwd):
    (cwd / "greet.py").write_text(GREET)

    done = run_prefect("run", "-p", "greet.py", "--param", "name=☃", env={"PYTHONIOENCODING": "latin-1"})

    assert done.returncode == 0
    assert "|-- Parameters: {'name': '\\u2603'}\n" in done.stdout
    assert "Hello \\u2603 None\n" in done.stdout


# ---- flows that cannot be loaded ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "options", "exit_code", "message"),
    [
        ("x = 1", [], 3, "Found no flows at f.py.\nA flow must be bound to a variable"),
        (
            "from prefect import Flow\na, b = Flow('A'), Flow('B')",
            [],
            3,
            "Found multiple flows at 'f.py': 'A', 'B'\n\nSpecify a flow name to run.\nFor instance: --name A\n",
        ),
        (
            "from prefect import Flow\na, b = Flow('one'), Flow('two')",
            ["--name", "onne"],
            3,
            "Did not find 'onne' in flows at f.py. Found 'one', 'two'\nDid you mean 'one'?\n",
        ),
        (
            "x = (",
            [],
            1,
            "'f.py' is not valid Python.\n    File \"f.py\", line 1\n",
        ),
        (
            "def f():\n    raise ValueError('boom')\n\nf()\n",
            [],
            1,
            "'f.py' raised an error while it was loaded.\n"
            "  Traceback (most recent call last):\n"
            '    File "f.py", line 4, in <module>\n',
        ),
    ],
)
def test_a_file_whose_flow_cannot_be_taken(prefect, write, text, options, exit_code, message):
    write(text)

    done = prefect("run", "-p", "f.py", *options)

    assert (done.exit_code, done.stdout) == (exit_code, "Retrieving local flow... Error\n")
    assert done.stderr.startswith(message)


def test_a_traceback_shows_the_frames_of_the_user_alone(prefect, write):
    write("from prefect import Flow\n\ndef build():\n    return Flow('')\n\nbuild()\n")

    stderr = prefect("run", "-p", "f.py").stderr

    assert re.findall(r'File "(.*?)", line (\d+)', stderr) == [("f.py", "6"), ("f.py", "4")]
    assert stderr.splitlines()[-1].startswith("  ValueError: A flow needs a name.")


def test_a_missing_file(prefect, in_folder):
    assert prefect("run", "-p", "missing.py") == (
        3,
        "Retrieving local flow... Error\n",
        f"File does not exist: {str(in_folder / 'missing.py')!r}\n",
    )


def test_a_quiet_run_still_says_what_is_wrong(prefect, in_folder):
    exit_code, stdout, stderr = prefect("run", "-q", "-p", "missing.py")

    assert (exit_code, stdout) == (3, "")
    assert stderr.startswith("File does not exist")


def test_a_missing_module(prefect):
    assert prefect("run", "-m", "no.such.module") == (3, "Retrieving local flow... Error\n", "No module named 'no'\n")


def test_a_script_may_end_the_command_with_a_code_of_its_own(prefect, write):
    write("import sys\nsys.exit(7)")

    assert prefect("run", "-p", "f.py") == (
        7,
        "Retrieving local flow...\n",
        "f.py called sys.exit(7) while it was loaded; no flow was run.\n",
    )


def test_one_of_several_flows_is_chosen_by_name(prefect, write):
    write("from prefect import Flow\na, b = Flow('A'), Flow('B')")

    assert prefect("run", "-p", "f.py", "-n", "B", "--no-logs").exit_code == 0


# ---- flows that cannot be run ------------------------------------------------------------------------------------------


def test_a_missing_parameter_is_named_before_the_run(prefect, greet):
    assert prefect("run", "-p", "greet.py") == (
        1,
        "Retrieving local flow... Done\n",
        "Flow.run did not receive the following required parameters: name\n"
        "The parameters of the flow: greeting = 'Hello', name (required).\n",
    )


def test_an_unknown_parameter_is_named_with_a_suggestion(prefect, greet):
    exit_code, stdout, stderr = prefect("run", "-p", "greet.py", "--param", "nam=x", "--param", "zzz=1")

    assert (exit_code, stdout) == (1, "Retrieving local flow... Done\n")
    assert stderr == (
        "Flow.run received the following unexpected parameters: nam, zzz\n"
        "Did you mean 'name'? The parameters of the flow: greeting = 'Hello', name (required).\n"
    )


def test_a_flow_without_parameters_says_so(prefect, write):
    write("from prefect import Flow\na = Flow('A')")

    assert prefect("run", "-p", "f.py", "--param", "x=1").stderr.endswith("\nThe flow 'A' has no parameters.\n")


def test_a_failed_run_exits_with_1_and_names_the_first_cause(prefect, write):
    write(FAILING)

    exit_code, stdout, stderr = prefect("run", "-p", "f.py", "--no-logs")

    assert (exit_code, stdout) == (1, "Retrieving local flow... Done\nRunning flow locally...\nFlow run failed!\n")
    assert stderr == ("Task 'divide' failed: ZeroDivisionError: division by zero (2 could not run because of that)\n")


def test_failed_children_are_named_by_their_number(prefect, write):
    write(FAILING.replace("divide(divide(divide(0)))", "divide.map([1, 0, 2, 0])"))

    assert prefect("run", "-p", "f.py", "--no-logs").stderr == (
        "Task 'divide[1]' failed: ZeroDivisionError: division by zero (1 more failed)\n"
    )


def test_a_failed_quiet_run_explains_itself_on_stderr_only(prefect, write):
    write(FAILING)

    exit_code, stdout, stderr = prefect("run", "-p", "f.py", "-q", "--no-logs")

    assert (exit_code, stdout) == (1, "")
    assert stderr.startswith("Task 'divide' failed: ZeroDivisionError: division by zero")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "f = Flow('f')\na, b = task(lambda x: x, name='a'), task(lambda x: x, name='b')\n"
            "f.add_edge(a, b, key='x')\nf.add_edge(b, a, key='x')",
            "The flow run failed: ValueError: Cycle found",
        ),
        (
            "with Flow('f') as f:\n    task(lambda x: x, name='a').map(task(lambda: 5, name='five'))",
            "Task 'a' failed: ",
        ),
        ("def deep(): return deep()\nwith Flow('f') as f:\n    task(deep)()", "Task 'deep' failed: RecursionError: "),
        (
            "from prefect.executors import LocalDaskExecutor\nimport threading\n"
            "with Flow('f', executor=LocalDaskExecutor('processes', num_workers=1)) as f:\n"
            "    task(lambda: threading.Lock(), name='lock')()",
            "Task 'lock' failed: ",
        ),
    ],
)
def test_a_flow_that_cannot_succeed_says_why_in_one_line(prefect, write, text, message):
    write(f"from prefect import Flow, task\n{text}\n")

    exit_code, stdout, stderr = prefect("run", "-p", "f.py", "--no-logs")

    assert (exit_code, stdout.splitlines()[-1]) == (1, "Flow run failed!")
    assert stderr.startswith(message)
    assert len(stderr.splitlines()) == 1


def test_a_task_that_exits_does_not_take_the_command_with_it(prefect, write):
    write(
        "import sys\nfrom prefect import Flow, task\nwith Flow('f') as f:\n    task(lambda: sys.exit(0), name='a')()\n"
    )

    exit_code, stdout, stderr = prefect("run", "-p", "f.py", "--no-logs")

    assert (exit_code, stdout.splitlines()[-1]) == (1, "Flow run failed!")
    assert stderr == "A task called sys.exit(0) in f.py, line 4, which ended the run.\n"


def test_an_exception_of_user_code_outside_tasks_shows_their_frames(prefect, write):
    write(
        "from prefect import Flow\n\nclass Mine(Flow):\n    def run(self, **kwargs):\n        raise KeyError('mine')\n\n"
        "f = Mine('f')\n"
    )

    exit_code, stdout, stderr = prefect("run", "-p", "f.py")

    assert (exit_code, stdout.splitlines()[-1]) == (1, "Flow run failed!")
    assert stderr.splitlines() == [
        "Flow runner encountered an exception!",
        "  Traceback (most recent call last):",
        '    File "f.py", line 5, in run',
        "      raise KeyError('mine')",
        "  KeyError: 'mine'",
    ]


def test_a_paused_task_without_anybody_to_ask(prefect, write):
    write(
        "from prefect import Flow, task\nfrom prefect.engine.signals import PAUSE\n\n@task\ndef wait():\n"
        "    raise PAUSE('wait')\n\nwith Flow('f') as f:\n    wait()\n"
    )

    exit_code, stdout, stderr = prefect("run", "-p", "f.py", "--no-logs", stdin="")

    assert (exit_code, stdout.splitlines()[-1]) == (1, "Flow run failed!")
    assert stderr.startswith("A paused task waits for an answer, but standard input has ended.\n")


def test_an_exhausted_schedule_is_one_line(prefect, write):
    write(
        "from datetime import datetime\nfrom prefect import Flow\n\nclass Over:\n    def next(self, *args, **kwargs):\n"
        "        return []\n\nf = Flow('f', schedule=Over())\n"
    )

    exit_code, _, stderr = prefect("run", "-p", "f.py", "--schedule")

    assert (exit_code, stderr) == (1, "The flow could not be run: Flow has no more scheduled runs.\n")


def test_a_schedule_is_ignored_unless_asked_for(prefect, write):
    write("from prefect import Flow\nf = Flow('f', schedule=object())\n")

    assert prefect("run", "-p", "f.py", "--no-logs").exit_code == 0
