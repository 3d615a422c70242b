"""Storages outside this machine: core.md §16.4. Their documents are in ``tests/core/serialization``."""

from __future__ import annotations

import os
import sys

import pytest

import prefect
from prefect import Flow
from prefect.engine.result import Result
from prefect.engine.results import AzureResult, GCSResult, S3Result
from prefect.exceptions import FlowStorageError
from prefect.registration import prepare
from prefect.storage import GCS, S3, Azure, Bitbucket, CodeCommit, Docker, GitHub, GitLab

GENERATED = r"my-flow/\d{4}-\d\d-\d\dt\d\d-\d\d-\d\d-\d{6}-00-00"


@pytest.mark.parametrize(
    ("storage", "location"),
    [
        (GitHub("owner/repo", "mine.py"), "mine.py"),
        (GitLab("owner/repo", path="mine.py"), "mine.py"),
        (Bitbucket("PROJECT", "repo", path="mine.py"), "mine.py"),
        (CodeCommit("repo", "mine.py"), "mine.py"),
        (S3("bucket", "mine"), "mine"),
        (GCS("bucket", "mine"), "mine"),
        (Azure("container", blob_name="mine"), "mine"),
        (Docker(path="/app/mine.py"), "/app/mine.py"),
        (Docker(), "/opt/prefect/flows/my-flow.prefect"),
        (Docker(prefect_directory="/app"), "/app/flows/my-flow.prefect"),
    ],
)
def test_the_location_of_a_flow(storage, location):
    assert storage.add_flow(Flow("My Flow!")) == location
    assert storage.flows == {"My Flow!": location}


@pytest.mark.parametrize("storage", [S3("bucket"), GCS("bucket"), Azure("container")])
def test_an_object_without_a_name_gets_one(storage):
    import re

    assert re.fullmatch(GENERATED, storage.add_flow(Flow("My Flow!")))


@pytest.mark.parametrize("storage", [GitLab("owner/repo"), Bitbucket("PROJECT", "repo"), CodeCommit("repo")])
def test_a_file_in_a_repository_needs_a_path(storage):
    with pytest.raises(ValueError, match=r"does not say where the code of the flow 'f' is\. Provide `path`\.$"):
        storage.add_flow(Flow("f"))


@pytest.mark.parametrize(
    ("storage", "result"),
    [
        (S3("bucket"), S3Result("bucket")),
        (S3("bucket", client_options={"region_name": "x"}), S3Result("bucket", boto3_kwargs={"region_name": "x"})),
        (S3("bucket", upload_options={"ACL": "private"}), S3Result("bucket")),
        (GCS("bucket", project="project"), GCSResult("bucket")),
        (Azure("container"), AzureResult("container")),
        (
            Azure("container", connection_string_secret="SECRET"),
            AzureResult("container", connection_string_secret="SECRET"),
        ),
        (GitHub("owner/repo", "mine.py"), None),
        (GitLab("owner/repo", path="mine.py"), None),
        (Bitbucket("PROJECT", "repo", path="mine.py"), None),
        (CodeCommit("repo", "mine.py"), None),
        (Docker(), None),
    ],
)
def test_values_are_stored_where_the_flows_are_if_objects_can_be_stored_there(storage, result):
    assert storage.result == result


@pytest.mark.parametrize(
    "storage", [S3("bucket", result=Result()), GCS("bucket", result=Result()), Azure("container", result=Result())]
)
def test_the_result_of_a_storage_can_be_given(storage):
    assert storage.result == Result()


def test_a_flow_that_is_registered_stores_values_where_its_storage_does():
    flow = Flow("f", storage=S3("bucket"))

    prepare(flow)

    assert flow.result == S3Result("bucket")


LATER = [
    (S3("bucket", "mine"), "aws"),
    (CodeCommit("repo", "mine"), "aws"),
    (GCS("bucket", "mine"), "gcp"),
    (Azure("container", blob_name="mine"), "azure"),
    (GitHub("owner/repo", "mine"), "github"),
    (GitLab("owner/repo", path="mine"), "gitlab"),
    (Bitbucket("PROJECT", "repo", path="mine"), "bitbucket"),
]


