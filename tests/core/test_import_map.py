"""What ``import prefect`` gives: public names, and sub-packages as attributes. Source: core.md §1.2."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
import warnings
from inspect import ismodule

import cloudpickle
import pytest

import prefect

PUBLIC = (
    "Client Flow Parameter Task api apply_map case config context flatten mapped models plugins resource_manager tags task"
    " unmapped"
).split()

#: The table of §1.2: path of an attribute after a bare ``import prefect`` → what it must contain. Of a path whose row is not
#: in the specification's table, the section follows.
ATTRIBUTES = {
    "prefect.core": "Edge Flow Parameter Task edge flow parameter task",
    "prefect.core.edge": "Edge",
    "prefect.core.flow": "Flow",
    "prefect.core.parameter": "DateTimeParameter Parameter",
    "prefect.core.task": "Task",
    "prefect.engine": (
        "FlowRunner TaskRunner get_default_executor_class get_default_flow_runner_class get_default_task_runner_class"
        " cache_validators flow_runner result results runner serializers signals state task_runner cloud"
    ),
    "prefect.engine.cloud": "CloudFlowRunner CloudTaskRunner",  # §22
    "prefect.engine.result": "Result NoResult NoResultType ResultNotImplementedError",
    "prefect.engine.result.base": "Result NoResult NoResultType ResultNotImplementedError",
    "prefect.engine.results": "AzureResult ConstantResult GCSResult LocalResult PrefectResult S3Result SecretResult",
    "prefect.engine.runner": "Runner ENDRUN call_state_handlers",
    "prefect.executors": "DaskExecutor Executor LocalDaskExecutor LocalExecutor",
    "prefect.run_configs": "DockerRun ECSRun KubernetesRun LocalRun RunConfig UniversalRun VertexRun",
    "prefect.storage": (
        "Azure Bitbucket CodeCommit Docker GCS Git GitHub GitLab Local Module S3 Storage Webhook"
        " get_default_storage_class"
    ),
    "prefect.schedules": "CronSchedule IntervalSchedule RRuleSchedule Schedule adjustments clocks filters schedules",
    "prefect.schedules.adjustments": "add next_weekday",  # §13.5
    "prefect.schedules.clocks": "ClockEvent CronClock DatesClock IntervalClock RRuleClock",  # §13.2
    "prefect.schedules.filters": (  # §13.4
        "at_time between_dates between_datetimes between_times is_day_of_week is_month_end is_month_start is_weekday"
        " is_weekend on_date on_datetime"
    ),
    "prefect.triggers": (
        "all_failed all_finished all_successful always_run any_failed any_successful manual_only not_all_skipped"
        " some_failed some_successful"
    ),
    "prefect.tasks": "control_flow core database docker files github notifications secrets shell",
    "prefect.client": "Client Secret",
    "prefect.client.secrets": "Secret",
    "prefect.backend": (
        "FlowRunView FlowView TaskRunView TenantView create_link_artifact create_markdown_artifact delete_artifact"
        " delete_key get_key_value list_keys set_key_value update_link_artifact update_markdown_artifact"
    ),
    "prefect.backend.flow_run": "FlowRunView FlowView FlowRunLog watch_flow_run stream_flow_run_logs check_for_compatible_agents",
    "prefect.backend.kv_store": "delete_key get_key_value list_keys set_key_value",
    "prefect.exceptions": (
        "AuthorizationError ClientError FlowStorageError ObjectNotFoundError PrefectException PrefectSignal"
        " TaskTimeoutSignal VersionLockMismatchSignal"
    ),
    "prefect.utilities": (
        "agent backend collections configuration context datetimes diagnostics edges executors filesystems git graphql"
        " importtools logging notifications plugins serialization storage tasks"
    ),
    "prefect.utilities.agent": "get_flow_image get_flow_run_command",
    "prefect.utilities.backend": "backend_path load_backend save_backend",
    "prefect.utilities.collections": (  # from here on §19
        "CompoundKey DotDict as_nested_dict dict_to_flatdict flatdict_to_dict flatten_seq merge_dicts"
    ),
    "prefect.utilities.configuration": "set_temporary_config",
    "prefect.utilities.context": "Context context",
    "prefect.utilities.datetimes": "retry_delay",
    "prefect.utilities.diagnostics": "diagnostic_info",
    "prefect.utilities.edges": "EdgeAnnotation flatten mapped unmapped",
    "prefect.utilities.executors": (
        "RecursiveCall run_task_with_timeout run_with_multiprocess_timeout run_with_thread_timeout tail_recursive"
    ),
    "prefect.utilities.filesystems": "parse_path read_bytes_from_path",
    "prefect.utilities.graphql": (
        "EnumValue GQLObject GraphQLResult LiteralSetValue compress decompress parse_graphql parse_graphql_arguments"
        " with_args"
    ),
    "prefect.utilities.importtools": "import_object",
    "prefect.utilities.logging": (
        "configure_logging create_diagnostic_logger get_logger prefect_logger temporary_logger_config"
    ),
    "prefect.utilities.notifications": (
        "callback_factory gmail_notifier jira_notifier slack_message_formatter slack_notifier snowflake_logger"
        " snowflake_message_formatter"
    ),
    "prefect.utilities.plugins": "API MODELS PLUGINS REGISTRY register_api register_model register_plugin",
    "prefect.utilities.serialization": "from_qualified_name to_qualified_name",
    "prefect.utilities.storage": (
        "extract_flow_from_file extract_flow_from_module flow_from_bytes_pickle flow_to_bytes_pickle"
    ),
    "prefect.utilities.tasks": "apply_map as_task defaults_from_attrs pause_task tags task",
    "prefect.artifacts": "create_link create_markdown delete_artifact update_link update_markdown",
    "prefect.agent": "Agent",
    "prefect.serialization": "",
    "prefect.configuration": "Config config create_user_config load_configuration to_environment_variables",
}

#: Packages whose star import gives exactly what their row names, but for modules and what stands here.
PACKAGES_WITH_ALL = {
    "prefect.backend": "",
    "prefect.client": "",
    "prefect.core": "",
    "prefect.engine.results": "",
    "prefect.executors": "",
    "prefect.run_configs": "",
    "prefect.storage": "get_default_storage_class",
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


def expected_of(path):
    return ATTRIBUTES[path].split()


@pytest.mark.parametrize("path", ATTRIBUTES)
def test_names_are_attributes_after_a_bare_import(path):
    code = (
        f"import prefect\nmodule = {path}\nprint([name for name in {expected_of(path)!r} if not hasattr(module, name)])"
    )
    assert python(code) == "[]\n"


@pytest.mark.parametrize("path", ATTRIBUTES)
def test_names_can_be_imported_first(path):
    """An attribute may be lazy and a module need not be imported, so `from … import …` is another question."""
    names = ", ".join(expected_of(path))
    assert python(
        f"from {path} import {names}\nprint('imported')" if names else f"import {path}; print('imported')"
    ) == ("imported\n")


@pytest.mark.parametrize("path", PACKAGES_WITH_ALL)
def test_a_star_import_of_a_package_gives_the_names_of_its_row(path):
    without = PACKAGES_WITH_ALL[path].split()
    module = importlib.import_module(path)
    names = [name for name in expected_of(path) if name not in without and not ismodule(getattr(module, name))]

    assert sorted(module.__all__) == sorted(names)


@pytest.mark.parametrize("path", PACKAGES_WITH_ALL)
def test_a_package_lists_the_names_of_its_row(path):
    """Completion at a prompt goes by that list, which lazy names are not in by themselves."""
    code = f"import {path}\nprint([name for name in {expected_of(path)!r} if name not in dir({path})])"

    assert python(code) == "[]\n"


def test_what_is_listed_as_an_attribute_can_be_had():
    assert [name for name in dir(prefect) if not hasattr(prefect, name)] == []


def test_other_names_do_not_exist():
    with pytest.raises(AttributeError, match=r"^module 'prefect' has no attribute 'nope'$"):
        prefect.nope  # noqa: B018 - reading it is the test


@pytest.mark.parametrize("name", ["environments", "DateTimeParameter", "nope"])
def test_names_that_1x_does_not_have_are_missing_here(name):
    assert not hasattr(prefect, name)


@pytest.mark.parametrize("name", ["prefect.environments", "prefect.utilities.exceptions", "prefect.engine.nope"])
def test_modules_that_were_removed_before_1_0_are_missing_here(name):
    with pytest.raises(ModuleNotFoundError, match=f"^No module named '{name}'$"):
        importlib.import_module(name)


def test_flows_have_no_environment():
    assert not hasattr(prefect.Flow("f"), "environment")


def test_date_time_parameters_are_in_one_place_only():
    from prefect.core.parameter import DateTimeParameter

    assert DateTimeParameter.__name__ == "DateTimeParameter"
    assert not hasattr(prefect.core, "DateTimeParameter")


@pytest.mark.parametrize(
    "name",
    "cli engine.executors hello_world tasks.prefect tasks.templates tasks.kubernetes utilities.aws utilities.debug"
    " utilities.gcp utilities.kubernetes".split(),
)
def test_some_modules_are_there_only_when_imported(name):
    parent, _, child = f"prefect.{name}".rpartition(".")
    assert python(f"import prefect; print(hasattr({parent}, {child!r}))") == "False\n"


@pytest.mark.parametrize("name", ["Executor", "LocalDaskExecutor", "LocalExecutor"])
def test_an_executor_of_the_old_place_warns_and_is_the_one_of_the_new_place(name):
    old, new = (
        getattr(importlib.import_module(f"prefect.{place}"), name) for place in ("engine.executors", "executors")
    )

    with pytest.warns(
        UserWarning, match=rf"^prefect\.engine\.executors\.{name} has moved: use prefect\.executors\.{name}\.$"
    ):
        assert isinstance(old(), new)


def test_importing_the_old_place_of_executors_does_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        importlib.reload(importlib.import_module("prefect.engine.executors"))


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


@pytest.mark.parametrize("name", ["flow_runner", "task_runner"])
def test_the_modules_of_the_cloud_engine_are_those_of_the_backend(name):
    code = f"import prefect.engine.cloud.{name} as old, sys; print(old is sys.modules['prefect.backend.{name}'])"
    assert python(code) == "True\n"


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
