"""Tasks for containers of Docker.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CreateContainer(
    OutsideTask,
    init=(
        "image_name=None, container_name=None, command=None, detach=False, entrypoint=None, "
        "environment=None, volumes=None, docker_server_url='unix:///var/run/docker.sock', host_config=None, "
        "extra_docker_kwargs=None"
    ),
):
    """Creates a container."""


class GetContainerLogs(
    OutsideTask, init="container_id=None, docker_server_url='unix:///var/run/docker.sock', extra_docker_kwargs=None"
):
    """Fetches the logs of a container."""


class ListContainers(
    OutsideTask,
    init=(
        "all_containers=False, filters=None, docker_server_url='unix:///var/run/docker.sock', extra_docker_kwargs=None"
    ),
):
    """Lists containers."""


class RemoveContainer(
    OutsideTask, init="container_id=None, docker_server_url='unix:///var/run/docker.sock', extra_docker_kwargs=None"
):
    """Removes a container."""


class StartContainer(
    OutsideTask, init="container_id=None, docker_server_url='unix:///var/run/docker.sock', extra_docker_kwargs=None"
):
    """Starts a container."""


class StopContainer(
    OutsideTask, init="container_id=None, docker_server_url='unix:///var/run/docker.sock', extra_docker_kwargs=None"
):
    """Stops a container."""


class WaitOnContainer(
    OutsideTask,
    init=(
        "container_id=None, docker_server_url='unix:///var/run/docker.sock', raise_on_exit_code=True, "
        "extra_docker_kwargs=None"
    ),
):
    """Waits until a container ends."""
