"""``prefect run flow``, which is deprecated."""

from __future__ import annotations

import json

import pytest

from prefect import Flow, Parameter
from prefect.orchestration import flow_runs
from prefect.orchestration.logs import write_logs
from prefect.orchestration.projects import create_project
from prefect.orchestration.registration import register_flow
from prefect.orchestration.states import set_flow_run_state

NOTICE = "Warning: `prefect run flow` is deprecated, use `prefect run` instead.\n"


@pytest.fixture
def flow_ids(backend):
    """Two versions of the flow ``etl`` in the project ``demo``."""
    project_id = create_project(backend, "demo")
    with Flow("etl") as flow:
        Parameter("x", default=1)()
        Parameter("y", default=2)()
    return [register_flow(backend, flow.serialize(), project_id)[0] for _ in range(2)]


@pytest.fixture
def runs(backend):
    return lambda: list(backend.runs.newest())


@pytest.fixture
def ends(monkeypatch):
    """Lets every run come to its end as soon as it is created."""

    def ending(*states: str, log: str | None = None) -> None:
        create = flow_runs.create_flow_run

        def create_and_finish(store, **options):
            run, is_new = create(store, **options)
            for state in states:
                set_flow_run_state(store, run["id"], {"type": state, "message": f"{state}!"})
            if log is not None:
                entry = {"level": "INFO", "name": "prefect", "timestamp": store.system.now()}
                write_logs(store, [{**entry, "flow_run_id": run["id"], "message": text} for text in log.split()])
            return run, is_new

        monkeypatch.setattr("prefect.orchestration.flow_runs.create_flow_run", create_and_finish)

    return ending


# ---- which flow --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--name", "etl"], ["--project", "demo"]])
def test_a_flow_must_be_named(prefect, backend, options):
    exit_code, stdout, stderr = prefect("run", "flow", *options)

    assert (exit_code, stdout) == (2, "")
    assert stderr.endswith(
        "Error: A flow ID, version group ID, or a combination of flow name and project must be provided.\n"
    )


def test_a_flow_is_named_in_one_way(prefect, backend):
    exit_code, stdout, stderr = prefect("run", "flow", "--id", "x", "--name", "etl", "--project", "demo")

    assert (exit_code, stdout) == (2, "")
    assert stderr.endswith(
        "Error: Only one of flow ID, version group ID, or a name/project combination can be provided.\n"
    )


def test_states_and_logs_are_not_shown_together(prefect, backend):
    exit_code, stdout, stderr = prefect("run", "flow", "-i", "x", "-w", "-l")

    assert (exit_code, stdout) == (2, "")
    assert stderr.endswith("Error: Streaming state and logs not currently supported together.\n")


def test_a_name_that_is_unknown(prefect, flow_ids):
    assert prefect("run", "flow", "--name", "elt", "--project", "demo") == (
        3,
        "",
        f"{NOTICE}Flow elt not found.\nDid you mean 'etl'?\n",
    )


def test_an_id_that_is_unknown(prefect, backend):
    assert prefect("run", "flow", "--id", "018f86c9-d443-7c3e-9d02-6f1b2a400000").exit_code == 3


def test_options_go_after_the_word(prefect, backend):
    exit_code, stdout, stderr = prefect("run", "--quiet", "flow", "--id", "x")

    assert (exit_code, stdout) == (2, "")
    assert stderr.endswith("Error: Got unexpected extra argument (flow). Options go after the word 'flow'.\n")


def test_no_list_shows_it(prefect):
    assert "Commands" not in prefect("run", "-h").stdout
    assert "deprecated in favour of 'prefect run'" in prefect("run", "flow", "-h").stdout


# ---- the run -----------------------------------------------------------------------------------------------------------


def test_the_address_of_the_run_is_printed(prefect, flow_ids, runs):
    exit_code, stdout, stderr = prefect("run", "flow", "--name", "etl", "--project", "demo")

    [run] = runs()
    assert (exit_code, stdout, stderr) == (
        0,
        f"Flow Run: http://localhost:8080/default/flow-run/{run['id']}\n",
        NOTICE,
    )
    assert run["flow_id"] == flow_ids[1]


