"""Log lines of a run reach its log. Source: backend.md §16.1."""

from __future__ import annotations

import logging
import os

import pytest

import prefect
from prefect import Client, Flow, task
from prefect.backend.execution import run_here
from prefect.backend.run_logs import sent_logs
from prefect.executors import LocalDaskExecutor
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.logging import get_logger


@pytest.fixture
def logged(flow_run_id, backend):
    """Runs something whose lines are sent to a run, and returns what is stored of them."""

    def lines(work):
        with prefect.context(flow_run_id=flow_run_id), sent_logs(Client(), flow_run_id):
            work(get_logger("test"))
        return backend.logs.read(flow_run_id)

    return lines


def test_a_line_has_the_time_level_and_name_of_its_record(logged):
    (line,) = logged(lambda logger: logger.warning("it is %s", "late"))

    assert {**line, "timestamp": None} == {
        "timestamp": None,
        "level": "WARNING",
        "name": "prefect.test",
        "task_run_id": None,
        "message": "it is late",
    }
    assert line["timestamp"].endswith("+00:00")


def test_lines_below_the_configured_level_are_left_out(logged):
    assert logged(lambda logger: logger.debug("x")) == []


@pytest.mark.parametrize(("number", "name"), [(5, "DEBUG"), (25, "INFO"), (35, "WARNING"), (99, "CRITICAL")])
def test_a_level_of_the_users_own_counts_as_the_one_below(logged, number, name):
    def work(logger):
        logger.setLevel(1)
        logger.log(number, "x")

    assert [line["level"] for line in logged(work)] == [name]


def test_a_traceback_is_part_of_the_message(logged):
    def work(logger):
        try:
            1 / 0  # noqa: B018 - raises
        except ZeroDivisionError:
            logger.exception("oops")

    (line,) = logged(work)
    assert line["message"].startswith("oops\nTraceback (most recent call last):\n")
    assert line["message"].endswith("ZeroDivisionError: division by zero")


@pytest.mark.parametrize(
    "message",
    ["a\x00b", "\ud800 alone", "\x1b[31mred", "line\nline", "\u2028"],
    ids=["NUL", "half a surrogate pair", "escape", "two lines", "line separator"],
)
def test_any_text_is_stored_as_it_is(logged, message, monkeypatch):
    # pytest cannot report half a character that it has captured.
    monkeypatch.setattr(get_logger(), "handlers", [])
    monkeypatch.setattr(get_logger(), "propagate", False)
    (line,) = logged(lambda logger: logger.info("%s", message))

    assert line["message"] == message


def test_a_huge_message_is_cut(logged):
    (line,) = logged(lambda logger: logger.info("x" * 1_000_010))

    assert line["message"].endswith("x … (10 more characters)")


def test_nothing_is_sent_if_the_configuration_says_so(logged):
    with set_temporary_config({"cloud.send_flow_run_logs": False}):
        assert logged(lambda logger: logger.info("x")) == []


def test_extra_loggers_are_sent_too(logged):
    with set_temporary_config({"logging.extra_loggers": ["mine"]}):
        (line,) = logged(lambda _: logging.getLogger("mine").warning("hello"))

    assert line["name"] == "mine"


def test_that_lines_cannot_be_stored_is_said_once_and_stops_nothing(logged, backend, monkeypatch, caplog):
    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backend.logs, "append", full)
    logged(lambda logger: [logger.warning("x"), logger.warning("y")])

    assert caplog.text.count("A log line could not be stored: [Errno 28] No space left on device") == 1


def test_lines_of_a_task_name_its_task_run(create_run, backend):
    @task(log_stdout=True)
    def speaks():
        prefect.context.logger.info("logged")
        print("printed")

    flow = Flow("f", tasks=[speaks])
    flow_run_id = create_run(flow)
    run_here(flow_run_id, flow)

    (task_run,) = Client().get_task_runs(flow_run_id)
    found = {line["message"]: line for line in backend.logs.read(flow_run_id)}
    assert (found["logged"]["task_run_id"], found["logged"]["name"]) == (task_run.id, "prefect.speaks")
    assert (found["printed"]["task_run_id"], found["printed"]["name"]) == (task_run.id, "prefect.TaskRunner")


def test_lines_of_a_flow_that_a_task_runs_by_itself_are_kept(create_run, log_of):
    @task
    def inner():
        prefect.context.logger.info("from inside")

    @task
    def outer():
        Flow("inner", tasks=[inner]).run()

    flow = Flow("f", tasks=[outer])
    flow_run_id = create_run(flow)
    run_here(flow_run_id, flow)

    assert "from inside" in log_of(flow_run_id)


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_lines_of_workers_reach_the_log_of_the_run(create_run, log_of, scheduler):
    @task
    def speaks(x):
        prefect.context.logger.info("hello from %s: %d", "afar", x)

    with Flow("f", executor=LocalDaskExecutor(scheduler, num_workers=2)) as flow:
        speaks.map([1, 2])
    flow_run_id = create_run(flow)
    run_here(flow_run_id, flow)

    assert sorted(line for line in log_of(flow_run_id) if "afar" in line) == [
        "hello from afar: 1",
        "hello from afar: 2",
    ]


def test_workers_print_as_their_run_does(create_run, capfd):
    from prefect.utilities.logging import temporary_logger_config

    @task
    def speaks():
        prefect.context.logger.info("hello from %d", os.getpid())

    flow = Flow("f", tasks=[speaks], executor=LocalDaskExecutor("processes", num_workers=1))
    flow_run_id = create_run(flow)
    with temporary_logger_config(stream_fmt="> %(message)s"):
        run_here(flow_run_id, flow)

    assert "> hello from " in capfd.readouterr().out