@pytest.mark.parametrize(("storage", "extra"), LATER, ids=lambda part: str(part))
def test_what_this_version_cannot_fetch_is_said_with_the_extra_that_will_bring_it(storage, extra):
    storage.flows = {"f": "mine"}

    with pytest.raises(FlowStorageError) as caught:
        storage.get_flow("f")

    assert str(caught.value) == (
        f"The flow 'f' cannot be fetched from 'mine', since {storage.name} storage comes in a later version, with the extra"
        f' "praefectus[{extra}]". Register the flow with Local, Module, Git or Webhook storage instead.'
    )


@pytest.mark.parametrize(
    ("storage", "extra"),
    [(S3("bucket"), "aws"), (GCS("bucket"), "gcp"), (Azure("container"), "azure"), (Docker(), "docker")],
)
def test_what_this_version_cannot_store_is_said_with_the_extra_that_will_bring_it(storage, extra):
    storage.flows = {"f": "mine"}

    with pytest.raises(FlowStorageError) as caught:
        storage.build()

    assert str(caught.value) == (
        f"The flow 'f' cannot be stored, since {type(storage).__name__} storage comes in a later version, with the extra"
        f' "praefectus[{extra}]". Use Local, Module, Git or Webhook storage; `flow.register(build=False)` registers what is'
        " stored already."
    )


@pytest.mark.parametrize(
    "storage", [GitHub("repo", "mine.py"), GitLab("repo", path="mine.py"), CodeCommit("repo", "a.py")]
)
def test_a_file_in_a_repository_is_there_already(storage):
    storage.add_flow(Flow("f"))

    assert storage.build() is storage


@pytest.mark.parametrize("make", [S3, GCS])
def test_a_script_that_is_there_already_is_not_stored_again(make):
    storage = make("bucket", key="mine.py", stored_as_script=True)

    assert storage.build() is storage


@pytest.mark.parametrize("make", [S3, GCS])
def test_an_unknown_script_is_refused(make):
    with pytest.raises(ValueError, match="knows no script"):
        make("bucket", stored_as_script=True).build()


@pytest.mark.parametrize("make", [S3, GCS])
def test_the_script_is_the_file_that_is_being_loaded(make):
    with prefect.context(local_script_path="mine.py"):
        storage = make("bucket", stored_as_script=True)

    assert storage.local_script_path == "mine.py"
    assert storage.source_file == os.path.abspath("mine.py")
    assert make("bucket").source_file is None


# ---- Docker ------------------------------------------------------------------------------------------------------


def test_an_image_is_named_as_docker_names_it():
    assert Docker(image_name="image", image_tag="tag").name == "image:tag"
    assert Docker(image_name="image", image_tag="tag", registry_url="host/").name == "host/image:tag"


def test_an_image_without_a_name_has_none():
    with pytest.raises(ValueError, match="has no `image_name` and `image_tag` yet"):
        _ = Docker(image_name="image").name


def test_an_image_starts_from_python_unless_told_otherwise():
    assert Docker().base_image == f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"
    assert Docker(dockerfile="Dockerfile").base_image is None


def test_a_base_image_and_a_dockerfile_exclude_each_other():
    with pytest.raises(ValueError, match="Only one of `base_image` and `dockerfile`"):
        Docker(base_image="image", dockerfile="Dockerfile")


def test_files_of_an_image_need_absolute_paths():
    with pytest.raises(ValueError, match=r"^The paths here, there in `files` are not absolute\."):
        Docker(files={"here": "/a", "/b": "/b", "there": "/c"})


def test_an_image_always_has_wheel():
    assert Docker(python_dependencies=["pandas"]).python_dependencies == ["pandas", "wheel"]
    assert Docker(python_dependencies=["wheel"]).python_dependencies == ["wheel"]


def test_inside_the_image_a_flow_is_read_from_its_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("from prefect import Flow\nf = Flow('f')\n")
    storage = Docker(path=str(path), stored_as_script=True)
    storage.add_flow(Flow("f"))

    assert storage.get_flow("f") == Flow("f")


def test_an_image_is_not_built():
    storage = Docker()
    storage.add_flow(Flow("f"))

    with pytest.raises(FlowStorageError, match="Docker storage comes in a later version"):
        storage.build(push=False)


# ---- others ------------------------------------------------------------------------------------------------------


def test_bitbucket_cloud_takes_no_access_token():
    with pytest.raises(ValueError, match="`workspace` and `access_token_secret` are both set"):
        Bitbucket("PROJECT", "repo", workspace="workspace", access_token_secret="TOKEN")
