"""Tasks for deployments of Kubernetes.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CreateNamespacedDeployment(
    OutsideTask, init="body=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'"
):
    """Creates a deployment."""


class DeleteNamespacedDeployment(
    OutsideTask,
    init=(
        "deployment_name=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
    run=(
        "deployment_name=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY', delete_option_kwargs=None"
    ),
):
    """Deletes a deployment."""


class ListNamespacedDeployment(
    OutsideTask, init="namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'"
):
    """Lists the deployments of a namespace."""


class PatchNamespacedDeployment(
    OutsideTask,
    init=(
        "deployment_name=None, body=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
):
    """Changes a part of a deployment."""


class ReadNamespacedDeployment(
    OutsideTask,
    init=(
        "deployment_name=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
):
    """Looks a deployment up."""


class ReplaceNamespacedDeployment(
    OutsideTask,
    init=(
        "deployment_name=None, body=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
):
    """Replaces a deployment."""