def test_the_id_of_the_run_is_printed_if_wanted(prefect, flow_ids, runs):
    assert prefect("run", "flow", "--id", flow_ids[1], "--no-url") == (0, f"Flow Run ID: {runs()[0]['id']}\n", NOTICE)


def test_a_version_group_means_its_flow_that_is_not_archived(prefect, flow_ids, runs, backend):
    group = backend.flows.get(flow_ids[0])["version_group_id"]

    assert prefect("run", "flow", "--version-group-id", group).exit_code == 0
    assert [run["flow_id"] for run in runs()] == [flow_ids[1]]


def test_an_archived_version_is_refused(prefect, flow_ids, runs):
    exit_code, stdout, stderr = prefect("run", "flow", "--name", "etl", "--project", "demo", "--version", "1")

    assert (exit_code, stdout, runs()) == (1, "", [])
    assert f"Flow {flow_ids[0]} is archived." in stderr


def test_parameters_of_the_text_win_over_those_of_the_file(prefect, flow_ids, runs, write):
    write("p.json", json.dumps({"x": 10, "y": 20}))

    done = prefect("run", "flow", "--id", flow_ids[1], "-pf", "p.json", "-ps", '{"y": 30}')

    assert done.exit_code == 0
    assert runs()[0]["parameters"] == {"x": 10, "y": 30}


def test_the_run_gets_name_labels_and_context(prefect, flow_ids, runs):
    done = prefect(
        "run", "flow", "--id", flow_ids[1], "-rn", "mine", "--label", "a", "--label", "b", "-c", '{"k": [1]}'
    )

    [run] = runs()
    assert done.exit_code == 0
    assert (run["name"], run["labels"], run["context"]) == ("mine", ["a", "b"], {"k": [1]})


@pytest.mark.parametrize("option", ["-ps", "-c"])
@pytest.mark.parametrize(
    ("value", "message"), [("{", "'{' is not JSON: "), ("[]", "'[]' is not a JSON object such as")]
)
def test_values_are_one_json_object(prefect, flow_ids, runs, option, value, message):
    exit_code, stdout, stderr = prefect("run", "flow", "--id", flow_ids[1], option, value)

    assert (exit_code, stdout, runs()) == (2, "", [])
    assert message in stderr


def test_a_parameter_file_must_exist(prefect, flow_ids, in_folder):
    assert prefect("run", "flow", "--id", flow_ids[1], "--parameters-file", "p.json").exit_code == 2


# ---- its end -----------------------------------------------------------------------------------------------------------


def test_each_state_is_shown_once_until_the_run_is_finished(prefect, flow_ids, ends):
    ends("Submitted", "Running", "Running", "Success")

    exit_code, stdout, stderr = prefect("run", "flow", "--id", flow_ids[1], "--no-url", "--watch")

    assert (exit_code, stderr) == (0, NOTICE)
    assert stdout.splitlines()[1:] == ["Scheduled -> Submitted -> Running -> Success"]


@pytest.mark.parametrize("state", ["Failed", "Cancelled"])
def test_a_run_that_does_not_succeed_is_told_by_the_exit_code(prefect, flow_ids, ends, state):
    ends("Running", state)

    exit_code, stdout, stderr = prefect("run", "flow", "--id", flow_ids[1], "--no-url", "--watch")

    assert (exit_code, stdout.splitlines()[1:]) == (1, [f"Scheduled -> Running -> {state}"])
    assert stderr.startswith(NOTICE)
    assert f"{state}!" in stderr.removeprefix(NOTICE)


def test_log_lines_are_shown_below_one_header(prefect, flow_ids, ends, runs):
    ends("Running", "Success", log="first second")

    exit_code, stdout, stderr = prefect("run", "flow", "--id", flow_ids[1], "--no-url", "--logs")

    assert (exit_code, stderr) == (0, NOTICE)
    lines = [line.split() for line in stdout.splitlines()[1:]]
    assert [line[:1] + line[2:] if line[0] == "TIMESTAMP" else line[1:] for line in lines] == [
        ["TIMESTAMP", "MESSAGE"],
        ["INFO", "first"],
        ["INFO", "second"],
    ]
