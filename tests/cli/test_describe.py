"""``prefect describe``."""

from __future__ import annotations

import json

import pytest

from prefect.orchestration.flow_runs import create_flow_run


def test_a_flow_is_described_by_its_highest_version(prefect, register):
    register("etl")
    register("etl")

    assert prefect("describe", "flows", "--name", "etl") == (
        0,
        """\
{
  "archived": false,
  "created": "2024-05-17T12:00:30.000000+00:00",
  "description": null,
  "environment": null,
  "name": "etl",
  "parameters": [],
  "project": {
    "name": "demo"
  },
  "storage": null,
  "version": 2
}
""",
        "",
    )


def test_a_version_and_a_project_may_be_chosen(prefect, register):
    register("etl")
    register("etl")
    register("etl", project="other")

    def described(*options: str) -> list[object]:
        flow = json.loads(prefect("describe", "flows", "-n", "etl", *options).stdout)
        return [flow["project"]["name"], flow["version"], flow["archived"]]

    assert described() == ["demo", 2, False]
    assert described("-v", "1", "-p", "demo") == ["demo", 1, True]
    assert described("--project", "other") == ["other", 1, False]


def test_the_tasks_of_a_flow_are_described_in_a_list(prefect, register):
    register("etl", tasks=("extract",))

    assert prefect("describe", "tasks", "-n", "etl", "-o", "yaml") == (
        0,
        """\
- created: "2024-05-17T12:00:30.000000+00:00"
  description: null
  mapped: false
  max_retries: 0
  name: extract
  retry_delay: null
  slug: extract-1
  type: prefect.core.task.Task
""",
        "",
    )


def test_a_flow_may_have_no_tasks(prefect, register):
    register("etl", tasks=())

    assert prefect("describe", "tasks", "-n", "etl") == (3, "", "No tasks found for flow etl\n")


def test_a_run_is_described_by_the_newest_of_its_name(prefect, store, register, clock):
    etl = register("etl")
    create_flow_run(store, flow_id=etl, name="calm-otter")
    clock.pass_time(days=1)
    create_flow_run(store, flow_id=etl, name="calm-otter", scheduled_start_time="2024-05-20T00:00:00.000000+00:00")

    assert prefect("describe", "flow-runs", "-n", "calm-otter", "-fn", "etl") == (
        0,
        """\
{
  "auto_scheduled": false,
  "created": "2024-05-18T12:00:30.000000+00:00",
  "end_time": null,
  "flow": {
    "name": "etl"
  },
  "name": "calm-otter",
  "parameters": {},
  "scheduled_start_time": "2024-05-20T00:00:00.000000+00:00",
  "serialized_state": {
    "message": "Flow run scheduled.",
    "start_time": "2024-05-20T00:00:00.000000+00:00",
    "type": "Scheduled"
  },
  "start_time": null
}
""",
        "",
    )


@pytest.mark.parametrize("word", ["flows", "tasks"])
@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["-n", "elt"], "Flow elt not found.\nDid you mean 'etl'?\n"),
        (["-n", "etl", "-p", "dmo"], "Flow etl not found.\nThere is no project named 'dmo'. Did you mean 'demo'?\n"),
        (["-n", "etl", "-v", "7"], "Flow etl not found.\nThere is no version 7 of it; the highest is version 1.\n"),
    ],
)
def test_a_flow_that_does_not_exist_gets_a_suggestion(prefect, register, word, options, hint):
    register("etl")

    assert prefect("describe", word, *options) == (3, "", hint)


def test_the_highest_version_of_all_projects_is_told(prefect, register):
    register("etl", project="demo")
    register("etl", project="demo")
    register("etl", project="other")

    _, _, stderr = prefect("describe", "flows", "-n", "etl", "-v", "7")

    assert stderr.endswith("There is no version 7 of it; the highest is version 2.\n")


def test_a_run_that_does_not_exist_gets_a_suggestion(prefect, store, register):
    create_flow_run(store, flow_id=register("etl"), name="calm-otter")

    assert prefect("describe", "flow-runs", "-n", "calm-oter") == (
        3,
        "",
        "Flow run calm-oter not found.\nDid you mean 'calm-otter'?\n",
    )
    assert prefect("describe", "flow-runs", "-n", "calm-otter", "-fn", "other") == (
        3,
        "",
        "Flow run calm-otter of flow other not found.\nRuns of this name belong to the flow 'etl'.\n",
    )


@pytest.mark.parametrize("word", ["flows", "tasks", "flow-runs"])
def test_a_name_is_required_and_the_format_is_json_or_yaml(prefect, store, word):
    assert prefect("describe", word).exit_code == 2
    assert prefect("describe", word, "-n", "x", "-o", "toml").exit_code == 2
