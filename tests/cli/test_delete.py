"""``prefect delete``."""

from __future__ import annotations

from prefect.orchestration.flow_runs import create_flow_run, list_flow_runs
from prefect.orchestration.flows import list_flows
from prefect.orchestration.projects import projects


def test_a_project_goes_with_its_flows_and_their_runs(prefect, store, register):
    create_flow_run(store, flow_id=register("etl"))
    register("report", project="other")

    assert prefect("delete", "project", "demo") == (0, "demo deleted\n", "")
    assert [project["name"] for project in projects(store)] == ["other"]
    assert [flow["name"] for flow in list_flows(store)] == ["report"]
    assert list(list_flow_runs(store)) == []


def test_an_unknown_project_gets_a_suggestion(prefect, register):
    register("etl")

    assert prefect("delete", "project", "dmo") == (3, "", "Project dmo not found.\nDid you mean 'demo'?\n")


def test_without_projects_there_is_nothing_to_suggest(prefect, store):
    assert prefect("delete", "project", "demo") == (
        3,
        "",
        "Project demo not found.\nList the projects with 'prefect get projects'.\n",
    )


def test_a_name_is_required(prefect, store):
    assert prefect("delete", "project").exit_code == 2
