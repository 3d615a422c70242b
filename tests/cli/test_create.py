"""``prefect create``."""

from __future__ import annotations

from prefect.orchestration.projects import project_named


def test_a_project_is_created(prefect, store):
    assert prefect("create", "project", "demo", "--description", "To try things") == (0, "demo created\n", "")
    assert project_named(store, "demo")["description"] == "To try things"


def test_a_project_that_exists_stays_as_it_is(prefect, store):
    prefect("create", "project", "demo", "-d", "first")
    before = project_named(store, "demo")

    assert prefect("create", "project", "demo", "-d", "second") == (0, "demo created\n", "")
    assert project_named(store, "demo") == before


def test_it_may_say_that_the_project_exists(prefect, store):
    assert prefect("create", "project", "demo", "--skip-if-exists") == (0, "demo created\n", "")
    assert prefect("create", "project", "demo", "--skip-if-exists") == (0, "demo already exists\n", "")


def test_a_project_needs_a_name(prefect, store):
    assert prefect("create", "project").exit_code == 2
    assert prefect("create", "project", " ") == (
        1,
        "",
        "A project needs a name, and ' ' is none. Choose a text that is not empty.\n",
    )


def test_alone_it_prints_its_help(prefect):
    exit_code, stdout, stderr = prefect("create")

    assert (exit_code, stderr) == (0, "")
    assert "$ prefect create project demo" in stdout
