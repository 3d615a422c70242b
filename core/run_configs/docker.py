"""``DockerRun``: a run in a Docker container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.run_configs.base import RunConfig

if TYPE_CHECKING:
    from collections.abc import Iterable


class DockerRun(RunConfig):
    """Run in a Docker container of the machine that the agent is on.

    Args:
        image: Image of the container.
        env: Environment variables of the run, name → value.
        labels: Only an agent that has all of these takes the run.
        ports: Ports of the container to publish.
        host_config: Options of the container's host config, as the ``docker`` package names them.

    Source:
        core.md §15.
    """

    def __init__(
        self,
        *,
        image: str | None = None,
        env: dict[str, Any] | None = None,
        labels: Iterable[str] | None = None,
        ports: Iterable[int] | None = None,
        host_config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(env=env, labels=labels)
        self.image = image
        self.ports = None if ports is None else list(ports)
        self.host_config = host_config
