"""Tasks for pods of Kubernetes.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class ConnectGetNamespacedPodExec(
    OutsideTask,
    init=(
        "pod_name=None, container_name=None, exec_command=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
):
    """Runs a command in a pod."""


class CreateNamespacedPod(
    OutsideTask, init="body=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'"
):
    """Creates a pod."""


class DeleteNamespacedPod(
    OutsideTask,
    init="pod_name=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'",
    run=(
        "pod_name=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY', delete_option_kwargs=None"
    ),
):
    """Deletes a pod."""


class ListNamespacedPod(
    OutsideTask, init="namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'"
):
    """Lists the pods of a namespace."""


class PatchNamespacedPod(
    OutsideTask,
    init=(
        "pod_name=None, body=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
):
    """Changes a part of a pod."""


class ReadNamespacedPod(
    OutsideTask,
    init="pod_name=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'",
):
    """Looks a pod up."""


class ReadNamespacedPodLogs(
    OutsideTask,
    init=(
        "pod_name=None, namespace='default', on_log_entry=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY', container=None"
    ),
):
    """Reads the logs of a pod."""


class ReplaceNamespacedPod(
    OutsideTask,
    init=(
        "pod_name=None, body=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
):
    """Replaces a pod."""
