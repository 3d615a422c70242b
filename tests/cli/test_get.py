"""``prefect get``."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.logs import write_logs
from prefect.orchestration.projects import create_project
from prefect.orchestration.states import set_flow_run_state

WORDS = ["flows", "projects", "flow-runs", "tasks", "logs"]


@pytest.fixture
def run(store):
    """Creates a run of a flow with a name, in a state, and returns its id."""

    def created(flow_id: str, name: str, *states: str) -> str:
        made, _ = create_flow_run(store, flow_id=flow_id, name=name)
        for state in states:
            set_flow_run_state(store, made["id"], {"type": state, "message": f"{state}."})
        return made["id"]

    return created


def lines(text: str) -> list[list[str]]:
    """The cells of a table."""
    return [re.split(r" {2,}", line) for line in text.splitlines()]


# ---- the group ---------------------------------------------------------------------------------------------------------


def test_alone_it_lists_its_commands_on_stdout(prefect):
    exit_code, stdout, stderr = prefect("get")

    assert (exit_code, stderr) == (0, "")
    listed = stdout[stdout.index("Commands:") : stdout.index("Examples:")]
    assert [line.split()[0] for line in listed.strip().splitlines()[1:]] == WORDS


@pytest.mark.parametrize("word", WORDS)
def test_every_list_explains_itself_with_an_example(prefect, word):
    exit_code, stdout, stderr = prefect("get", word, "-h")

    assert (exit_code, stderr) == (0, "")
    assert f"$ prefect get {word}" in stdout


def test_an_unknown_list_gets_a_suggestion(prefect):
    exit_code, stdout, stderr = prefect("get", "flow-run")

    assert (exit_code, stdout) == (2, "")
    assert stderr.endswith("Error: No such command 'flow-run'. Did you mean 'flow-runs'?\n")


@pytest.mark.parametrize(
    ("word", "header"),
    [
        ("flows", "NAME  VERSION  AGE  ID  PROJECT NAME"),
        ("projects", "NAME  FLOW COUNT  AGE  DESCRIPTION"),
        ("flow-runs", "NAME  FLOW NAME  STATE  AGE  START TIME  ID"),
        ("tasks", "NAME  FLOW NAME  FLOW VERSION  AGE  MAPPED  TYPE"),
    ],
)
def test_of_a_store_that_does_not_exist_only_the_header_is_shown_and_nothing_is_made(prefect, store, word, header):
    assert prefect("get", word) == (0, f"{header}\n", "")
    assert prefect("get", word, "-o", "json") == (0, "[]\n", "")
    assert not Path(store.root).exists()


@pytest.mark.parametrize("word", ["flows", "flow-runs", "tasks"])
def test_a_limit_is_at_least_one(prefect, word):
    assert prefect("get", word, "--limit", "0").exit_code == 2


def test_a_limit_may_be_larger_than_any_list(prefect, register, run):
    run(register("etl"), "calm-otter")

    for word in ("flows", "flow-runs", "tasks"):
        assert prefect("get", word, "--limit", "9" * 30) == prefect("get", word, "--limit", "9")


# ---- flows -------------------------------------------------------------------------------------------------------------


def test_flows_are_listed_by_name_the_newest_version_of_each(prefect, register, clock):
    register("etl")
    clock.pass_time(days=1)
    newest = register("etl")
    clock.pass_time(days=2)
    report = register("report")
    clock.pass_time(hours=1)

    assert prefect("get", "flows") == (
        0,
        "NAME    VERSION  AGE         ID                                    PROJECT NAME\n"
        f"etl     2        2 days ago  {newest}  demo\n"
        f"report  1        1 hour ago  {report}  demo\n",
        "",
    )


def test_all_versions_of_a_flow_may_be_shown(prefect, register):
    old, new = register("etl"), register("etl")

    assert [line[3] for line in lines(prefect("get", "flows", "--all-versions").stdout)[1:]] == [new, old]
    assert [line[3] for line in lines(prefect("get", "flows", "--version", "1").stdout)[1:]] == [old]


def test_a_name_in_two_projects_is_two_flows(prefect, register):
    register("etl", project="a")
    register("etl", project="b")

    assert [line[4] for line in lines(prefect("get", "flows").stdout)[1:]] == ["a", "b"]
    assert [line[4] for line in lines(prefect("get", "flows", "-p", "b").stdout)[1:]] == ["b"]


def test_flows_are_chosen_by_name_and_limited(prefect, register):
    register("etl")
    register("report")

    assert [line[0] for line in lines(prefect("get", "flows", "--name", "report").stdout)[1:]] == ["report"]
    assert [line[0] for line in lines(prefect("get", "flows", "--limit", "1").stdout)[1:]] == ["etl"]


def test_an_unknown_name_gets_a_suggestion_below_an_empty_list(prefect, register):
    register("etl")
    header = "NAME  VERSION  AGE  ID  PROJECT NAME\n"

    assert prefect("get", "flows", "-n", "elt") == (
        3,
        header,
        "There is no flow named 'elt'.\nDid you mean 'etl'?\n",
    )
    assert prefect("get", "flows", "-p", "dmo") == (
        3,
        header,
        "There is no project named 'dmo'.\nDid you mean 'demo'?\n",
    )
    assert prefect("get", "flows", "-v", "7", "-n", "etl") == (
        3,
        header,
        "There is no version 7 of 'etl'.\nThere is no version 7 of it; the highest is version 1.\n",
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("flows", "-n", "elt"), "There is no flow named 'elt'.\nDid you mean 'etl'?\n"),
        (("projects", "-n", "dmo"), "There is no project named 'dmo'.\nDid you mean 'demo'?\n"),
        (("flow-runs", "-f", "elt"), "There is no flow named 'elt'.\nDid you mean 'etl'?\n"),
        (("flow-runs", "-p", "dmo"), "There is no project named 'dmo'.\nDid you mean 'demo'?\n"),
        (("tasks", "-fn", "elt"), "There is no flow named 'elt'.\nDid you mean 'etl'?\n"),
        (("tasks", "-n", "extrat"), "There is no task named 'extrat'.\nDid you mean 'extract'?\n"),
    ],
)
def test_a_list_of_what_is_not_there_is_empty_and_says_so(prefect, register, words, told):
    register("etl")

    assert prefect("get", *words, "-o", "json") == (3, "[]\n", told)


@pytest.mark.parametrize("words", [("flow-runs", "-f", "etl"), ("flow-runs", "--state", "failed"), ("flow-runs", "-s")])
def test_a_list_that_is_just_empty_is_no_error(prefect, register, words):
    register("etl")

    assert prefect("get", *words, "-o", "json") == (0, "[]\n", "")


def test_flows_as_json_have_more_fields(prefect, register):
    flow_id = register("etl")

    (flow,) = json.loads(prefect("get", "flows", "--output", "json").stdout)

    assert flow.pop("flow_group_id") != flow.pop("version_group_id")
    assert flow == {
        "id": flow_id,
        "name": "etl",
        "version": 1,
        "project_name": "demo",
        "created": "2024-05-17T12:00:30.000000+00:00",
        "archived": False,
        "is_schedule_active": False,
        "description": None,
    }


# ---- projects ----------------------------------------------------------------------------------------------------------


def test_projects_are_listed_by_name_with_the_number_of_their_flows(prefect, store, register, clock):
    create_project(store, "demo", "To try things")
    create_project(store, "bare")
    register("etl")
    register("etl")
    register("report")
    clock.pass_time(days=3)

    assert prefect("get", "projects") == (
        0,
        "NAME  FLOW COUNT  AGE         DESCRIPTION\n"
        "bare  0           3 days ago\n"
        "demo  2           3 days ago  To try things\n",
        "",
    )


def test_one_project_may_be_chosen(prefect, store):
    create_project(store, "demo")
    create_project(store, "other")

    (project,) = json.loads(prefect("get", "projects", "-n", "demo", "-o", "json").stdout)

    assert project.pop("id")
    assert project == {
        "name": "demo",
        "flow_count": 0,
        "created": "2024-05-17T12:00:30.000000+00:00",
        "description": None,
    }


# ---- flow runs ---------------------------------------------------------------------------------------------------------


def test_runs_are_listed_the_newest_first(prefect, register, run, clock):
    etl = register("etl")
    first = run(etl, "calm-otter", "Running", "Failed")
    clock.pass_time(minutes=5)
    second = run(etl, "swift-lynx")
    clock.pass_time(seconds=30)

    assert prefect("get", "flow-runs") == (
        0,
        "NAME        FLOW NAME  STATE      AGE             START TIME           ID\n"
        f"swift-lynx  etl        Scheduled  30 seconds ago                       {second}\n"
        f"calm-otter  etl        Failed     5 minutes ago   2024-05-17 12:00:30  {first}\n",
        "",
    )


def test_runs_are_chosen_by_state_in_any_case(prefect, register, run):
    etl = register("etl")
    run(etl, "calm-otter", "Running", "Failed")
    run(etl, "swift-lynx", "Running", "Success")

    for word in ("Failed", "failed"):
        assert [line[0] for line in lines(prefect("get", "flow-runs", "--state", word).stdout)[1:]] == ["calm-otter"]


def test_a_state_must_be_known(prefect, store):
    exit_code, stdout, stderr = prefect("get", "flow-runs", "--state", "faild")

    assert (exit_code, stdout) == (2, "")
    assert stderr.endswith("There is no state of type 'faild'. Did you mean 'Failed'?\n")


def test_started_runs_come_in_the_order_of_their_start(prefect, register, run, store, clock):
    etl = register("etl")
    late = run(etl, "late")
    run(etl, "early", "Running")
    run(etl, "waiting")
    clock.pass_time(minutes=1)
    set_flow_run_state(store, late, {"type": "Running"})

    assert [line[0] for line in lines(prefect("get", "flow-runs", "--started").stdout)[1:]] == ["late", "early"]


def test_runs_are_chosen_by_flow_and_project_and_limited(prefect, register, run, clock):
    etl, report = register("etl"), register("report", project="other")
    run(etl, "calm-otter")
    clock.pass_time(seconds=1)
    run(report, "swift-lynx")
    clock.pass_time(seconds=1)
    run(report, "bold-crow")

    def names(*options: str) -> list[str]:
        return [line[0] for line in lines(prefect("get", "flow-runs", *options).stdout)[1:]]

    assert names("--flow", "etl") == ["calm-otter"]
    assert names("--project", "other") == ["bold-crow", "swift-lynx"]
    assert names("-l", "2") == ["bold-crow", "swift-lynx"]


def test_runs_as_json_have_more_fields(prefect, register, run):
    etl = register("etl")
    run_id = run(etl, "calm-otter", "Running")

    (shown,) = json.loads(prefect("get", "flow-runs", "-o", "json").stdout)

    assert shown == {
        "id": run_id,
        "name": "calm-otter",
        "flow_id": etl,
        "labels": [],
        "parameters": {},
        "created": "2024-05-17T12:00:30.000000+00:00",
        "scheduled_start_time": "2024-05-17T12:00:30.000000+00:00",
        "start_time": "2024-05-17T12:00:30.000000+00:00",
        "end_time": None,
        "flow_name": "etl",
        "state": "Running",
        "state_message": "Running.",
    }


def test_a_run_whose_process_is_gone_is_shown_as_failed(prefect, register, run, store, clock):
    run_id = run(register("etl"), "calm-otter")
    set_flow_run_state(
        store, run_id, {"type": "Running"}, process={"host": "elsewhere", "pid": 1, "started": 1.0, "boot_id": "x"}
    )
    marker = Path(store.layout.active(run_id))
    clock.pass_time(hours=1)
    os.utime(marker, (clock.milliseconds() / 1000 - 3600,) * 2)

    assert lines(prefect("get", "flow-runs").stdout)[1][2] == "Failed"


@pytest.mark.parametrize("word", ["flows", "flow-runs", "tasks"])
def test_a_damaged_record_is_left_out_with_one_warning(prefect, store, register, run, caplog, word):
    etl = register("etl")
    spoilt_flow = register("spoilt")
    run(etl, "calm-otter")
    spoilt_run = run(etl, "spoilt")
    for path in (store.layout.flow(spoilt_flow), store.layout.run(spoilt_run)):
        with open(path, "a", encoding="utf-8") as file:
            file.write("no json\n")

    exit_code, stdout, _ = prefect("get", word)

    path = store.layout.run(spoilt_run) if word == "flow-runs" else store.layout.flow(spoilt_flow)
    assert exit_code == 0
    assert "spoilt" not in stdout
    assert lines(stdout)[1][0] in ("etl", "calm-otter", "extract")
    assert [record.getMessage() for record in caplog.records] == [
        f"The file {path}, line 2, is damaged: it is not JSON (Expecting value: line 1 column 1 (char 0))."
        " Run 'prefect store check --repair' to set aside what cannot be read."
    ]


# ---- tasks -------------------------------------------------------------------------------------------------------------


def test_tasks_are_listed_the_newest_first(prefect, register, clock):
    register("etl")
    clock.pass_time(days=3)
    register("report", tasks=("write",))

    assert prefect("get", "tasks") == (
        0,
        "NAME     FLOW NAME  FLOW VERSION  AGE                MAPPED  TYPE\n"
        "write    report     1             a few seconds ago  False   prefect.core.task.Task\n"
        "extract  etl        1             3 days ago         False   prefect.core.task.Task\n"
        "load     etl        1             3 days ago         True    prefect.core.task.Task\n",
        "",
    )


def test_tasks_are_chosen_by_their_name_and_by_their_flow(prefect, register):
    register("etl")
    register("etl")
    register("report", project="other", tasks=("load", "write"))

    def shown(*options: str) -> list[list[str]]:
        return [line[:3] for line in lines(prefect("get", "tasks", *options).stdout)[1:]]

    assert shown("--name", "load", "--flow-name", "etl") == [["load", "etl", "2"], ["load", "etl", "1"]]
    assert shown("-fn", "etl", "-fv", "1", "-l", "1") == [["extract", "etl", "1"]]
    assert shown("-p", "other") == [["load", "report", "1"], ["write", "report", "1"]]


def test_tasks_as_json_have_more_fields(prefect, register):
    flow_id = register("etl")

    tasks = json.loads(prefect("get", "tasks", "-o", "json").stdout)

    assert [task["slug"] for task in tasks] == ["extract-1", "load-1"]
    assert {task["flow_id"] for task in tasks} == {flow_id}
    assert [task["is_root_task"] for task in tasks] == [True, False]


# ---- logs --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(store):
    """Writes a line to the log of a run."""

    def write(run_id: str, message: str, **fields: object) -> None:
        write_logs(store, {"flow_run_id": run_id, "message": message, **fields})

    return write


def test_the_log_of_a_run_is_listed_by_time(prefect, register, run, log, clock):
    run_id = run(register("etl"), "calm-otter")
    log(run_id, "second", level="ERROR")
    log(run_id, "first", timestamp="2024-05-17T12:00:29.000000+00:00")

    table = (
        "TIMESTAMP                         LEVEL  MESSAGE\n"
        "2024-05-17T12:00:29.000000+00:00  INFO   first\n"
        "2024-05-17T12:00:30.000000+00:00  ERROR  second\n"
    )
    assert prefect("get", "logs", "--name", "calm-otter") == (0, table, "")
    assert prefect("get", "logs", "--id", run_id.upper()) == (0, table, "")


def test_of_several_runs_of_a_name_the_one_that_began_last_counts(prefect, register, run, log, clock):
    etl = register("etl")
    log(run(etl, "same", "Running"), "began first")
    clock.pass_time(minutes=1)
    log(run(etl, "same", "Running"), "began last")
    clock.pass_time(minutes=1)
    log(run(etl, "same"), "never began")

    assert lines(prefect("get", "logs", "-n", "same").stdout)[1][2] == "began last"


def test_what_was_noted_with_a_line_may_be_printed_alone(prefect, register, run, log):
    run_id = run(register("etl"), "calm-otter")
    log(run_id, "plain")
    log(run_id, "one", info={"a": 1})
    log(run_id, "two", info="text")

    assert prefect("get", "logs", "--id", run_id, "--info") == (0, '{"a": 1}\ntext\n', "")
    assert json.loads(prefect("get", "logs", "--id", run_id, "--info", "-o", "json").stdout) == [{"a": 1}, "text"]


def test_a_log_as_json_is_a_list_of_lines(prefect, register, run, log):
    run_id = run(register("etl"), "calm-otter")
    log(run_id, "hello", name="prefect.etl")

    assert json.loads(prefect("get", "logs", "--id", run_id, "-o", "json").stdout) == [
        {
            "timestamp": "2024-05-17T12:00:30.000000+00:00",
            "level": "INFO",
            "name": "prefect.etl",
            "task_run_id": None,
            "message": "hello",
        }
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Either --name or --id must be provided."),
        (["--name", "a", "--id", "b"], "Give either --name or --id, not both."),
    ],
)
def test_the_run_is_named_in_one_way(prefect, store, options, message):
    exit_code, stdout, stderr = prefect("get", "logs", *options)

    assert (exit_code, stdout) == (2, "")
    assert stderr.endswith(f"Error: {message}\n")


def test_a_run_that_does_not_exist_has_no_log(prefect, register, run):
    run(register("etl"), "calm-otter")

    assert prefect("get", "logs", "--name", "calm-oter") == (
        3,
        "",
        "Flow run calm-oter not found.\nDid you mean 'calm-otter'?\n",
    )
    assert prefect("get", "logs", "--id", "nope") == (
        3,
        "",
        "Flow run nope not found. List the runs with 'prefect get flow-runs'.\n",
    )
