"""A task for secrets of Kubernetes.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask
from prefect.tasks.secrets.base import SecretBase


class KubernetesSecret(
    OutsideTask,
    SecretBase,
    init=(
        "secret_name=None, secret_key=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY', cast=None, raise_if_missing=False"
    ),
    run=(
        "secret_name=None, secret_key=None, namespace='default', kube_kwargs=None, "
        "kubernetes_api_key_secret='KUBERNETES_API_KEY'"
    ),
):
    """Fetches a key of a secret."""
