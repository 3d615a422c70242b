"""``get_kubernetes_client``: what the library is asked for. Source: core.md §19."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import pytest

from prefect import context
from prefect.utilities.kubernetes import get_kubernetes_client


class Configuration:
    def __init__(self) -> None:
        self.api_key: dict[str, str] = {}


class ApiClient:
    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration


class Api:
    """Part of the interface; without a client it uses the configuration that was loaded last."""

    def __init__(self, api_client: ApiClient | None = None) -> None:
        self.api_client = api_client


class AppsV1Api(Api):
    pass


class BatchV1Api(Api):
    pass


class CoreV1Api(Api):
    pass


class ConfigException(Exception):
    pass


class Kubernetes:
    """Stands in for the library."""

    def __init__(self, inside_a_cluster: bool) -> None:
        self.client = self.config = self
        self.inside_a_cluster = inside_a_cluster
        self.loaded: list[str] = []

    Configuration, ApiClient, ConfigException = Configuration, ApiClient, ConfigException
    AppsV1Api, BatchV1Api, CoreV1Api = AppsV1Api, BatchV1Api, CoreV1Api

    def load_incluster_config(self) -> None:
        if not self.inside_a_cluster:
            raise ConfigException("no cluster")
        self.loaded.append("service account")

    def load_kube_config(self) -> None:
        self.loaded.append("kubeconfig")


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Kubernetes:
    library = Kubernetes(inside_a_cluster=False)
    monkeypatch.setitem(sys.modules, "kubernetes", library)
    return library


def test_the_signature_is_that_of_1x():
    parameters = inspect.signature(get_kubernetes_client).parameters
    assert list(parameters) == ["resource", "kubernetes_api_key_secret"]
    assert parameters["kubernetes_api_key_secret"].default == "KUBERNETES_API_KEY"


@pytest.mark.parametrize(
    ("resource", "api"),
    [
        ("deployment", AppsV1Api),
        ("job", BatchV1Api),
        ("pod", CoreV1Api),
        ("secret", CoreV1Api),
        ("service", CoreV1Api),
    ],
)
def test_each_kind_of_object_has_its_client(resource: str, api: type, outside: Kubernetes):
    assert type(get_kubernetes_client(resource, None)) is api


def test_another_kind_is_refused(outside: Kubernetes):
    with pytest.raises(ValueError) as caught:
        get_kubernetes_client("nope")
    assert str(caught.value) == (
        "'nope' is no kind of object with a client. Use one of: deployment, job, pod, secret, service."
    )


@pytest.mark.parametrize(("arguments", "key"), [((), "Bearer usual"), (("OWN",), "Bearer own")])
def test_the_secret_is_the_key_of_the_client(arguments: Any, key: str, outside: Kubernetes):
    with context(secrets={"KUBERNETES_API_KEY": "Bearer usual", "OWN": "Bearer own"}):
        client = get_kubernetes_client("job", *arguments)
    assert client.api_client.configuration.api_key == {"authorization": key}
    assert outside.loaded == []


def test_a_secret_that_is_missing_is_an_error_rather_than_another_cluster(outside: Kubernetes):
    with pytest.raises(ValueError, match=r'^Local Secret "KUBERNETES_API_KEY" was not found\.'):
        get_kubernetes_client("job")


@pytest.mark.parametrize(("inside", "source"), [(True, "service account"), (False, "kubeconfig")])
def test_without_a_secret_the_place_decides(inside: bool, source: str, monkeypatch: pytest.MonkeyPatch):
    library = Kubernetes(inside)
    monkeypatch.setitem(sys.modules, "kubernetes", library)
    client = get_kubernetes_client("pod", kubernetes_api_key_secret=None)
    assert (client.api_client, library.loaded) == (None, [source])


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    with pytest.raises(ImportError) as caught:
        get_kubernetes_client("job")
    assert str(caught.value) == (
        "Access to Kubernetes needs the package kubernetes, which is not installed."
        ' Run: pip install "praefectus[kubernetes]"'
    )
