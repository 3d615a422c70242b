"""What ``import prefect`` gives: public names, and sub-packages as attributes. Source: core.md §1.2."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys

import cloudpickle
import pytest

import prefect

#: All of §1.2 but what later issues bring.
PUBLIC = (
    "Client Flow Parameter Task api apply_map case config context flatten mapped models plugins resource_manager tags task"
    " unmapped"
).split()

ATTRIBUTES = {
    "prefect.core": "Edge Flow Parameter Task edge flow parameter task",
    "prefect.core.parameter": "DateTimeParameter Parameter",
    "prefect.engine": (
        "FlowRunner TaskRunner get_default_executor_class get_default_flow_runner_class get_default_task_runner_class"
        " cache_validators flow_runner result results runner serializers signals state task_runner"
    ),
    "prefect.engine.result": "Result NoResult NoResultType ResultNotImplementedError",
    "prefect.engine.result.base": "Result NoResult NoResultType ResultNotImplementedError",
    "prefect.engine.results": "AzureResult ConstantResult GCSResult LocalResult PrefectResult S3Result SecretResult",
    "prefect.engine.runner": "Runner ENDRUN call_state_handlers",
    "prefect.executors": "DaskExecutor Executor LocalDaskExecutor LocalExecutor",
    "prefect.triggers": (
        "all_failed all_finished all_successful always_run any_failed any_successful manual_only not_all_skipped"
        " some_failed some_successful"
    ),
    "prefect.tasks": "control_flow core database docker files github notifications secrets shell",
    "prefect.artifacts": "create_link create_markdown delete_artifact update_link update_markdown",
    "prefect.backend": (
        "FlowRunView FlowView TaskRunView TenantView create_link_artifact create_markdown_artifact delete_artifact"
        " delete_key get_key_value list_keys set_key_value update_link_artifact update_markdown_artifact"
    ),
    "prefect.backend.flow_run": "FlowRunView FlowRunLog watch_flow_run stream_flow_run_logs check_for_compatible_agents",
    "prefect.backend.kv_store": "delete_key get_key_value list_keys set_key_value",
    "prefect.client": "Client Secret",
    "prefect.client.secrets": "Secret",
    "prefect.exceptions": "PrefectException",
    "prefect.utilities": (
        "collections configuration context datetimes diagnostics edges executors filesystems git importtools logging"
        " notifications plugins serialization storage tasks"
    ),
    "prefect.schedules": "CronSchedule IntervalSchedule RRuleSchedule Schedule adjustments clocks filters schedules",
    "prefect.serialization": "",
    "prefect.run_configs": "DockerRun ECSRun KubernetesRun LocalRun RunConfig UniversalRun VertexRun",
    "prefect.storage": (
        "Azure Bitbucket CodeCommit Docker GCS Git GitHub GitLab Local Module S3 Storage Webhook"
        " get_default_storage_class"
    ),
    "prefect.configuration": "config",
}


def python(code):
    """What a fresh interpreter prints for some code."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_public_names_are_those_of_1x():
    assert prefect.__all__ == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_can_be_imported_first(name):
    assert python(f"from prefect import {name}; import prefect; print({name} is prefect.{name})") == "True\n"


def test_a_star_import_gives_the_public_names():
    names = {}
    exec("from prefect import *", names)
    assert sorted(set(names) - {"__builtins__"}) == PUBLIC


def test_the_version_is_text():
    assert isinstance(prefect.__version__, str)


def test_the_names_of_registries_are_empty_mappings():
    assert (dict(prefect.api), dict(prefect.models), dict(prefect.plugins)) == ({}, {}, {})


@pytest.mark.parametrize("path", ATTRIBUTES)
def test_sub_packages_are_attributes_after_a_bare_import(path):
    names = ATTRIBUTES[path].split()
    code = f"import prefect\nmodule = {path}\nprint([name for name in {names!r} if not hasattr(module, name)])"
    assert python(code) == "[]\n"


