"""Clients of Kubernetes.

Source: core.md §19.
"""

from __future__ import annotations

from typing import Any

from prefect.client.secrets import Secret
from prefect.utilities._extras import import_extra
from prefect.utilities.logging import get_logger

#: Kind of object → the part of the interface that knows it.
_APIS = {
    "deployment": "AppsV1Api",
    "job": "BatchV1Api",
    "pod": "CoreV1Api",
    "secret": "CoreV1Api",
    "service": "CoreV1Api",
}


def get_kubernetes_client(resource: str, kubernetes_api_key_secret: str | None = "KUBERNETES_API_KEY") -> Any:
    """Return a client for objects of one kind.

    Args:
        resource: ``deployment``, ``job``, ``pod``, ``secret`` or ``service``.
        kubernetes_api_key_secret: Name of the secret that holds the API key, which is sent as it is, so with its
            ``Bearer``; None to use the service account of the pod this runs in, or outside a cluster the kubeconfig file.

    Raises:
        ImportError: The ``kubernetes`` extra is not installed.
        ValueError: There is no such kind of object here, or no such secret.
        kubernetes.config.ConfigException: There is no kubeconfig file.
    """
    kubernetes = import_extra("kubernetes", package="kubernetes", extra="kubernetes", purpose="Access to Kubernetes")
    client, config = kubernetes.client, kubernetes.config
    if resource not in _APIS:
        raise ValueError(f"{resource!r} is no kind of object with a client. Use one of: {', '.join(_APIS)}.")
    api = getattr(client, _APIS[resource])
    if kubernetes_api_key_secret:
        configuration = client.Configuration()
        configuration.api_key["authorization"] = Secret(kubernetes_api_key_secret).get()
        return api(client.ApiClient(configuration))
    try:
        config.load_incluster_config()
    except config.ConfigException as error:
        get_logger("kubernetes").debug("Not inside a cluster (%s); using the kubeconfig file.", error)
        config.load_kube_config()
    return api()
