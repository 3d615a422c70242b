"""Storages as documents: core.md §20.7. What 1.4.1 writes is in ``test_recorded.py``."""

from __future__ import annotations

import pytest

from prefect import Flow
from prefect.serialization import ValidationError, deserialize_storage, serialize_storage
from prefect.storage import S3, Local, Module


class Own(Module):
    pass


@pytest.mark.parametrize("storage", [Own("m"), "Module"])
def test_a_class_of_the_users_own_is_refused(storage):
    with pytest.raises(ValidationError) as caught:
        serialize_storage(storage)

    assert str(caught.value) == (
        f"{type(storage).__name__!r} is no storage that can be written as a document. Use one of Azure, Bitbucket,"
        " CodeCommit, Docker, GCS, Git, GitHub, GitLab, Local, Module, S3, Webhook."
    )


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(ValidationError, match=r"^`client_options` of S3 storage cannot be written as JSON"):
        serialize_storage(S3("bucket", client_options={"a": {1}}))


def test_a_storage_comes_back_with_its_flows_and_secrets(tmp_path):
    storage = Local(directory=tmp_path, secrets=["TOKEN"])
    storage.add_flow(Flow("f"))

    loaded = deserialize_storage(storage.serialize())

    assert loaded.flows == storage.flows
    assert loaded.secrets == ["TOKEN"]
    assert loaded.get_flow("f") == Flow("f")


def test_reading_a_document_makes_no_folder(tmp_path):
    folder = tmp_path / "flows"

    loaded = deserialize_storage({"type": "Local", "directory": str(folder)})

    assert loaded.directory == str(folder)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([None, {}], "The storage is [None, {}], not a JSON object."),
        ({"type": "Nope"}, "The storage 'Nope' is of an unknown type."),
        ({"type": "Module"}, "The storage 'Module' cannot be made from its document: "),
        ({"type": "Git", "flow_path": "f.py"}, "The storage 'Git' cannot be made from its document: Either `repo`"),
        ({"type": "Local", "path": 1}, "The storage 'Local' has 1 as its 'path',"),
        ({"type": "Local", "flows": []}, "The storage 'Local' has [] as its 'flows',"),
        ({"type": "Local", "secrets": [1]}, "The storage 'Local' has [1] as its 'secrets',"),
        (
            {
                "type": "Webhook",
                "build_request_kwargs": {},
                "build_request_http_method": "DELETE",
                "get_flow_request_kwargs": {},
                "get_flow_request_http_method": "GET",
            },
            "The storage 'Webhook' cannot be made from its document: HTTP method 'DELETE' not recognized.",
        ),
    ],
)
def test_a_document_that_describes_no_storage_is_refused(document, message):
    with pytest.raises(ValidationError) as caught:
        deserialize_storage(document)

    assert str(caught.value).startswith(message)