def test_what_is_listed_as_an_attribute_can_be_had():
    assert [name for name in dir(prefect) if not hasattr(prefect, name)] == []


def test_other_names_do_not_exist():
    with pytest.raises(AttributeError, match=r"^module 'prefect' has no attribute 'nope'$"):
        prefect.nope  # noqa: B018 - reading it is the test


@pytest.mark.parametrize("name", ["environments", "DateTimeParameter", "nope"])
def test_names_that_1x_does_not_have_are_missing_here(name):
    assert not hasattr(prefect, name)


#: Modules of §1.2 that nothing but their own import loads, and the functions of §19 that are in them.
ON_DEMAND = {
    "aws": "get_boto_client",
    "debug": "is_serializable raise_on_exception",
    "gcp": "get_bigquery_client get_google_client get_storage_client",
    "kubernetes": "get_kubernetes_client",
}


@pytest.mark.parametrize("name", ON_DEMAND)
def test_some_utilities_are_there_only_when_imported_even_without_their_libraries(name):
    code = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(['boto3', 'google.cloud', 'google.oauth2', 'kubernetes']))\n"
        f"import prefect\nprint(hasattr(prefect.utilities, {name!r}))\n"
        f"import prefect.utilities.{name} as module\n"
        f"print([name for name in {ON_DEMAND[name].split()!r} if not callable(getattr(module, name))])"
    )
    assert python(code) == "False\n[]\n"


def test_unmapped_is_not_among_the_task_utilities():
    assert not hasattr(importlib.import_module("prefect.utilities.tasks"), "unmapped")


def test_a_public_object_stays_when_its_module_is_imported():
    code = (
        "import prefect.context, prefect.task, prefect\n"
        "print(type(prefect.context).__name__, type(prefect.task).__name__)"
    )
    assert python(code) == "Context function\n"


@pytest.mark.parametrize("name", ["edge", "flow", "parameter", "task"])
def test_the_modules_of_core_are_the_same_under_their_1x_names(name):
    code = f"import prefect.core.{name} as old, sys; print(old is sys.modules['prefect.{name}'])"
    assert python(code) == "True\n"


def test_a_class_imported_by_its_1x_path_is_the_public_one():
    from prefect.core.flow import Flow
    from prefect.core.task import Task

    assert Flow is prefect.Flow
    assert Task is prefect.Task


def test_importing_the_package_loads_nothing_but_the_package():
    code = (
        "import sys; before = set(sys.modules)\n"
        "import prefect\n"
        "print(sorted(name for name in set(sys.modules) - before if name.startswith('prefect')))"
    )
    assert python(code) == "['prefect', 'prefect._version']\n"


def test_building_a_flow_loads_nothing_that_is_slow_to_load():
    code = (
        "import sys\n"
        "from prefect import Flow, Parameter, task, unmapped\n"
        "@task\n"
        "def add(x, y): return x + y\n"
        "with Flow('f') as flow:\n"
        "    add.map([1, 2], unmapped(add(Parameter('p', default=1), 2) + 3))\n"
        "slow = 'asyncio ast click cloudpickle concurrent.futures dataclasses inspect multiprocessing pathlib pendulum'\n"
        "slow += ' random rich shutil subprocess tempfile uuid prefect.cli prefect.client prefect.storage'\n"
        "print([name for name in slow.split() if name in sys.modules])"
    )
    assert python(code) == "[]\n"


def test_the_sample_flow_is_loaded_only_when_it_is_asked_for():
    assert python("import prefect; print(hasattr(prefect, 'hello_world'))") == "False\n"
    flow = importlib.import_module("prefect.hello_world").hello_flow
    assert (flow.name, sorted(flow.slugs.values())) == ("hello-world", ["capitalize-1", "name", "say_hello-1"])
    assert [(task.name, task.default) for task in flow.parameters()] == [("name", "world")]


def test_the_package_itself_can_be_pickled_as_functions_hold_it_as_a_global():
    assert pickle.loads(cloudpickle.dumps(prefect)) is prefect
