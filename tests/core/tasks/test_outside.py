"""Tasks for services outside can be part of flows, and say what will bring them when they are run.

Source: core.md §21.7 to §21.10.
"""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
import re
import subprocess
import sys

import cloudpickle
import graphviz
import pytest

import prefect.tasks
from prefect import Flow
from prefect.engine.results import SecretResult
from prefect.engine.state import Failed
from prefect.serialization import deserialize_flow
from prefect.tasks.airbyte.airbyte import AirbyteClient
from prefect.tasks.asana import OpenAsanaToDo
from prefect.tasks.aws import AWSSecretsManager, LambdaInvoke, S3Download
from prefect.tasks.databricks.models import AutoScale, IsOwner, NewCluster
from prefect.tasks.dbt.dbt_cloud_utils import trigger_job_run
from prefect.tasks.outside import OutsideTask, extra_of
from prefect.tasks.secrets import SecretBase
from prefect.tasks.toloka import create_pool


def outside_classes():
    """All tasks that cannot run yet, by their full names."""
    for module in pkgutil.walk_packages(prefect.tasks.__path__, "prefect.tasks."):
        for value in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(value) and issubclass(value, OutsideTask) and value is not OutsideTask:
                yield f"{value.__module__}.{value.__name__}", value


CLASSES = dict(outside_classes())
SENTENCE = re.compile(r"(\w+) cannot run in this version of praefectus; a later one brings it with the extra '(\w+)'\.")


def made(cls):
    """An instance with text for the arguments that are needed."""
    arguments = inspect.signature(cls).parameters.values()
    return cls(*["x" for argument in arguments if argument.default is argument.empty and argument.name != "kwargs"])


def bound(instance, flow):
    """The task in the flow, with text for the inputs that are needed."""
    return instance(flow=flow, **{name: "x" for name, told in instance.inputs().items() if told["required"]})


@pytest.mark.parametrize("path", CLASSES)
def test_a_flow_with_the_task_builds_and_can_be_stored(path):
    flow = Flow("f")
    added = bound(made(CLASSES[path]), flow)

    document = flow.serialize()
    loaded = pickle.loads(cloudpickle.dumps(flow))

    assert [entry["type"] for entry in document["tasks"] if entry["slug"] == flow.slugs[added]] == [path]
    assert set(deserialize_flow(document).slugs.values()) == set(flow.slugs.values())
    assert loaded.serialize() == document


@pytest.mark.parametrize("path", CLASSES)
def test_a_run_fails_with_one_sentence_that_names_the_extra(path):
    with Flow("f") as flow:
        added = bound(made(CLASSES[path]), flow)

    state = flow.run().result[added]

    assert (type(state), type(state.result)) == (Failed, NotImplementedError)
    name, extra = SENTENCE.fullmatch(str(state.result)).groups()
    assert (name, extra) == (CLASSES[path].__name__, extra_of(path))


@pytest.mark.parametrize(
    ("path", "extra"),
    [
        ("prefect.tasks.aws.s3", "aws"),
        ("prefect.tasks.sql_server.sql_server", "sql_server"),
        ("prefect.tasks.notifications.pushbullet_task", "pushbullet"),
        ("prefect.tasks.secrets.vault_secret", "vault"),
    ],
)
def test_extras_have_the_names_they_have_in_1x(path, extra):
    assert extra_of(path) == extra


def test_a_flow_with_such_tasks_can_be_drawn(monkeypatch):
    monkeypatch.setattr(graphviz.Digraph, "render", lambda self, *args, **kwargs: None)
    with Flow("f") as flow:
        S3Download(bucket="b")("key")

    assert "label=S3Download " in flow.visualize(filename="f").source


def test_a_flow_with_such_tasks_can_be_registered(backend, register):
    with Flow("f") as flow:
        S3Download(bucket="b").map(["a", "b"])
        create_pool({"private_name": "p"}, project_id="1")

    assert isinstance(register(flow), str)


class TestArguments:
    def test_those_of_the_constructor_become_attributes(self):
        s3 = S3Download("b", name="fetch", max_retries=0)

        assert (s3.bucket, s3.boto_kwargs, s3.name) == ("b", None, "fetch")

    def test_those_of_run_are_bound_by_position(self):
        with Flow("f") as flow:
            fetched = S3Download()("a", None, bucket="b")

        assert flow.constants[fetched] == {"key": "a", "credentials": None, "bucket": "b"}

    def test_unknown_ones_are_refused(self):
        with pytest.raises(TypeError, match="buckets"):
            S3Download(buckets="b")
        with pytest.raises(
            TypeError, match=r"^<Task: S3Download>: missing a required argument: 'key'\. It takes: key, credentials, "
        ):
            S3Download()(bucket="b", flow=Flow("f"))

    def test_a_missing_one_of_the_constructor_is_refused(self):
        with pytest.raises(TypeError, match=r"^missing a required argument: 'function_name'$"):
            LambdaInvoke()

    def test_one_called_name_is_that_of_the_task(self):
        assert (OpenAsanaToDo(name="call home").name, OpenAsanaToDo().name) == ("call home", "OpenAsanaToDo")

    def test_the_signature_tells_them(self):
        assert str(inspect.signature(S3Download)) == "(bucket=None, boto_kwargs=None, **kwargs)"
        assert str(inspect.signature(S3Download().run)) == (
            "(key, credentials=None, bucket=None, compression=None, as_bytes=False)"
        )


class TestFamilies:
    def test_secrets_are_secrets(self):
        secret = AWSSecretsManager(secret="s")

        assert (isinstance(secret, SecretBase), type(secret.result), secret.checkpoint) == (True, SecretResult, False)

    def test_functions_of_1x_are_functions_as_tasks(self):
        with Flow("f") as flow:
            pool = create_pool({"private_name": "p"}, project_id="1")

        assert (pool.name, flow.constants[pool]["project_id"]) == ("create_pool", "1")
        assert str(flow.run().result[pool].result) == (
            "create_pool cannot run in this version of praefectus; a later one brings it with the extra 'toloka'."
        )

    @pytest.mark.parametrize("make", [AirbyteClient, trigger_job_run])
    def test_helpers_say_the_same(self, make):
        with pytest.raises(NotImplementedError, match=SENTENCE):
            make()

    def test_settings_keep_what_they_are_given(self):
        cluster = NewCluster(autoscale=AutoScale(min_workers=1, max_workers=2), spark_version="10.4")

        assert (cluster.autoscale.max_workers, cluster.spark_version) == (2, "10.4")
        assert pickle.loads(pickle.dumps(cluster)) == cluster
        assert IsOwner("IS_OWNER") is IsOwner.IS_OWNER


class TestSubclasses:
    """Flow files may build on these classes as they did on those of 1.x."""

    def test_one_with_a_run_of_its_own_works(self):
        class FromDisk(S3Download):
            def __init__(self, **kwargs):
                super().__init__(bucket="b", **kwargs)

            def run(self, key):
                return f"{self.bucket}/{key}"

        assert FromDisk(name="read").run("a") == "b/a"

    def test_one_without_fails_like_its_base(self):
        class Mine(S3Download):
            pass

        with pytest.raises(NotImplementedError, match=r"^S3Download cannot run"):
            Mine(bucket="b").run("a")


@pytest.mark.parametrize("family", ["docker", "github"])
def test_two_families_are_attributes_after_a_bare_import(family):
    code = f"import prefect; print(prefect.tasks.{family}.__name__)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert (done.stdout, done.stderr) == (f"prefect.tasks.{family}\n", "")
