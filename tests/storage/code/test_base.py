"""What all storages have in common: core.md §16.1 and §16.5."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import cloudpickle
import pytest

import prefect
from prefect import Flow, Parameter, task
from prefect.engine.results import PrefectResult
from prefect.storage import Local, Module, Storage, get_default_storage_class
from prefect.utilities.configuration import set_temporary_config

SECOND = timedelta(seconds=1)


class Place(Storage):
    """A storage as a user writes one."""

    @property
    def default_labels(self):
        return ["b", "default"]

    def add_flow(self, flow):
        return self._added(flow, "here")


@task
def give():
    return 1


def build(flow):
    storage = Module("m")
    storage.add_flow(flow)
    return storage.build()


@pytest.mark.parametrize("name", ["labels", "secrets"])
def test_one_string_is_no_list_of_names(name):
    with pytest.raises(TypeError) as caught:
        Module("m", **{name: "gpu"})

    assert str(caught.value) == f"The {name} of Module storage are one string, 'gpu'. Give a list of {name}."


def test_the_base_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        Storage()


def test_a_storage_is_empty_at_first():
    storage = Place()

    assert (storage.flows, storage.secrets, storage.result, storage.stored_as_script) == ({}, [], None, False)


def test_a_storage_has_the_name_of_its_class():
    assert (Place().name, repr(Place()), Place().logger.name) == ("Place", "<Storage: Place>", "prefect.Place")


def test_labels_are_those_given_and_those_of_the_place():
    assert Place(labels=["a", "b"]).labels == ["a", "b", "default"]


def test_labels_of_the_place_can_be_left_out():
    assert Place(labels=["a"], add_default_labels=False).labels == ["a"]


def test_the_configuration_decides_about_labels_of_the_place():
    with set_temporary_config({"flows.defaults.storage.add_default_labels": False}):
        assert Place().labels == []
        assert Place(add_default_labels=True).labels == ["b", "default"]


def test_a_storage_contains_the_names_of_its_flows():
    storage = Place()

    assert storage.add_flow(Flow("f")) == "here"
    assert storage.flows == {"f": "here"}
    assert "f" in storage
    assert "g" not in storage
    assert 1 not in storage


def test_a_second_flow_of_a_name_is_refused():
    storage = Place()
    storage.add_flow(Flow("f"))

    with pytest.raises(ValueError) as caught:
        storage.add_flow(Flow("f"))

    assert str(caught.value) == (
        "Name conflict: a flow named 'f' is already present in <Storage: Place>."
        " Rename one of the two, or make a new storage."
    )


def test_a_flow_that_is_not_there_cannot_be_got():
    storage = Module("m")
    storage.add_flow(Flow("f"))

    with pytest.raises(ValueError) as caught:
        storage.get_flow("g")

    assert str(caught.value) == "Flow 'g' is not contained in <Storage: Module>. Found flows: 'f'."


def test_a_class_that_does_not_say_how_to_fetch_a_flow_says_that():
    storage = Place()
    storage.add_flow(Flow("f"))

    with pytest.raises(NotImplementedError) as caught:
        storage.get_flow("f")

    assert str(caught.value) == "Place does not say how to fetch a flow. Define its `get_flow`."


def test_building_gives_the_storage():
    storage = Module("m")

    assert storage.build() is storage


def test_a_pickled_storage_leaves_its_flows_behind():
    storage = Place()
    storage.add_flow(Flow("f"))

    loaded = cloudpickle.loads(cloudpickle.dumps(storage))

    assert loaded.flows == {"f": "here"}
    assert loaded.build().flows == {"f": "here"}
    assert b"FlowGraph" not in cloudpickle.dumps(Module("m"))


@task(max_retries=1, retry_delay=SECOND)
def needy(x=None):
    return x


@task(cache_for=SECOND)
def cached(x=None):
    return x


FLEETING = "but tasks that give it values have no result that stores them"


def warnings_of(flow, recwarn):
    build(flow)
    return [
        str(entry.message).removesuffix(" Give the tasks or the flow a result, such as LocalResult().")
        for entry in recwarn
    ]


def test_building_warns_of_retries_that_need_values_stored_nowhere(recwarn):
    with Flow("f") as flow:
        needy(give())

    assert warnings_of(flow, recwarn) == [f"The task 'needy' of the flow 'f' retries, {FLEETING}."]
    assert recwarn[0].filename == __file__


def test_building_warns_of_cached_values_stored_nowhere(recwarn):
    with Flow("f") as flow:
        cached()

    assert warnings_of(flow, recwarn) == [
        "The task 'cached' of the flow 'f' is cached, but has no result that stores its value."
    ]


def test_building_warns_of_caches_that_need_values_stored_nowhere(recwarn):
    with Flow("f") as flow:
        cached.copy(result=PrefectResult())(give())

    assert warnings_of(flow, recwarn) == [f"The task 'cached' of the flow 'f' is cached, {FLEETING}."]


def test_building_does_not_warn_where_nothing_is_missing(recwarn):
    with Flow("f") as flow:
        needy(give.copy(result=PrefectResult())())
        needy(Parameter("p"))
        needy(3)
        needy(upstream_tasks=[give()])
        give()

    assert warnings_of(flow, recwarn) == []


def test_building_does_not_warn_of_a_flow_with_a_result(recwarn):
    with Flow("f", result=PrefectResult()) as flow:
        cached(needy(give()))

    assert warnings_of(flow, recwarn) == []


def test_flows_are_stored_locally_by_default():
    assert get_default_storage_class() is Local


@pytest.mark.parametrize("configured", ["prefect.storage.Module", Module])
def test_the_configuration_may_name_another_class(configured):
    with set_temporary_config({"flows.defaults.storage.default_class": configured}):
        assert get_default_storage_class() is Module


@pytest.mark.parametrize("configured", ["prefect.storage.Nope", "nope.Nope", ""])
def test_a_name_that_leads_nowhere_warns_and_means_the_default(configured):
    with (
        set_temporary_config({"flows.defaults.storage.default_class": configured}),
        pytest.warns(
            UserWarning, match=f"Could not import {configured}; using prefect.storage.Local instead"
        ) as caught,
    ):
        assert get_default_storage_class() is Local

    assert caught[0].filename == __file__


def test_the_package_loads_a_class_when_it_is_asked_for():
    code = (
        "import sys, prefect.storage\n"
        "before = [name for name in sys.modules if name.startswith(('prefect.storage.code.', 'prefect.flow'))]\n"
        "prefect.storage.Module\n"
        "print(before, 'prefect.storage.code.module' in sys.modules, 'prefect.storage.code.local' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[] True False\n"


def test_the_package_has_no_other_names():
    assert not hasattr(prefect.storage, "nope")
    assert {*prefect.storage.__all__, "get_default_storage_class"} <= set(dir(prefect.storage))
