"""Loggers and what they write. Source: core.md §18."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

import prefect
from prefect.config_file import InvalidConfigurationError
from prefect.utilities import logging as prefect_logging
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.logging import (
    Formatter,
    RedirectToLog,
    StdoutHandler,
    configure_logging,
    create_diagnostic_logger,
    get_logger,
    log_to,
    redirected_stdout,
    temporary_logger_config,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINE = r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+0000\] INFO - prefect\.x \| hello\n"


def written_by(script: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a script that begins with this package's logging imported as ``log``."""
    return subprocess.run(
        [sys.executable, "-c", f"import prefect.utilities.logging as log\n{script}"],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What the logger ``prefect`` writes during a test, without times."""
    stream = io.StringIO()
    handler = next(handler for handler in get_logger().handlers if isinstance(handler, StdoutHandler))
    before = handler.stream
    log_to(stream)
    with temporary_logger_config(stream_fmt="%(levelname)s %(name)s %(message)s"):
        yield stream
    log_to(before)


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """Records that reach the logger ``prefect`` during a test."""
    found: list[logging.LogRecord] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record)

    handler = Collect()
    get_logger().addHandler(handler)
    yield found
    get_logger().removeHandler(handler)


# Loggers


def test_the_logger_of_the_package_has_a_name_of_its_own():
    assert prefect_logging.prefect_logger is get_logger()


def test_loggers_are_named_below_prefect():
    assert get_logger().name == "prefect"
    assert get_logger("a.b").name == "prefect.a.b"


def test_records_go_on_to_the_handlers_of_the_user():
    assert get_logger().propagate is True
    assert get_logger("x").propagate is True


def test_a_line_goes_to_stdout_in_the_configured_format():
    done = written_by("log.get_logger('x').info('hello')")

    assert re.fullmatch(LINE, done.stdout)
    assert done.stderr == ""


def test_times_are_local_times():
    done = written_by("log.get_logger('x').info('hello')", TZ="EST5")

    assert "-0500] INFO - prefect.x | hello" in done.stdout


def test_level_and_formats_come_from_the_configuration():
    done = written_by(
        "log.get_logger('x').debug('hello')",
        PREFECT__LOGGING__LEVEL="debug",
        PREFECT__LOGGING__FORMAT="%(asctime)s/%(levelname)s/%(message)s",
        PREFECT__LOGGING__DATEFMT="today",
    )

    assert done.stdout == "today/DEBUG/hello\n"


def test_without_a_date_format_times_have_milliseconds():
    done = written_by("log.get_logger('x').info('hello')", PREFECT__LOGGING__DATEFMT="")

    assert re.match(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] INFO", done.stdout)


def test_other_loggers_can_be_shown_the_same_way():
    done = written_by(
        "import logging; logging.getLogger('mine').info('hello')",
        PREFECT__LOGGING__EXTRA_LOGGERS="['mine']",
        PREFECT__LOGGING__FORMAT="%(name)s %(message)s",
    )

    assert done.stdout == "mine hello\n"


def test_an_unknown_level_names_the_setting():
    with set_temporary_config({"logging.level": "LOUD"}), pytest.raises(InvalidConfigurationError) as caught:
        configure_logging(testing=True)
    assert str(caught.value) == "logging.level is 'LOUD'. Set it to DEBUG, INFO, WARNING, ERROR or CRITICAL."


def test_a_format_of_another_style_names_the_setting():
    with set_temporary_config({"logging.format": "{message}"}), pytest.raises(InvalidConfigurationError) as caught:
        configure_logging(testing=True)
    assert str(caught.value) == (
        "logging.format cannot be used: Invalid format '{message}' for '%' style."
        " Write it with fields such as %(message)s."
    )


def test_configuring_again_applies_changes_and_adds_no_second_handler():
    first = configure_logging(testing=True)
    with set_temporary_config({"logging.level": "ERROR", "logging.format": "%(message)s"}):
        again = configure_logging(testing=True)

    assert again is first
    assert again.name == "prefect-test-logger"
    assert again.level == logging.ERROR
    assert [handler.format(logging.makeLogRecord({"msg": "m"})) for handler in again.handlers] == ["m"]


def test_a_diagnostic_logger_stands_outside_prefect():
    logger = create_diagnostic_logger("test-agent")
    create_diagnostic_logger("test-agent")

    assert (logger.name, logger.level) == ("test-agent", logging.INFO)
    assert [type(handler) for handler in logger.handlers] == [StdoutHandler]


def test_level_and_formats_change_for_a_while(out: io.StringIO):
    logger = get_logger("x")

    with temporary_logger_config(level=logging.DEBUG, stream_fmt="%(asctime)s %(message)s", stream_datefmt="now"):
        logger.debug("inside")
    logger.debug("not shown")
    with temporary_logger_config(level="CRITICAL"):
        logger.error("not shown either")
    logger.info("outside")

    assert out.getvalue() == "now inside\nINFO prefect.x outside\n"


def test_what_was_changed_for_a_while_comes_back_after_an_error():
    before = get_logger().level, [handler.formatter for handler in get_logger().handlers]

    with pytest.raises(RuntimeError), temporary_logger_config(level=1, stream_fmt="x%(message)s"):
        raise RuntimeError

    assert (get_logger().level, [handler.formatter for handler in get_logger().handlers]) == before


# Where lines go


def test_redirecting_stdout_later_does_not_move_log_lines():
    done = written_by(
        "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()): log.get_logger('x').info('hello')"
    )

    assert re.fullmatch(LINE, done.stdout)


def test_lines_can_be_sent_elsewhere():
    done = written_by("import sys; log.log_to(sys.stderr); log.get_logger('x').info('hello')")

    assert done.stdout == ""
    assert re.fullmatch(LINE, done.stderr)


def test_lines_follow_stdout_when_the_old_one_is_closed():
    done = written_by(
        "import io, sys\nold = io.StringIO(); log.log_to(old); old.close()\nlog.get_logger('x').info('hello')"
    )

    assert re.fullmatch(LINE, done.stdout)


def without_reader(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script with a standard output that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(
            [sys.executable, "-c", script], stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    finally:
        os.close(writer)


UNREAD = """
import sys
from prefect import Flow, task
{imports}
@task
def count(number):
    return number

with Flow("unread", executor={executor}) as flow:
    count.map([1, 2, 3])
sys.exit(str(flow.run().message))
"""


@pytest.mark.parametrize("scheduler", [None, "threads", "processes"])
def test_a_flow_goes_on_without_a_word_when_the_reader_of_its_lines_leaves(scheduler: str | None):
    imports, executor = "", "None"
    if scheduler:
        imports, executor = "from prefect.executors import LocalDaskExecutor", f"LocalDaskExecutor({scheduler!r})"

    done = without_reader(UNREAD.format(imports=imports, executor=executor))

    assert (done.returncode, done.stderr) == (1, "All reference tasks succeeded.\n")


def test_lines_of_the_logger_that_nobody_reads_leave_the_exit_code_as_it_is():
    done = without_reader("import prefect.utilities.logging as log; log.get_logger('x').info('hello')")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_program_that_prints_meets_the_broken_pipe_itself():
    done = without_reader(
        "import os, sys, prefect.utilities.logging as log\n"
        "log.get_logger('x').info('hello')\n"
        "try: print('hello', flush=True)\n"
        "except BrokenPipeError: sys.exit(3)"
    )

    assert (done.returncode, done.stderr) == (3, "")


def test_lines_can_be_sent_elsewhere_when_the_reader_has_left():
    done = without_reader(
        "import sys, prefect.utilities.logging as log\n"
        "for stream in (sys.stdout, sys.stderr):\n    log.log_to(stream)\n    log.get_logger('x').info('hello')"
    )

    assert done.returncode == 0
    assert re.fullmatch(LINE, done.stderr)


def test_a_line_that_cannot_be_formatted_is_reported_and_ends_nothing():
    done = written_by("log.get_logger('x').info('%d', 'no number'); print('still here')")

    assert done.stdout == "still here\n"
    assert "--- Logging error ---" in done.stderr


# The formatter


def record_at(created: float, **values: object) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": "m", "created": created, "msecs": created % 1 * 1000, **values})


@pytest.mark.parametrize("datefmt", ["%Y-%m-%d %H:%M:%S%z", "%H", "", None])
def test_times_are_those_of_the_standard_formatter(datefmt: str | None):
    ours = Formatter("%(asctime)s %(message)s", datefmt)
    standard = logging.Formatter("%(asctime)s %(message)s", datefmt)

    for created in (0.0, 0.9, 1.0, 1_700_000_000.25, 0.5, time.time()):
        assert ours.format(record_at(created)) == standard.format(record_at(created))


def test_tracebacks_and_stacks_are_those_of_the_standard_formatter():
    try:
        raise ValueError("no")
    except ValueError:
        error = sys.exc_info()

    for values in ({"exc_info": error}, {"exc_text": "cached"}, {"stack_info": "Stack:"}):
        assert Formatter("%(message)s").format(record_at(0, **values)) == logging.Formatter("%(message)s").format(
            record_at(0, **values)
        )


def test_a_format_without_time_asks_for_none():
    assert not hasattr(_formatted("%(message)s"), "asctime")
    assert hasattr(_formatted("%(asctime)s"), "asctime")


def _formatted(fmt: str) -> logging.LogRecord:
    record = record_at(0)
    Formatter(fmt).format(record)
    return record


# Attributes of records


def test_records_say_which_run_they_belong_to(records: list[logging.LogRecord]):
    with prefect.context(flow_name="f", flow_run_id="1"), prefect.context(task_name="t", map_index=3):
        get_logger("x").info("hello")

    found = vars(records[0])
    assert (found["flow_name"], found["flow_run_id"], found["task_name"]) == ("f", "1", "t")
    assert not {"task_slug", "task_run_id", "map_index"} & set(found)


def test_records_of_other_libraries_say_it_too(caplog: pytest.LogCaptureFixture):
    with prefect.context(flow_name="f"), caplog.at_level(logging.INFO):
        logging.getLogger("other").info("hello")

    assert caplog.records[0].flow_name == "f"


def test_records_outside_a_run_carry_nothing(records: list[logging.LogRecord]):
    get_logger("x").info("hello")

    assert not set(prefect_logging.RECORD_ATTRIBUTES) & set(vars(records[0]))


def test_the_innermost_context_counts(records: list[logging.LogRecord]):
    with prefect.context(task_name="outer"), prefect.context(task_name="inner"):
        get_logger("x").info("hello")

    assert records[0].task_name == "inner"


def test_a_value_that_is_made_on_demand_is_made_for_a_record(records: list[logging.LogRecord]):
    @prefect.task
    def talk() -> str:
        get_logger("x").info("hello")
        return str(prefect.context.task_run_id)

    with prefect.Flow("f") as flow:
        talk()
    state = flow.run()

    record = next(record for record in records if record.name == "prefect.x")
    assert record.task_run_id == state.result[flow.get_tasks("talk")[0]].result


def test_configured_attributes_are_always_there(records: list[logging.LogRecord]):
    with (
        set_temporary_config({"logging.log_attributes": ["colour", "task_name"]}),
        prefect.context(colour="red"),
    ):
        get_logger("x").info("hello")

    assert (records[0].colour, records[0].task_name) == ("red", None)


def test_a_format_with_an_attribute_that_is_missing_is_a_reported_error():
    done = written_by("log.get_logger('x').info('hello')", PREFECT__LOGGING__FORMAT="%(flow_name)s")

    assert done.stdout == ""
    assert "flow_name" in done.stderr


def test_a_format_with_a_configured_attribute_needs_no_run():
    done = written_by(
        "log.get_logger('x').info('hello')",
        PREFECT__LOGGING__FORMAT="%(flow_name)s %(message)s",
        PREFECT__LOGGING__LOG_ATTRIBUTES="['flow_name']",
    )

    assert done.stdout == "None hello\n"


# log_stdout


def test_one_print_is_one_record(out: io.StringIO):
    with redirected_stdout():
        print("a", "b")
        print("two\nlines")

    assert out.getvalue() == "INFO prefect.TaskRunner a b\nINFO prefect.TaskRunner two\nINFO prefect.TaskRunner lines\n"


def test_blank_lines_are_left_out(out: io.StringIO):
    with redirected_stdout():
        print()
        print("  ")
        print("  indented\r")

    assert out.getvalue() == "INFO prefect.TaskRunner   indented\n"


def test_an_unfinished_line_is_logged_at_the_end(out: io.StringIO):
    with redirected_stdout():
        print("half", end="")
        print("way", end="")
        assert out.getvalue() == ""

    assert out.getvalue() == "INFO prefect.TaskRunner halfway\n"


def test_flushing_logs_the_unfinished_line(out: io.StringIO):
    with redirected_stdout():
        print("now", end="", flush=True)
        assert out.getvalue() == "INFO prefect.TaskRunner now\n"
        print(" then")

    assert out.getvalue() == "INFO prefect.TaskRunner now\nINFO prefect.TaskRunner  then\n"


def test_percent_signs_are_text(out: io.StringIO):
    with redirected_stdout():
        print("100 %s %d")

    assert out.getvalue() == "INFO prefect.TaskRunner 100 %s %d\n"


def test_lines_go_to_the_logger_that_is_given(out: io.StringIO):
    with redirected_stdout(get_logger("mine")):
        print("hello")

    assert out.getvalue() == "INFO prefect.mine hello\n"


def test_a_record_names_the_place_of_the_print(records: list[logging.LogRecord]):
    with redirected_stdout():
        print("hello")

    assert records[0].funcName == "test_a_record_names_the_place_of_the_print"


def test_only_text_can_be_written():
    with redirected_stdout() as redirect, pytest.raises(TypeError) as caught:
        redirect.write(b"bytes")  # type: ignore[arg-type]
    assert str(caught.value) == "write() argument must be str, not bytes"


def test_it_answers_like_a_text_file(out: io.StringIO):
    with redirected_stdout():
        assert sys.stdout.write("four") == 4
        sys.stdout.writelines(["a\n", "b\n"])
        assert (sys.stdout.encoding, sys.stdout.isatty(), sys.stdout.writable()) == ("utf-8", False, True)

    assert out.getvalue() == "INFO prefect.TaskRunner foura\nINFO prefect.TaskRunner b\n"


def test_stdout_comes_back_after_an_error():
    before = sys.stdout

    with pytest.raises(RuntimeError), redirected_stdout():
        raise RuntimeError

    assert sys.stdout is before


def test_stderr_is_left_alone():
    before = sys.stderr

    with redirected_stdout():
        assert sys.stderr is before


def test_blocks_that_overlap_share_one_redirection_until_the_last_ends(out: io.StringIO):
    before = sys.stdout
    first, second = redirected_stdout(), redirected_stdout()

    first.__enter__()
    second.__enter__()
    print("both")
    first.__exit__(None, None, None)
    print("the second")
    second.__exit__(None, None, None)

    assert sys.stdout is before
    assert out.getvalue() == "INFO prefect.TaskRunner both\nINFO prefect.TaskRunner the second\n"


def test_threads_do_not_mix_their_lines(out: io.StringIO):
    turn = threading.Barrier(2, timeout=30)

    def talk(name: str) -> None:
        for part in range(3):
            turn.wait()
            sys.stdout.write(f"{name}{part} ")
        print()

    with redirected_stdout():
        threads = [threading.Thread(target=talk, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(out.getvalue().splitlines()) == [
        "INFO prefect.TaskRunner a0 a1 a2 ",
        "INFO prefect.TaskRunner b0 b1 b2 ",
    ]


def test_what_a_thread_left_unfinished_is_not_lost(out: io.StringIO):
    with redirected_stdout():
        thread = threading.Thread(target=lambda: sys.stdout.write("half"))
        thread.start()
        thread.join()

    assert out.getvalue() == "INFO prefect.TaskRunner half\n"


def test_a_handler_that_prints_does_not_log_what_it_prints(out: io.StringIO, capsys: pytest.CaptureFixture[str]):
    class Printing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            print("seen:", record.getMessage(), flush=True)

    handler = Printing()
    get_logger("TaskRunner").addHandler(handler)
    with redirected_stdout():
        print("hello")
    get_logger("TaskRunner").removeHandler(handler)

    assert capsys.readouterr().out == "seen: hello\n"
    assert out.getvalue() == "INFO prefect.TaskRunner hello\n"


def test_writing_after_the_end_reaches_the_real_stdout(out: io.StringIO, capsys: pytest.CaptureFixture[str]):
    with redirected_stdout() as redirect:
        pass
    redirect.write("late\n")
    redirect.flush()

    assert capsys.readouterr().out == "late\n"
    assert out.getvalue() == ""


def test_a_closed_redirection_logs_its_rest_and_then_nothing(out: io.StringIO, capsys: pytest.CaptureFixture[str]):
    redirect = RedirectToLog(get_logger("mine"))
    redirect.write("rest")
    redirect.close()
    redirect.write("late")

    assert out.getvalue() == "INFO prefect.mine rest\n"
    assert capsys.readouterr().out == "late"


def test_a_level_set_before_the_first_run_stays(tmp_path: Path) -> None:
    """The package configures its logger with the first run; in 1.x it did so on import, before any code of the user."""
    script = "import logging, prefect; logging.getLogger('prefect').setLevel('ERROR'); prefect.Flow('quiet').run()"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert result.stdout == ""
