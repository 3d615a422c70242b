"""Tasks for jobs of Kubernetes.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CreateNamespacedJob(
    OutsideTask, init="body=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'"
):
    """Creates a job."""


class DeleteNamespacedJob(
    OutsideTask,
    init="job_name=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'",
    run=(
        "job_name=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY', delete_option_kwargs=None"
    ),
):
    """Deletes a job."""


class ListNamespacedJob(
    OutsideTask, init="namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'"
):
    """Lists the jobs of a namespace."""


class PatchNamespacedJob(
    OutsideTask,
    init=(
        "job_name=None, body=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
):
    """Changes a part of a job."""


class ReadNamespacedJob(
    OutsideTask,
    init="job_name=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY'",
):
    """Looks a job up."""


class ReplaceNamespacedJob(
    OutsideTask,
    init=(
        "job_name=None, body=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
):
    """Replaces a job."""


class RunNamespacedJob(
    OutsideTask,
    init=(
        "body=None, namespace='default', kube_kwargs=None, kubernetes_api_key_secret='KUBERNETES_API_KEY', "
        "job_status_poll_interval=5, log_level=None, delete_job_after_completion=True"
    ),
):
    """Creates a job, waits until it is done, and deletes it."""
