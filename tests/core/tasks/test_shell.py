"""``ShellTask`` runs commands in a shell. Source: core.md §21.1."""

from __future__ import annotations

import logging
import os
import select
from pathlib import Path

import pytest

import prefect
from prefect import Flow
from prefect.engine import signals
from prefect.engine.state import Failed, Success, TimedOut
from prefect.executors import LocalDaskExecutor
from prefect.tasks.shell import ShellTask


@pytest.mark.parametrize(
    ("command", "last", "everything"),
    [
        ("echo hi", "hi", ["hi"]),
        ("echo '  a  '; echo; echo b", "b", ["  a", "", "b"]),
        ("echo a; echo", "", ["a", ""]),
        (r"printf 'a\rb\r\nc'", "c", ["a\rb", "c"]),
        ("echo out; echo err >&2", "err", ["out", "err"]),
        ("echo äöü€", "äöü€", ["äöü€"]),
        (r"printf '\xffabc\n'", "\N{REPLACEMENT CHARACTER}abc", ["\N{REPLACEMENT CHARACTER}abc"]),
        ("true", None, []),
        ("", None, []),
    ],
)
def test_the_last_line_is_returned_or_all(command, last, everything):
    assert ShellTask().run(command=command) == last
    assert ShellTask(return_all=True).run(command=command) == everything


def test_a_task_without_a_command_is_refused_when_it_runs():
    with pytest.raises(TypeError, match=r"^ShellTask has no command to run. Give `command` to ShellTask"):
        ShellTask().run()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"command": ["ls", "-l"]}, "`command` is ['ls', '-l']. Give it as text, such as 'ls -l'."),
        (
            {"command": "ls", "env": {"LEVEL": 1}},
            "The variable 'LEVEL' of `env` is 1. Give its value as text.",
        ),
    ],
    ids=["command", "env"],
)
def test_what_is_no_text_is_named(arguments, message):
    with pytest.raises(TypeError) as caught:
        ShellTask(**arguments).run()

    assert str(caught.value) == message


def test_a_variable_can_be_a_path(tmp_path):
    assert ShellTask(command="echo $HERE", env={"HERE": tmp_path}).run() == str(tmp_path)


def test_arguments_of_run_take_the_place_of_those_of_the_task():
    task = ShellTask(command="echo task $A $B", env={"A": "1"}, helper_script="B=2")

    assert task.run() == "task 1 2"
    assert task.run(command="echo run $A $B", env={"A": "3"}, helper_script="B=4") == "run 3 4"


def test_variables_come_on_top_of_the_environment(monkeypatch):
    monkeypatch.setenv("OUTER", "outer")
    monkeypatch.setenv("BOTH", "outer")

    assert ShellTask(env={"BOTH": "own"}).run(command="echo $OUTER $BOTH") == "outer own"


def test_the_helper_script_is_part_of_the_same_script():
    task = ShellTask(helper_script="greet() { echo hello $1; }")

    assert task.run(command="greet you") == "hello you"


def test_the_script_is_a_file_that_is_gone_afterwards():
    path = ShellTask().run(command="echo $0")

    assert (Path(path).name.startswith("prefect-"), Path(path).exists()) == (True, False)


def test_another_shell_can_be_taken():
    assert ShellTask(shell="sh").run(command="echo ${BASH_VERSION:-none}") == "none"


def test_a_shell_that_is_not_there_is_named():
    with pytest.raises(FileNotFoundError, match="'no-such-shell'"):
        ShellTask(shell="no-such-shell").run(command="echo")


def test_the_command_reads_nothing_it_is_not_given(tmp_path):
    (tmp_path / "words").write_text("from a file\n")

    assert ShellTask().run(command=f"read line < {tmp_path / 'words'}; echo $line") == "from a file"


class TestFailures:
    def test_another_exit_code_than_0_is_a_signal_with_the_output(self, logged):
        with pytest.raises(signals.FAIL) as info:
            ShellTask().run(command="echo one; echo two; exit 3")

        state = info.value.state
        assert (type(state), state.message, state.result) == (Failed, "Command failed with exit code 3", "two")
        assert logged == [("ERROR", "Command failed with exit code 3")]

    def test_the_output_is_a_list_with_all_lines(self):
        with pytest.raises(signals.FAIL) as info:
            ShellTask(return_all=True).run(command="echo one; echo two; exit 3")

        assert info.value.state.result == ["one", "two"]

    def test_without_output_the_result_is_none(self):
        with pytest.raises(signals.FAIL) as info:
            ShellTask(log_stderr=True).run(command="exit 3")

        assert info.value.state.result is None

    def test_a_signal_is_a_negative_exit_code(self):
        with pytest.raises(signals.FAIL, match=r"^Command failed with exit code -9$"):
            ShellTask().run(command="kill -9 $$")

    @pytest.mark.parametrize(("return_all", "output"), [(False, "two"), (True, "one\ntwo")])
    def test_the_output_is_logged_if_wanted(self, logged, return_all, output):
        with pytest.raises(signals.FAIL):
            ShellTask(log_stderr=True, return_all=return_all).run(command="echo one; echo two >&2; exit 1")

        assert logged == [("ERROR", "Command failed with exit code 1"), ("ERROR", output)]

    def test_the_output_is_logged_once_only_when_it_is_streamed(self, logged):
        with pytest.raises(signals.FAIL):
            ShellTask(log_stderr=True, stream_output=True).run(command="echo one; exit 1")

        assert logged == [("INFO", "one"), ("ERROR", "Command failed with exit code 1")]

    def test_the_flow_run_has_the_states_it_has_in_1x(self):
        with Flow("f") as flow:
            failed = ShellTask()(command="echo one; exit 2")

        state = flow.run()

        assert (type(state), state.message) == (Failed, "Some reference tasks failed.")
        assert (type(state.result[failed]), state.result[failed].result) == (Failed, "one")


