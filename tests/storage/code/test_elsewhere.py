"""Storages outside this machine: core.md §16.4. Their documents are in ``tests/core/serialization``."""

from __future__ import annotations

import os
import sys

import pytest

import prefect
from prefect import Flow
from prefect.exceptions import FlowStorageError
from prefect.storage import GCS, S3, Azure, Bitbucket, CodeCommit, Docker, Git, GitHub, GitLab, Webhook

GENERATED = r"my-flow/\d{4}-\d\d-\d\dt\d\d-\d\d-\d\d-\d{6}-00-00"


def webhook(**more):
    url = {"url": "https://example.com"}
    return Webhook(url, "POST", url, "GET", **more)


@pytest.mark.parametrize(
    ("storage", "location"),
    [
        (Git("mine.py", "owner/repo"), "mine.py"),
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
        (webhook(), "My Flow!"),
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
    with pytest.raises(ValueError, match=r"does not say where the file of the flow 'f' is\. Provide its `path`\.$"):
        storage.add_flow(Flow("f"))


@pytest.mark.parametrize(
    "storage", [Git("mine.py", "repo"), GitHub("repo", "mine.py"), S3("bucket", "mine"), Azure("container"), webhook()]
)
def test_what_this_version_cannot_fetch_is_said_in_one_sentence(storage):
    location = storage.add_flow(Flow("f"))

    with pytest.raises(FlowStorageError) as caught:
        storage.get_flow("f")

    assert str(caught.value) == (
        f"The flow 'f' cannot be fetched from {location!r}, since this version does not read {storage.name} storage."
        " Register the flow with Local or Module storage instead."
    )


@pytest.mark.parametrize("storage", [S3("bucket", "mine"), GCS("bucket"), Azure("container"), webhook()])
def test_what_this_version_cannot_store_is_said_in_one_sentence(storage):
    storage.add_flow(Flow("f"))

    with pytest.raises(FlowStorageError) as caught:
        storage.build()

    assert str(caught.value) == (
        f"The flows 'f' cannot be stored, since this version does not write {storage.name} storage."
        " Use Local or Module storage, or register with `build=False` what is stored already."
    )


@pytest.mark.parametrize("storage", [Git("mine.py", "repo"), GitHub("repo", "mine.py")])
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

    with pytest.raises(FlowStorageError, match="does not write Docker storage"):
        storage.build(push=False)


# ---- Git ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"repo": "a/b", "branch_name": "b", "tag": "t"},
            "Please provide only one of `branch_name`, `tag` and `commit`.",
        ),
        ({}, "Either `repo` or `git_clone_url_secret_name` must be provided."),
    ],
)
def test_what_a_repository_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError) as caught:
        Git("mine.py", **arguments)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        ({"repo": "o/r"}, "https://github.com/o/r.git"),
        ({"repo": "o/r", "repo_host": "example.com", "use_ssh": True}, "git@example.com:o/r.git"),
        ({"repo": "o/r", "git_token_secret_name": "TOKEN"}, "https://o:value@github.com/o/r.git"),
        (
            {"repo": "o/r", "git_token_secret_name": "TOKEN", "git_token_username": "user"},
            "https://user:value@github.com/o/r.git",
        ),
        (
            {"repo": "o/r", "git_token_secret_name": "TOKEN", "format_access_token": False},
            "https://value@github.com/o/r.git",
        ),
        ({"git_clone_url_secret_name": "TOKEN"}, "value"),
    ],
)
def test_a_repository_is_cloned_from_its_address(arguments, address):
    with prefect.context(secrets={"TOKEN": "value"}):
        assert Git("mine.py", **arguments).git_clone_url == address


def test_a_missing_token_is_an_error():
    with pytest.raises(ValueError, match='Local Secret "TOKEN" was not found'):
        _ = Git("mine.py", "o/r", git_token_secret_name="TOKEN").git_token_secret


@pytest.mark.parametrize(
    ("arguments", "warning"),
    [
        ({"repo": "o/r", "git_clone_url_secret_name": "A"}, "what else it was told about the repository is ignored"),
        ({"repo": "o/r", "use_ssh": True, "git_token_secret_name": "A"}, "its `git_token_secret_name` is ignored"),
    ],
)
def test_what_is_ignored_is_said(arguments, warning, caplog):
    Git("mine.py", **arguments).add_flow(Flow("f"))

    assert [warning in record.getMessage() for record in caplog.records] == [True]


# ---- others ------------------------------------------------------------------------------------------------------


def test_bitbucket_cloud_takes_no_access_token():
    with pytest.raises(ValueError, match="`workspace` and `access_token_secret` are both set"):
        Bitbucket("PROJECT", "repo", workspace="workspace", access_token_secret="TOKEN")


@pytest.mark.parametrize("methods", [("DELETE", "GET"), ("POST", "get")])
def test_a_web_service_knows_four_methods(methods):
    unknown = next(method for method in methods if method not in ("POST", "GET"))

    with pytest.raises(RuntimeError) as caught:
        Webhook({}, methods[0], {}, methods[1])

    assert str(caught.value) == f"HTTP method {unknown!r} not recognized. Use one of GET, PATCH, POST, PUT."


def test_a_web_service_keeps_the_last_flow():
    storage = webhook()
    storage.add_flow(Flow("f"))
    storage.add_flow(Flow("g"))

    assert storage.flows == {"g": "g"}


def test_the_source_of_a_web_service_is_the_script_it_is_given():
    assert webhook(stored_as_script=True, flow_script_path="mine.py").source_file == os.path.abspath("mine.py")
    assert webhook().source_file is None
