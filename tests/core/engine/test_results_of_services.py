"""Results whose values lie outside this machine: they exist, and say when they are used that they come later (core.md §9.2)."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import Any

import cloudpickle
import pytest

from prefect import Flow, task
from prefect.engine.result import Result
from prefect.engine.results import AzureResult, GCSResult, S3Result
from prefect.engine.serializers import JSONSerializer, PickleSerializer
from prefect.engine.state import Failed, State, Success

RESULTS = [
    pytest.param(
        S3Result(
            "data", boto3_kwargs={"region_name": "eu-west-1"}, upload_options={"ACL": "private"}, location="{x}/v"
        ),
        "aws",
        id="S3Result",
    ),
    pytest.param(GCSResult("data", location="{x}/v"), "gcp", id="GCSResult"),
    pytest.param(AzureResult("data", connection_string_secret="AZURE", location="{x}/v"), "azure", id="AzureResult"),
]
each = pytest.mark.parametrize(("result", "extra"), RESULTS)


def test_the_arguments_are_those_of_1x():
    s3 = S3Result("b", {"region_name": "eu-west-1"}, {"ACL": "private"})
    assert (s3.bucket, s3.boto3_kwargs, s3.upload_options) == (
        "b",
        {"region_name": "eu-west-1"},
        {"ACL": "private"},
    )
    azure = AzureResult("c", "UseDevelopmentStorage=true", "AZURE")
    assert (azure.container, azure.connection_string, azure.connection_string_secret) == (
        "c",
        "UseDevelopmentStorage=true",
        "AZURE",
    )
    assert GCSResult("b").bucket == "b"


def test_what_is_not_given_is_empty():
    assert (S3Result("b").boto3_kwargs, S3Result("b").upload_options) == ({}, {})
    assert GCSResult().bucket is None
    assert (AzureResult("c").connection_string, AzureResult("c").connection_string_secret) == (None, None)


@pytest.mark.parametrize("cls", [S3Result, AzureResult])
def test_a_bucket_or_container_is_asked_for(cls: Any):
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: '(bucket|container)'"):
        cls()


def test_a_connection_string_of_the_environment_does_not_get_into_the_pickle(monkeypatch: pytest.MonkeyPatch):
    """1.x copied it into the result, and with that into every pickled flow."""
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "AccountKey=secret")
    assert b"AccountKey" not in cloudpickle.dumps(AzureResult("c"))


@pytest.mark.parametrize("make", [S3Result, GCSResult, AzureResult])
def test_value_location_and_serializer_are_those_of_every_result(make: Any):
    result = make("data", value=1, location="a", serializer=JSONSerializer())
    assert isinstance(result, Result)
    assert (result.value, result.location, result.serializer) == (1, "a", JSONSerializer())
    assert (make("data").value, make("data").location, make("data").serializer) == (None, None, PickleSerializer())


@each
def test_it_is_copied_formatted_and_pickled_with_its_options(result: Any, extra: str):
    for other in (result.copy(), copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert other == result
        assert other is not result
    assert result.format(x=1) == result.located_at("1/v")
    assert result.from_value(3) != result
    assert vars(result.from_value(3)) == vars(result)


@each
def test_its_options_are_part_of_what_is_compared(result: Any, extra: str):
    for name in vars(result):
        other = result.copy()
        setattr(other, name, "another")
        assert other != result, name


@each
def test_its_document_comes_back(result: Any, extra: str):
    document = Success(result=result.located_at("a/v")).serialize()
    store = {"S3Result": "bucket", "GCSResult": "bucket", "AzureResult": "container"}[type(result).__name__]
    assert document["_result"] == {
        "type": type(result).__name__,
        "location": "a/v",
        store: "data",
        "__version__": document["__version__"],
    }
    assert State.deserialize(document)._result == type(result)("data", location="a/v")


@each
def test_using_it_says_in_one_sentence_which_extra_will_bring_it(result: Any, extra: str):
    for use, words in (
        (lambda: result.write(1, x="a"), "write 'a/v'"),
        (lambda: result.read("a/v"), "read 'a/v'"),
        (lambda: result.exists("{x}/v", x="a"), "look for 'a/v'"),
    ):
        with pytest.raises(NotImplementedError) as info:
            use()
        assert str(info.value) == (
            f"{type(result).__name__} cannot {words}, since it comes in a later version, with the extra"
            f' "praefectus[{extra}]". Use LocalResult instead, with a `dir` that all machines of the flow share.'
        )


@each
def test_a_task_whose_value_cannot_be_stored_there_fails_instead_of_losing_it(result: Any, extra: str):
    with Flow("f") as flow:
        value = task(lambda x: x, name="t", result=result)("a")
    state = flow.run(context={"checkpointing": True}).result[value]
    assert type(state) is Failed
    assert f"praefectus[{extra}]" in str(state.result)


@each
def test_without_checkpointing_a_flow_with_it_runs(result: Any, extra: str):
    with Flow("f", result=result) as flow:
        value = task(lambda x: x, name="t")("a")
    assert flow.run().result[value].result == "a"


def test_importing_them_imports_no_library_of_a_service():
    script = """
import sys
from prefect.engine.results import AzureResult, GCSResult, S3Result
S3Result("b"), GCSResult("b"), AzureResult("c")
print([name for name in ("boto3", "botocore", "google", "azure", "pendulum", "cloudpickle") if name in sys.modules])
"""
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert process.stdout == "[]\n"
