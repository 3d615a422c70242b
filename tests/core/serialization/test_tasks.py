"""Tasks, parameters and edges as documents: core.md §20.1 and §20.2."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

import prefect
from prefect import Parameter, Task
from prefect.edge import Edge
from prefect.parameter import DateTimeParameter
from prefect.serialization import ValidationError
from prefect.serialization.tasks import deserialize_parameter, deserialize_task
from prefect.triggers import all_failed, all_successful, some_failed


def test_a_task_outside_a_flow_has_only_the_slug_it_was_given():
    assert Task().serialize()["slug"] is None
    assert Task(slug="mine").serialize()["slug"] == "mine"


def test_every_object_carries_the_version():
    edge = Edge(Task(), Task()).serialize()

    assert Task().serialize()["__version__"] == prefect.__version__
    assert Parameter("p").serialize()["__version__"] == prefect.__version__
    assert edge["__version__"] == edge["upstream_task"]["__version__"] == prefect.__version__


def test_durations_are_cut_to_whole_seconds():
    task = Task(max_retries=1, retry_delay=timedelta(seconds=1.9), cache_for=timedelta(days=1, microseconds=1))

    document = task.serialize()

    assert (document["retry_delay"], document["cache_for"]) == (1, 86400)


def test_max_retries_false_is_written_as_a_number():
    assert repr(Task(max_retries=False).serialize()["max_retries"]) == "0"


def test_tags_are_text():
    assert Parameter("p", tags=["b", 1]).serialize()["tags"] == ["1", "b"]
    assert Task(tags=["b", 1]).serialize()["tags"] == ["1", "b"]


def test_an_edge_names_its_tasks_by_slug():
    edge = Edge(Task(slug="a"), Task(slug="b"), key="x", mapped=True, flattened=True)

    document = edge.serialize()

    assert document["upstream_task"]["slug"] == "a"
    assert document["downstream_task"]["slug"] == "b"
    assert (document["key"], document["mapped"], document["flattened"]) == ("x", True, True)


@pytest.mark.parametrize(
    "default",
    [
        {1},
        b"text",
        type("Unknown", (), {"__repr__": lambda self: "<unknown>"})(),
        datetime(2020, 1, 1, tzinfo=timezone.utc),
        float("nan"),
    ],
    ids=repr,
)
def test_a_default_that_json_cannot_hold_is_refused(default):
    with pytest.raises(ValidationError, match=r"^The default of parameter 'p' cannot be written as JSON: "):
        Parameter("p", default=default).serialize()


def test_a_default_that_contains_itself_is_refused():
    default = []
    default.append(default)

    with pytest.raises(ValidationError):
        Parameter("p", default=default).serialize()


def test_a_default_is_written_as_json_gives_it_back():
    assert Parameter("p", default={1: (2,)}).serialize()["default"] == {"1": [2]}


def test_a_validation_error_is_a_value_error_and_an_error_of_ours():
    assert issubclass(ValidationError, ValueError)
    assert issubclass(ValidationError, prefect.exceptions.PrefectException)


def test_a_task_comes_back_with_what_the_document_says():
    task = Task(
        name="name",
        slug="slug",
        tags=["a", "b"],
        max_retries=2,
        retry_delay=timedelta(seconds=3),
        timeout=4,
        trigger=some_failed(at_least=1),
        skip_on_upstream_skip=False,
        cache_for=timedelta(seconds=5),
        cache_key="key",
    )
    document = json.loads(json.dumps(task.serialize()))

    loaded = deserialize_task(document)

    assert loaded.serialize() == document


def test_any_task_comes_back_as_a_generic_one():
    from prefect.tasks.core.constants import Constant

    loaded = deserialize_task(Constant(3, slug="c").serialize())

    assert type(loaded) is Task
    assert loaded.run() is None


def test_a_task_does_not_take_what_is_missing_from_the_configuration():
    from prefect.utilities.configuration import set_temporary_config

    with set_temporary_config({"tasks.defaults.timeout": 60}):
        assert deserialize_task({"slug": "a"}).timeout is None


def test_a_custom_trigger_comes_back_as_the_default():
    def custom(states):
        return True

    loaded = deserialize_task(Task(slug="a", trigger=custom).serialize())

    assert loaded.trigger is all_successful


def test_a_known_trigger_comes_back():
    assert deserialize_task(Task(slug="a", trigger=all_failed).serialize()).trigger is all_failed


def test_unknown_entries_are_ignored():
    assert deserialize_task({"slug": "a", "colour": "red"}).slug == "a"


@pytest.mark.parametrize(
    "entry",
    [
        {"max_retries": "2"},
        {"max_retries": True},
        {"timeout": 1.5},
        {"retry_delay": "soon"},
        {"retry_delay": 10**30},
        {"tags": "one"},
        {"tags": [3]},
        {"tags": [[]]},
        {"name": 3},
        {"auto_generated": 1},
        {"trigger": "prefect.triggers.all_failed"},
        {"trigger": {"fn": ["prefect"]}},
        {"trigger": {"fn": "prefect.triggers.some_failed", "kwargs": {"about": 3}}},
    ],
    ids=str,
)
def test_an_entry_of_another_type_is_refused(entry):
    with pytest.raises(ValidationError, match="'a'"):
        deserialize_task({"slug": "a", **entry})


def test_a_task_without_a_slug_is_refused():
    with pytest.raises(ValidationError, match=r"^A task has no slug in the document"):
        deserialize_task({"name": "a"})


@pytest.mark.parametrize(
    "parameter",
    [
        Parameter("p"),
        Parameter("p", default=None),
        Parameter("p", default={"a": [1]}, tags=["t"]),
        Parameter("p", default=1, required=True),
    ],
    ids=lambda parameter: f"{parameter.default}-{parameter.required}",
)
def test_a_parameter_comes_back_as_it_was(parameter):
    document = parameter.serialize()

    loaded = deserialize_parameter(document)

    assert type(loaded) is Parameter
    assert loaded.serialize() == document


def test_a_datetime_parameter_comes_back_as_a_parameter_that_is_required():
    loaded = deserialize_parameter(DateTimeParameter("since", default="2020-01-01").serialize())

    assert (loaded.name, loaded.default, loaded.required) == ("since", "2020-01-01", True)


def test_what_a_document_says_of_the_code_is_in_the_next_one_too():
    document = {
        **Task(name="mine", slug="mine").serialize(),
        "type": "package.Mine",
        "inputs": {"x": {"required": True, "type": "<class 'int'>"}},
        "outputs": "<class 'str'>",
        "trigger": {"fn": "package.mine", "kwargs": {"at_least": 1}},
        "cache_validator": {"fn": "package.still_valid", "kwargs": {}},
    }

    task = deserialize_task(document)

    assert task.serialize() == document
    assert (task.trigger, task.inputs()) == (all_successful, {})


def test_a_trigger_that_was_found_again_may_be_changed():
    task = deserialize_task(Task(slug="a", trigger=all_failed).serialize())
    task.trigger = all_successful

    assert task.serialize()["trigger"]["fn"] == "prefect.triggers.all_successful"


def test_a_parameter_of_a_users_class_keeps_its_type_in_the_document():
    document = {**Parameter("p", default=1).serialize(), "type": "package.Own", "outputs": "<class 'int'>"}

    parameter = deserialize_parameter(document)

    assert type(parameter) is Parameter
    assert parameter.serialize() == document
