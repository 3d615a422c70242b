"""``VertexRun``: a run as a job of Google's Vertex AI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.run_configs.base import RunConfig

if TYPE_CHECKING:
    from collections.abc import Iterable


class VertexRun(RunConfig):
    """Run as a custom job of Google's Vertex AI.

    Args:
        env: Environment variables of the run, name → value.
        labels: Only an agent that has all of these takes the run.
        image: Image of the job's container.
        machine_type: Kind of machine the job runs on.
        scheduling: Options such as ``{"timeout": "3600s"}``.
        service_account: Account the job runs as.
        network: Network the job is in.
        worker_pool_specs: Machines and containers of the job, instead of one of each.

    Source:
        core.md §15.
    """

    def __init__(
        self,
        *,
        env: dict[str, Any] | None = None,
        labels: Iterable[str] | None = None,
        image: str | None = None,
        machine_type: str | None = "e2-standard-4",
        scheduling: dict[str, Any] | None = None,
        service_account: str | None = None,
        network: str | None = None,
        worker_pool_specs: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(env=env, labels=labels)
        self.image = image
        self.machine_type = machine_type
        self.scheduling = scheduling
        self.service_account = service_account
        self.network = network
        self.worker_pool_specs = worker_pool_specs
