"""The modules in which 1.x defines its public classes, and which flow files import them from, lead to the same classes.

Source: core.md §1.2; release 1.4.1 as observed.
"""

from __future__ import annotations

import importlib
import inspect
import pickle
import subprocess
import sys

import cloudpickle
import pytest

#: Module of 1.x → the public package, and what of it is defined there.
CLASSIC = {
    "prefect.backend.artifacts": (
        "prefect.backend",
        "create_link_artifact create_markdown_artifact delete_artifact update_link_artifact update_markdown_artifact",
    ),
    "prefect.backend.flow": ("prefect.backend", "FlowView"),
    "prefect.backend.flow_run": ("prefect.backend", "FlowRunView"),
    "prefect.backend.kv_store": ("prefect.backend", "delete_key get_key_value list_keys set_key_value"),
    "prefect.backend.task_run": ("prefect.backend", "TaskRunView"),
    "prefect.backend.tenant": ("prefect.backend", "TenantView"),
    "prefect.client.client": ("prefect.client", "Client"),
    "prefect.client.secrets": ("prefect.client", "Secret"),
    "prefect.core.edge": ("prefect.core", "Edge"),
    "prefect.core.flow": ("prefect.core", "Flow"),
    "prefect.core.parameter": ("prefect.core", "Parameter"),
    "prefect.core.task": ("prefect.core", "Task"),
    "prefect.engine.flow_runner": ("prefect.engine", "FlowRunner"),
    "prefect.engine.result.base": (
        "prefect.engine.result",
        "NoResult NoResultType Result ResultNotImplementedError",
    ),
    "prefect.engine.cloud.flow_runner": ("prefect.engine.cloud", "CloudFlowRunner"),
    "prefect.engine.cloud.task_runner": ("prefect.engine.cloud", "CloudTaskRunner"),
    "prefect.engine.results.azure_result": ("prefect.engine.results", "AzureResult"),
    "prefect.engine.results.constant_result": ("prefect.engine.results", "ConstantResult"),
    "prefect.engine.results.gcs_result": ("prefect.engine.results", "GCSResult"),
    "prefect.engine.results.local_result": ("prefect.engine.results", "LocalResult"),
    "prefect.engine.results.prefect_result": ("prefect.engine.results", "PrefectResult"),
    "prefect.engine.results.s3_result": ("prefect.engine.results", "S3Result"),
    "prefect.engine.results.secret_result": ("prefect.engine.results", "SecretResult"),
    "prefect.engine.task_runner": ("prefect.engine", "TaskRunner"),
    "prefect.executors.base": ("prefect.executors", "Executor"),
    "prefect.executors.dask": ("prefect.executors", "DaskExecutor LocalDaskExecutor"),
    "prefect.executors.local": ("prefect.executors", "LocalExecutor"),
    "prefect.run_configs.base": ("prefect.run_configs", "RunConfig UniversalRun"),
    "prefect.run_configs.docker": ("prefect.run_configs", "DockerRun"),
    "prefect.run_configs.ecs": ("prefect.run_configs", "ECSRun"),
    "prefect.run_configs.kubernetes": ("prefect.run_configs", "KubernetesRun"),
    "prefect.run_configs.local": ("prefect.run_configs", "LocalRun"),
    "prefect.run_configs.vertex": ("prefect.run_configs", "VertexRun"),
    "prefect.schedules.schedules": (
        "prefect.schedules",
        "CronSchedule IntervalSchedule RRuleSchedule Schedule",
    ),
    "prefect.storage.azure": ("prefect.storage", "Azure"),
    "prefect.storage.base": ("prefect.storage", "Storage"),
    "prefect.storage.bitbucket": ("prefect.storage", "Bitbucket"),
    "prefect.storage.codecommit": ("prefect.storage", "CodeCommit"),
    "prefect.storage.docker": ("prefect.storage", "Docker"),
    "prefect.storage.gcs": ("prefect.storage", "GCS"),
    "prefect.storage.git": ("prefect.storage", "Git"),
    "prefect.storage.github": ("prefect.storage", "GitHub"),
    "prefect.storage.gitlab": ("prefect.storage", "GitLab"),
    "prefect.storage.local": ("prefect.storage", "Local"),
    "prefect.storage.module": ("prefect.storage", "Module"),
    "prefect.storage.s3": ("prefect.storage", "S3"),
    "prefect.storage.webhook": ("prefect.storage", "Webhook"),
    "prefect.utilities.notifications.jira_notification": ("prefect.utilities.notifications", "jira_notifier"),
    "prefect.utilities.notifications.notifications": (
        "prefect.utilities.notifications",
        "callback_factory gmail_notifier slack_message_formatter slack_notifier snowflake_logger"
        " snowflake_message_formatter",
    ),
}
STORAGES = [path for path in CLASSIC if path.startswith("prefect.storage.")]


def python(code: str) -> str:
    """What a fresh interpreter prints for some code."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("path", CLASSIC)
def test_a_class_imported_from_the_module_of_1x_is_the_public_one(path: str):
    package, names = CLASSIC[path]

    module, public = importlib.import_module(path), importlib.import_module(package)

    assert [name for name in names.split() if getattr(module, name) is not getattr(public, name)] == []


@pytest.mark.parametrize("path", CLASSIC)
def test_that_import_may_be_the_first(path: str):
    name = CLASSIC[path][1].split()[0]

    assert python(f"from {path} import {name}; print({name} is not None)") == "True\n"


@pytest.mark.parametrize("path", STORAGES)
def test_modules_of_storages_are_attributes_after_a_bare_import(path: str):
    name = CLASSIC[path][1]

    assert python(f"import prefect; print({path}.{name} is prefect.storage.{name})") == "True\n"


@pytest.mark.parametrize("name", ["DaskExecutor", "LocalDaskExecutor"])
def test_the_old_places_of_executors_have_the_modules_they_had(name: str):
    old = importlib.import_module("prefect.engine.executors.dask")

    with pytest.warns(UserWarning, match=rf"^prefect\.engine\.executors\.{name} has moved"):
        made = getattr(old, name)()

    assert isinstance(made, getattr(importlib.import_module("prefect.executors"), name))


def test_a_module_of_storages_has_no_other_names():
    github = importlib.import_module("prefect.storage.github")

    with pytest.raises(AttributeError, match=r"^module 'prefect\.storage\.github' has no attribute 'nope'$"):
        _ = github.nope


def test_looking_through_all_modules_imports_no_storage():
    """As ``inspect`` does to find the file of a function, and cloudpickle to find who defines an object."""
    code = (
        "import sys, prefect.storage\n"
        "modules = list(sys.modules.values())\n"
        "found = [hasattr(module, name) for module in modules for name in ('__file__', '__path__', 'T')]\n"
        "print([name for name in sys.modules if name.startswith('prefect.storage.code.')])"
    )
    assert python(code) == "[]\n"


def test_a_storage_made_from_the_module_of_1x_can_be_pickled():
    from prefect.storage.github import GitHub

    storage = GitHub("me/flows", "flow.py")

    assert vars(pickle.loads(cloudpickle.dumps(storage))) == vars(storage)


def test_a_module_of_1x_can_itself_be_pickled_as_functions_hold_it_as_a_global():
    module = importlib.import_module("prefect.storage.github")

    assert pickle.loads(cloudpickle.dumps(module)) is module


def test_its_members_can_be_listed():
    module = importlib.import_module("prefect.storage.github")

    assert [name for name, _ in inspect.getmembers(module, inspect.isclass)] == ["GitHub"]
