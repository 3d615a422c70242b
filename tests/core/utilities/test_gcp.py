"""Clients of Google Cloud: what the libraries are asked for. Source: core.md §19."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import Any

import pytest

from prefect import context
from prefect.utilities.gcp import get_bigquery_client, get_google_client, get_storage_client

KEY_FILE = {"project_id": "of the key", "private_key": "k"}


class Client:
    """Remembers how it was asked for."""

    def __init__(self, **arguments: Any) -> None:
        self.arguments = arguments


class StorageClient(Client):
    pass


class BigQueryClient(Client):
    pass


class Credentials:
    """Credentials of a service account."""

    def __init__(self, info: dict[str, str]) -> None:
        self.info, self.project_id = info, info["project_id"]

    @classmethod
    def from_service_account_info(cls, info: dict[str, str]) -> Credentials:
        return cls(info)


def stand_in(name: str, **contents: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(contents)
    return module


@pytest.fixture(autouse=True)
def _google(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, contents in {
        "google": {},
        "google.cloud": {},
        "google.cloud.storage": {"Client": StorageClient},
        "google.cloud.bigquery": {"Client": BigQueryClient},
        "google.oauth2": {},
        "google.oauth2.service_account": {"Credentials": Credentials},
    }.items():
        monkeypatch.setitem(sys.modules, name, stand_in(name, **contents))


BOTH = pytest.mark.parametrize("get_client", [get_storage_client, get_bigquery_client])


def test_the_signatures_are_those_of_1x():
    assert [list(inspect.signature(one).parameters) for one in (get_google_client, get_storage_client)] == [
        ["submodule", "credentials", "project"],
        ["credentials", "project"],
    ]
    assert inspect.signature(get_bigquery_client) == inspect.signature(get_storage_client)


@pytest.mark.parametrize(
    ("get_client", "kind"), [(get_storage_client, StorageClient), (get_bigquery_client, BigQueryClient)]
)
def test_each_service_has_its_client(get_client: Any, kind: type):
    assert type(get_client()) is kind


@BOTH
def test_without_credentials_the_library_finds_its_own(get_client: Any):
    assert get_client().arguments == {"project": None}
    assert get_client(project="p").arguments == {"project": "p"}


@BOTH
def test_credentials_bring_their_project(get_client: Any):
    arguments = get_client(credentials=KEY_FILE).arguments
    assert (arguments["credentials"].info, arguments["project"]) == (KEY_FILE, "of the key")


@BOTH
def test_a_project_that_is_given_wins_over_that_of_the_credentials(get_client: Any):
    assert get_client(KEY_FILE, "p").arguments["project"] == "p"


@BOTH
def test_the_secret_is_used_when_no_credentials_are_given(get_client: Any):
    with context(secrets={"GCP_CREDENTIALS": KEY_FILE}):
        assert get_client().arguments["credentials"].info == KEY_FILE
        assert get_client(credentials={"project_id": "mine"}).arguments["project"] == "mine"


def test_any_module_with_a_client_will_do():
    client = get_google_client(stand_in("google.cloud.other", Client=Client), credentials=KEY_FILE, project="p")
    assert (type(client), client.arguments["project"]) == (Client, "p")


@pytest.mark.parametrize(
    ("get_client", "module", "package"),
    [
        (get_storage_client, "google.cloud.storage", "google-cloud-storage"),
        (get_bigquery_client, "google.cloud.bigquery", "google-cloud-bigquery"),
        (lambda: get_google_client(None, KEY_FILE), "google.oauth2.service_account", "google-auth"),
    ],
    ids=["storage", "bigquery", "credentials"],
)
def test_without_the_extra_the_error_names_it(
    get_client: Any, module: str, package: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError) as caught:
        get_client()
    assert str(caught.value) == (
        f"Access to Google Cloud needs the package {package}, which is not installed."
        ' Run: pip install "praefectus[gcp]"'
    )
