"""Flows as documents: core.md §2.8 and §20.1."""

from __future__ import annotations

import json

import pytest

import prefect
from prefect import Flow, Parameter, Task, task
from prefect.edge import Edge
from prefect.run_configs import LocalRun
from prefect.schedules import CronSchedule
from prefect.serialization import ValidationError, deserialize_flow
from prefect.serialization.schedules import serialize_schedule
from prefect.storage import Local, Module
from prefect.triggers import some_failed


@task
def add(x, y=1):
    return x + y


def example():
    with Flow("example") as flow:
        x = Parameter("x", default=1)
        total = add(x, y=2)
        mapped = add.map([1, 2], y=prefect.unmapped(total))
        Task("last", trigger=some_failed(at_most=0.5))(upstream_tasks=[mapped])
    flow.set_reference_tasks([total])
    return flow


def test_a_document_has_the_entries_of_1x():
    assert sorted(Flow("f").serialize()) == [
        *("__version__", "edges", "name", "parameters", "reference_tasks", "run_config", "schedule", "storage"),
        *("tasks", "type"),
    ]


def test_serializing_writes_slugs_onto_the_tasks():
    flow = Flow("f", tasks=[Task("a"), Task("a")])

    flow.serialize()

    assert {task.slug for task in flow.tasks} == {"a-1", "a-2"}


def test_tasks_and_edges_are_sorted_by_slug():
    document = example().serialize()

    assert [entry["slug"] for entry in document["tasks"]] == ["[1, 2]-1", "add-1", "add-2", "last-1", "x"]
    assert [
        (entry["upstream_task"]["slug"], entry["downstream_task"]["slug"], entry["key"]) for entry in document["edges"]
    ] == [
        ("[1, 2]-1", "add-2", "x"),
        ("add-1", "add-2", "y"),
        ("add-2", "last-1", None),
        ("x", "add-1", "x"),
    ]


def test_reference_tasks_are_listed_only_if_they_were_set():
    flow = Flow("f", tasks=[Task("a"), Task("b")])
    by_default = flow.serialize()["reference_tasks"]
    flow.set_reference_tasks(flow.get_tasks(name="b"))

    assert by_default == []
    assert [entry["slug"] for entry in flow.serialize()["reference_tasks"]] == ["b-1"]


def test_a_flow_with_a_cycle_is_refused():
    a, b = Task("a"), Task("b")
    flow = Flow("f", edges=[Edge(a, b), Edge(b, a)])

    with pytest.raises(ValueError, match="Cycle found"):
        flow.serialize()


def test_a_parameter_with_a_default_that_is_no_json_is_refused():
    flow = Flow("f", tasks=[Parameter("p", default={1})])

    with pytest.raises(ValidationError, match="parameter 'p'"):
        flow.serialize()


def test_schedule_run_config_and_storage_are_part_of_the_document():
    schedule, run_config, storage = CronSchedule("0 9 * * *"), LocalRun(labels=["a"]), Module("package.module")
    flow = Flow("f", schedule=schedule, run_config=run_config, storage=storage)

    document = flow.serialize()

    assert document["schedule"] == serialize_schedule(schedule)
    assert document["run_config"] == run_config.serialize()
    assert document["storage"] == storage.serialize()


def test_schedule_run_config_and_storage_come_back():
    flow = Flow("f", schedule=CronSchedule("0 9 * * *"), run_config=LocalRun(labels=["a"]), storage=Module("m"))
    document = json.loads(json.dumps(flow.serialize()))

    loaded = deserialize_flow(document)

    assert [clock.cron for clock in loaded.schedule.clocks] == ["0 9 * * *"]
    assert loaded.run_config == flow.run_config
    assert loaded.storage.module == "m"
    assert loaded.serialize() == document


@pytest.mark.parametrize("part", ["schedule", "run_config", "storage"])
def test_other_objects_in_their_places_are_refused(part):
    with pytest.raises(ValidationError):
        Flow("f", **{part: "something"}).serialize()


def test_building_without_a_storage_is_refused():
    with pytest.raises(ValueError, match=r"^The flow 'f' has no storage to build\."):
        Flow("f").serialize(build=True)


def test_building_adds_the_flow_to_its_storage(tmp_path):
    flow = Flow("f", storage=Local(directory=tmp_path))

    document = flow.serialize(build=True)

    assert document["storage"]["flows"] == flow.storage.flows
    assert flow.storage.get_flow("f") == flow


