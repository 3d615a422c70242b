"""Docker: containers and images."""

from __future__ import annotations

from prefect.tasks.docker.containers import CreateContainer as CreateContainer
from prefect.tasks.docker.containers import GetContainerLogs as GetContainerLogs
from prefect.tasks.docker.containers import ListContainers as ListContainers
from prefect.tasks.docker.containers import RemoveContainer as RemoveContainer
from prefect.tasks.docker.containers import StartContainer as StartContainer
from prefect.tasks.docker.containers import StopContainer as StopContainer
from prefect.tasks.docker.containers import WaitOnContainer as WaitOnContainer
from prefect.tasks.docker.images import BuildImage as BuildImage
from prefect.tasks.docker.images import ListImages as ListImages
from prefect.tasks.docker.images import PullImage as PullImage
from prefect.tasks.docker.images import PushImage as PushImage
from prefect.tasks.docker.images import RemoveImage as RemoveImage
from prefect.tasks.docker.images import TagImage as TagImage

__all__ = [
    "BuildImage",
    "CreateContainer",
    "GetContainerLogs",
    "ListContainers",
    "ListImages",
    "PullImage",
    "PushImage",
    "RemoveContainer",
    "RemoveImage",
    "StartContainer",
    "StopContainer",
    "TagImage",
    "WaitOnContainer",
]
