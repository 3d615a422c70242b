"""Kubernetes: deployments, jobs, pods, services and secrets."""

from __future__ import annotations

from prefect.tasks.kubernetes.deployment import CreateNamespacedDeployment as CreateNamespacedDeployment
from prefect.tasks.kubernetes.deployment import DeleteNamespacedDeployment as DeleteNamespacedDeployment
from prefect.tasks.kubernetes.deployment import ListNamespacedDeployment as ListNamespacedDeployment
from prefect.tasks.kubernetes.deployment import PatchNamespacedDeployment as PatchNamespacedDeployment
from prefect.tasks.kubernetes.deployment import ReadNamespacedDeployment as ReadNamespacedDeployment
from prefect.tasks.kubernetes.deployment import ReplaceNamespacedDeployment as ReplaceNamespacedDeployment
from prefect.tasks.kubernetes.job import CreateNamespacedJob as CreateNamespacedJob
from prefect.tasks.kubernetes.job import DeleteNamespacedJob as DeleteNamespacedJob
from prefect.tasks.kubernetes.job import ListNamespacedJob as ListNamespacedJob
from prefect.tasks.kubernetes.job import PatchNamespacedJob as PatchNamespacedJob
from prefect.tasks.kubernetes.job import ReadNamespacedJob as ReadNamespacedJob
from prefect.tasks.kubernetes.job import ReplaceNamespacedJob as ReplaceNamespacedJob
from prefect.tasks.kubernetes.job import RunNamespacedJob as RunNamespacedJob
from prefect.tasks.kubernetes.pod import ConnectGetNamespacedPodExec as ConnectGetNamespacedPodExec
from prefect.tasks.kubernetes.pod import CreateNamespacedPod as CreateNamespacedPod
from prefect.tasks.kubernetes.pod import DeleteNamespacedPod as DeleteNamespacedPod
from prefect.tasks.kubernetes.pod import ListNamespacedPod as ListNamespacedPod
from prefect.tasks.kubernetes.pod import PatchNamespacedPod as PatchNamespacedPod
from prefect.tasks.kubernetes.pod import ReadNamespacedPod as ReadNamespacedPod
from prefect.tasks.kubernetes.pod import ReadNamespacedPodLogs as ReadNamespacedPodLogs
from prefect.tasks.kubernetes.pod import ReplaceNamespacedPod as ReplaceNamespacedPod
from prefect.tasks.kubernetes.secrets import KubernetesSecret as KubernetesSecret
from prefect.tasks.kubernetes.service import CreateNamespacedService as CreateNamespacedService
from prefect.tasks.kubernetes.service import DeleteNamespacedService as DeleteNamespacedService
from prefect.tasks.kubernetes.service import ListNamespacedService as ListNamespacedService
from prefect.tasks.kubernetes.service import PatchNamespacedService as PatchNamespacedService
from prefect.tasks.kubernetes.service import ReadNamespacedService as ReadNamespacedService
from prefect.tasks.kubernetes.service import ReplaceNamespacedService as ReplaceNamespacedService

__all__ = [
    "ConnectGetNamespacedPodExec",
    "CreateNamespacedDeployment",
    "CreateNamespacedJob",
    "CreateNamespacedPod",
    "CreateNamespacedService",
    "DeleteNamespacedDeployment",
    "DeleteNamespacedJob",
    "DeleteNamespacedPod",
    "DeleteNamespacedService",
    "KubernetesSecret",
    "ListNamespacedDeployment",
    "ListNamespacedJob",
    "ListNamespacedPod",
    "ListNamespacedService",
    "PatchNamespacedDeployment",
    "PatchNamespacedJob",
    "PatchNamespacedPod",
    "PatchNamespacedService",
    "ReadNamespacedDeployment",
    "ReadNamespacedJob",
    "ReadNamespacedPod",
    "ReadNamespacedPodLogs",
    "ReadNamespacedService",
    "ReplaceNamespacedDeployment",
    "ReplaceNamespacedJob",
    "ReplaceNamespacedPod",
    "ReplaceNamespacedService",
    "RunNamespacedJob",
]