class TestStreaming:
    @pytest.mark.parametrize(
        ("stream_output", "level"), [(True, "INFO"), ("DEBUG", "DEBUG"), (30, "WARNING"), (35, "Level 35")]
    )
    def test_each_line_is_logged(self, logged, stream_output, level):
        assert ShellTask(stream_output=stream_output).run(command="echo '  one  '; echo two") == "two"

        assert logged == [(level, "  one"), (level, "two")]

    @pytest.mark.parametrize("stream_output", [False, None, 0])
    def test_nothing_is_logged_otherwise(self, logged, stream_output):
        ShellTask(stream_output=stream_output).run(command="echo one")

        assert logged == []

    def test_a_line_is_logged_when_it_comes(self, tmp_path):
        """The command goes on only after its first line was logged."""
        os.mkfifo(tmp_path / "go")

        class Answer(logging.Handler):
            def emit(self, record):
                if record.getMessage() == "first":
                    (tmp_path / "go").write_text("on\n")

        answer = Answer()
        logging.getLogger("prefect").addHandler(answer)
        try:
            command = f"echo first; read answer < {tmp_path / 'go'}; echo went $answer"
            assert ShellTask(stream_output="CRITICAL").run(command=command) == "went on"
        finally:
            logging.getLogger("prefect").removeHandler(answer)

    @pytest.mark.parametrize("name", ["LOUD", "info", ""])
    def test_a_name_that_is_no_level_is_refused_at_once(self, name):
        with pytest.raises(TypeError, match=f"^`stream_output` is '{name}', which is not a valid log level."):
            ShellTask(stream_output=name)


@pytest.mark.skipif(
    not Path(f"/proc/self/task/{os.getpid()}/children").exists(),
    reason="this system does not tell which processes a process has started",
)
class TestInterruption:
    """An interruption ends the command and what it has started, rather than wait for them."""

    @pytest.fixture
    def open_end(self, tmp_path):
        """Reads a pipe, which ends when the last process that holds its other end does."""
        os.mkfifo(tmp_path / "pipe")
        descriptor = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        yield descriptor
        os.close(descriptor)

    @pytest.fixture
    def interrupted(self):
        """Presses Ctrl-C when the command says that it has started."""

        class Interrupt(logging.Handler):
            def emit(self, record):
                if record.getMessage() == "started":
                    raise KeyboardInterrupt

        interrupt = Interrupt()
        logging.getLogger("prefect").addHandler(interrupt)
        yield
        logging.getLogger("prefect").removeHandler(interrupt)

    def has_ended(self, descriptor):
        return bool(select.select([descriptor], [], [], 30)[0]) and os.read(descriptor, 1) == b""

    def test_nothing_of_the_command_is_left(self, tmp_path, open_end, interrupted):
        command = f"exec 3> {tmp_path / 'pipe'}; (sleep 600; true) & echo started; wait"

        with pytest.raises(KeyboardInterrupt):
            ShellTask(stream_output="CRITICAL").run(command=command)

        assert self.has_ended(open_end)

    def test_a_shell_that_ignores_the_request_is_killed(self, tmp_path, open_end, interrupted, monkeypatch):
        monkeypatch.setattr(prefect.tasks.shell, "_GRACE_SECONDS", 0.1)
        os.mkfifo(tmp_path / "never")
        command = f"trap '' TERM; exec 3> {tmp_path / 'pipe'}; echo started; read line < {tmp_path / 'never'}"

        with pytest.raises(KeyboardInterrupt):
            ShellTask(stream_output="CRITICAL").run(command=command)

        assert self.has_ended(open_end)

    @pytest.mark.parametrize("executor", [None, LocalDaskExecutor(scheduler="threads")])
    def test_a_timeout_is_one(self, tmp_path, open_end, executor):
        with Flow("f") as flow:
            slow = ShellTask(timeout=1)(command=f"exec 3> {tmp_path / 'pipe'}; (sleep 600; true) & wait")

        assert type(flow.run(executor=executor).result[slow]) is TimedOut
        assert self.has_ended(open_end)


def test_it_can_be_mapped_over_commands():
    with Flow("f") as flow:
        said = ShellTask().map(command=["echo a", "echo b"])

    assert flow.run().result[said].result == ["a", "b"]


def test_it_can_run_in_worker_processes():
    with Flow("f") as flow:
        said = ShellTask(env={"A": "1"}).map(command=["echo a$A", "echo b$A"])

    state = flow.run(executor=LocalDaskExecutor(scheduler="processes", num_workers=2))

    assert (type(state), state.result[said].result) == (Success, ["a1", "b1"])


def test_inputs_and_outputs_have_the_types_of_1x():
    document = Flow("f", tasks=[ShellTask()]).serialize()["tasks"][0]

    assert document["type"] == "prefect.tasks.shell.ShellTask"
    assert document["inputs"] == {
        "command": {"required": False, "type": "<class 'str'>"},
        "env": {"required": False, "type": "<class 'dict'>"},
        "helper_script": {"required": False, "type": "<class 'str'>"},
    }


def test_the_module_is_an_attribute_after_a_bare_import():
    assert prefect.tasks.shell.ShellTask is ShellTask
