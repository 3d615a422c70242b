"""Tasks for services of Kubernetes.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CreateNamespacedService(
    OutsideTask, init="body=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'"
):
    """Creates a service."""


class DeleteNamespacedService(
    OutsideTask,
    init="service_name=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'",
    run=(
        "service_name=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY', delete_option_kwargs=None"
    ),
):
    """Deletes a service."""


class ListNamespacedService(
    OutsideTask, init="namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'"
):
    """Lists the services of a namespace."""


class PatchNamespacedService(
    OutsideTask,
    init=(
        "service_name=None, body=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
):
    """Changes a part of a service."""


class ReadNamespacedService(
    OutsideTask,
    init="service_name=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'",
):
    """Looks a service up."""


class ReplaceNamespacedService(
    OutsideTask,
    init=(
        "service_name=None, body=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
):
    """Replaces a service."""
