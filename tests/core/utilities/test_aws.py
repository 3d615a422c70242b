"""``get_boto_client``: what boto3 is asked for. Source: core.md §19."""

from __future__ import annotations

import inspect
import sys
import threading
from typing import Any

import pytest

from prefect import context
from prefect.utilities.aws import get_boto_client

KEYS = {"ACCESS_KEY": "a", "SECRET_ACCESS_KEY": "s"}
NO_KEYS = {"aws_access_key_id": None, "aws_secret_access_key": None, "aws_session_token": None}


class Client:
    """Remembers how it was asked for."""

    def __init__(self, service: str, profile: Any, **arguments: Any) -> None:
        self.service, self.profile, self.arguments = service, profile, arguments


class Session:
    def __init__(self, **arguments: Any) -> None:
        self.arguments = arguments

    def client(self, service: str, **arguments: Any) -> Client:
        return Client(service, self.arguments, **arguments)


class Boto3:
    """Stands in for the library."""

    class session:
        Session = Session

    @staticmethod
    def client(service: str, **arguments: Any) -> Client:
        return Client(service, None, **arguments)


@pytest.fixture(autouse=True)
def _boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", Boto3)


def keys_of(client: Client) -> list[Any]:
    return [client.arguments[name] for name in NO_KEYS]


def test_the_signature_is_that_of_1x():
    assert list(inspect.signature(get_boto_client).parameters) == [
        "resource",
        "credentials",
        "region_name",
        "profile_name",
        "kwargs",
    ]


def test_without_credentials_boto3_finds_its_own():
    client = get_boto_client("s3")
    assert (client.service, client.profile) == ("s3", None)
    assert client.arguments == {**NO_KEYS, "region_name": None}


def test_credentials_become_the_keys_of_the_client():
    assert keys_of(get_boto_client("s3", credentials=KEYS)) == ["a", "s", None]
    assert keys_of(get_boto_client("s3", credentials={**KEYS, "SESSION_TOKEN": "t"})) == ["a", "s", "t"]


def test_credentials_that_lack_a_key_are_refused():
    with pytest.raises(ValueError) as caught:
        get_boto_client("s3", credentials={"ACCESS_KEY": "a"})
    assert str(caught.value) == (
        "The AWS credentials lack SECRET_ACCESS_KEY. Give both ACCESS_KEY and SECRET_ACCESS_KEY."
    )


@pytest.mark.parametrize("secret", [KEYS, '{"ACCESS_KEY": "a", "SECRET_ACCESS_KEY": "s"}'], ids=["dict", "json"])
def test_the_secret_is_used_when_no_credentials_are_given(secret: Any):
    with context(secrets={"AWS_CREDENTIALS": secret}):
        assert keys_of(get_boto_client("s3", aws_access_key_id="other")) == ["a", "s", None]


def test_credentials_that_are_given_win_over_the_secret():
    with context(secrets={"AWS_CREDENTIALS": KEYS}):
        given = {"ACCESS_KEY": "mine", "SECRET_ACCESS_KEY": "own"}
        assert keys_of(get_boto_client("s3", credentials=given)) == ["mine", "own", None]


def test_keys_may_be_given_under_the_names_of_boto3():
    client = get_boto_client("s3", aws_access_key_id="a", aws_secret_access_key="s", aws_session_token="t")
    assert keys_of(client) == ["a", "s", "t"]


def test_a_profile_is_taken_from_a_session_of_its_own():
    client = get_boto_client("s3", region_name="r", profile_name="p")
    assert client.profile == {"profile_name": "p", "region_name": "r"}
    assert client.arguments["region_name"] == "r"


def test_further_arguments_reach_the_client():
    client = get_boto_client("s3", endpoint_url="http://minio", use_ssl=False)
    assert (client.arguments["endpoint_url"], client.arguments["use_ssl"]) == ("http://minio", False)


def test_use_session_has_no_effect_but_a_warning():
    with pytest.warns(UserWarning, match="^`use_session` has no effect: leave it out.$"):
        client = get_boto_client("s3", use_session=True)
    assert client.arguments == {**NO_KEYS, "region_name": None}


@pytest.mark.parametrize(
    "arguments",
    [{}, {"credentials": KEYS}, {"region_name": "r"}, {"profile_name": "p"}, {"aws_access_key_id": "a"}],
    ids=repr,
)
def test_the_same_arguments_give_the_same_client_in_every_thread(arguments: dict[str, Any]):
    client = get_boto_client("s3", **arguments)
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(get_boto_client("s3", **arguments)))
    thread.start()
    thread.join()
    assert found == [client]


def test_other_arguments_give_another_client():
    held = [
        get_boto_client("s3"),
        get_boto_client("sqs"),
        get_boto_client("s3", region_name="r"),
        get_boto_client("s3", profile_name="r"),
        get_boto_client("s3", credentials={**KEYS, "SESSION_TOKEN": "1"}),
        get_boto_client("s3", credentials={**KEYS, "SESSION_TOKEN": "2"}),
    ]
    assert len(set(held)) == len(held)


def test_clients_with_further_arguments_are_always_new():
    first = get_boto_client("s3", use_ssl=False)
    assert get_boto_client("s3", use_ssl=False) is not first


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ImportError) as caught:
        get_boto_client("s3")
    assert str(caught.value) == (
        'Access to AWS needs the package boto3, which is not installed. Run: pip install "praefectus[aws]"'
    )
