"""One flow registered: cli.md §5.4; DESIGN decision 11."""

from __future__ import annotations

from datetime import timedelta

import pytest

import prefect
from prefect import Flow, Parameter, Task
from prefect.orchestration.projects import create_project
from prefect.registering.registration import changes, register
from prefect.registration import prepare
from prefect.run_configs import LocalRun
from prefect.schedules import IntervalSchedule
from prefect.storage import Module


@pytest.fixture
def project_id(backend):
    return create_project(backend, "demo")


def etl(**options):
    with Flow("etl", **{"storage": Module("m"), **options}) as flow:
        Task(name="extract")(upstream_tasks=[Parameter("x", default=1)])
    prepare(flow)
    return flow


def test_a_first_version_is_new_and_nothing_has_changed(backend, project_id):
    done = register(backend, project_id, etl())

    assert (done.version, done.is_new, done.changes) == (1, True, ())
    assert backend.flows.get(done.flow_id)["name"] == "etl"


def test_the_same_flow_is_not_registered_again_unless_forced(backend, project_id):
    first = register(backend, project_id, etl())

    assert register(backend, project_id, etl()) == first._replace(is_new=False)
    forced = register(backend, project_id, etl(), force=True)
    assert (forced.version, forced.is_new, forced.changes) == (2, True, ())
    assert register(backend, project_id, etl()) == forced._replace(is_new=False)


def test_another_content_of_the_source_is_a_change(backend, project_id, tmp_path):
    path = tmp_path / "f.py"
    done = []
    for text in ("one", "two", "two"):
        path.write_text(text)
        with prefect.context(local_script_path=str(path)):
            done.append(register(backend, project_id, etl()))

    assert [(one.version, one.is_new, one.changes) for one in done] == [
        (1, True, ()),
        (2, True, ("source",)),
        (2, False, ()),
    ]
    assert backend.flows.get(done[-1].flow_id)["source"]["path"] == str(path)


def test_a_document_is_registered_as_it_is(backend, project_id):
    document = etl().serialize()

    done = register(backend, project_id, document)

    assert backend.flows.get(done.flow_id)["serialized_flow"] == document
    assert register(backend, project_id, etl()) == done._replace(is_new=False)


def test_a_document_that_describes_no_flow_is_refused(backend, project_id):
    with pytest.raises(ValueError, match=r"^The flow 'f' could not be read again from its JSON form: "):
        register(backend, project_id, {"name": "f", "tasks": 5})
    assert list(backend.flows.all()) == []


def test_the_schedule_is_switched_on_only_if_it_is_to_be(backend, project_id):
    flow = etl(schedule=IntervalSchedule(interval=timedelta(days=1)))

    off = register(backend, project_id, flow, set_schedule_active=False)
    on = register(backend, project_id, flow, force=True)

    assert backend.flows.get(off.flow_id)["is_schedule_active"] is False
    assert backend.flows.get(on.flow_id)["is_schedule_active"] is True


def with_default(default):
    with Flow("etl", storage=Module("m")) as flow:
        Task(name="extract")(upstream_tasks=[Parameter("x", default=default)])
    prepare(flow)
    return flow


def longer():
    flow = etl()
    flow.add_task(Task(name="load"))
    return flow


@pytest.mark.parametrize(
    ("flow", "changed"),
    [
        (etl, ()),
        (lambda: with_default(2), ("parameters",)),
        (longer, ("tasks",)),
        (lambda: etl(schedule=IntervalSchedule(interval=timedelta(days=1))), ("schedule",)),
        (lambda: etl(run_config=LocalRun()), ("run config",)),
        (lambda: etl(storage=Module("n")), ("storage",)),
        (lambda: etl(storage=Module("n"), run_config=LocalRun()), ("run config", "storage")),
    ],
)
def test_what_has_changed_is_named(flow, changed):
    assert changes({"serialized_flow": etl().serialize()}, {"serialized_flow": flow().serialize()}) == changed


def test_another_version_of_the_package_is_one_change():
    before, after = etl().serialize(), etl().serialize()
    for part in (before, before["tasks"][0], before["storage"]):
        part["__version__"] = "1.4.1"

    assert changes({"serialized_flow": before}, {"serialized_flow": after}) == ("version of prefect",)


def test_a_new_parameter_is_no_change_of_the_tasks_alone():
    before, after = etl(), etl()
    after.add_task(Parameter("y", default=1))

    found = changes({"serialized_flow": before.serialize()}, {"serialized_flow": after.serialize()})

    assert "parameters" in found