def test_building_warns_of_a_flow_of_that_name_in_the_storage(tmp_path):
    flow = Flow("f", storage=Local(directory=tmp_path))
    location = flow.storage.add_flow(Flow("f", tasks=[Task("other")]))

    with pytest.warns(UserWarning, match="A flow named 'f' is already contained in <Storage: Local>") as caught:
        document = flow.serialize(build=True)

    assert document["storage"]["flows"] == {"f": location}
    assert caught[0].filename == __file__


def test_the_hash_is_that_of_the_sorted_document():
    import hashlib

    flow = example()
    text = json.dumps(flow.serialize(), sort_keys=True)

    assert flow.serialized_hash() == hashlib.sha256(text.encode()).hexdigest()


def test_the_hash_is_the_same_for_a_flow_made_the_same_way():
    assert example().serialized_hash() == example().serialized_hash()


def test_the_hash_of_another_flow_differs():
    flow = example()
    flow.add_task(Task("one more"))

    assert flow.serialized_hash() != example().serialized_hash()


def test_a_flow_comes_back_with_its_graph():
    flow = example()

    loaded = deserialize_flow(json.loads(json.dumps(flow.serialize())))

    assert loaded.name == "example"
    assert sorted(task.slug for task in loaded.tasks) == ["[1, 2]-1", "add-1", "add-2", "last-1", "x"]
    assert {type(task) for task in loaded.tasks if task.slug != "x"} == {Task}
    assert [type(task) for task in loaded.get_tasks(slug="x")] == [Parameter]
    assert loaded.serialize()["edges"] == flow.serialize()["edges"]
    assert loaded.serialize()["parameters"] == flow.serialize()["parameters"]
    assert [task.slug for task in loaded.reference_tasks()] == ["add-1"]


def test_each_slug_is_one_object():
    loaded = deserialize_flow(example().serialize())

    assert {task for edge in loaded.edges for task in edge.tasks} <= loaded.tasks
    assert len(loaded.tasks) == 5


def test_edges_are_not_checked_against_arguments():
    task = {"slug": "a", "name": "a"}
    edge = {"upstream_task": {"slug": "b"}, "downstream_task": {"slug": "a"}, "key": "unheard_of"}

    loaded = deserialize_flow({"name": "f", "tasks": [task, {**task, "slug": "b"}], "edges": [edge]})

    assert [edge.key for edge in loaded.edges] == ["unheard_of"]


def test_entries_of_a_backend_and_unknown_ones_are_ignored():
    loaded = deserialize_flow({"name": "f", "project": "p", "version": 3, "description": "d", "colour": "red"})

    assert loaded == Flow("f")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "The flow is [], not a JSON object."),
        ({}, "The document of a flow has no name."),
        (
            {"name": "f", "tasks": None},
            "Flow 'f' has None as its 'tasks', which has another type in the 1.x JSON form.",
        ),
        ({"name": "f", "tasks": ["a"]}, "An entry of 'tasks' of Flow 'f' is 'a', not a JSON object."),
        (
            {"name": "f", "reference_tasks": [{"slug": "a"}]},
            "Flow 'f' names the task 'a', which the document does not hold.",
        ),
        (
            {"name": "f", "reference_tasks": [3]},
            "An entry of 'reference_tasks' of Flow 'f' is 3, not a JSON object.",
        ),
        (
            {"name": "f", "edges": [{"upstream_task": {"slug": "a"}}]},
            "An edge of Flow 'f' names the task 'a', which the document does not hold.",
        ),
        (
            {"name": "f", "tasks": [{"slug": "a"}], "edges": [{"upstream_task": {"slug": "a"}}]},
            "What an edge of Flow 'f' names is None, not a JSON object.",
        ),
    ],
)
def test_a_document_that_describes_no_flow_is_refused(document, message):
    with pytest.raises(ValidationError) as caught:
        deserialize_flow(document)

    assert str(caught.value) == message


def test_an_edge_from_a_task_to_itself_is_refused():
    edge = {"upstream_task": {"slug": "a"}, "downstream_task": {"slug": "a"}}

    with pytest.raises(ValidationError, match=r"^Flow 'f' cannot be built from its document: "):
        deserialize_flow({"name": "f", "tasks": [{"slug": "a"}], "edges": [edge]})
