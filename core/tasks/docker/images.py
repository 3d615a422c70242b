"""Tasks for images of Docker.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class BuildImage(
    OutsideTask,
    init=(
        "path=None, tag=None, nocache=False, rm=True, forcerm=False, "
        "docker_server_url='unix:///var/run/docker.sock', extra_docker_kwargs=None, stream_logs=False"
    ),
):
    """Builds an image."""


class ListImages(
    OutsideTask,
    init=(
        "repository_name=None, all_layers=False, filters=None, "
        "docker_server_url='unix:///var/run/docker.sock', extra_docker_kwargs=None"
    ),
):
    """Lists images."""


class PullImage(
    OutsideTask,
    init=(
        "repository=None, tag=None, docker_server_url='unix:///var/run/docker.sock', "
        "extra_docker_kwargs=None, stream_logs=False"
    ),
):
    """Pulls an image."""


class PushImage(
    OutsideTask,
    init="repository=None, tag=None, docker_server_url='unix:///var/run/docker.sock', extra_docker_kwargs=None",
):
    """Pushes an image."""


class RemoveImage(
    OutsideTask,
    init="image=None, force=False, docker_server_url='unix:///var/run/docker.sock', extra_docker_kwargs=None",
):
    """Removes an image."""


class TagImage(
    OutsideTask,
    init=(
        "image=None, repository=None, tag=None, force=False, "
        "docker_server_url='unix:///var/run/docker.sock', extra_docker_kwargs=None"
    ),
):
    """Gives an image a tag."""
