"""``KubernetesRun``: a run as a Kubernetes job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.run_configs.base import RunConfig

if TYPE_CHECKING:
    from collections.abc import Iterable

_PULL_POLICIES = ("Always", "IfNotPresent", "Never")


class KubernetesRun(RunConfig):
    """Run as a job of the cluster that the agent looks after.

    Args:
        job_template_path: YAML file of the job. One of this machine (no scheme, ``file://``, ``local://``) is read now,
            any other by the agent.
        job_template: The job itself, as a dictionary or YAML text.
        image: Image of the job's container.
        env: Environment variables of the run, name → value.
        cpu_limit: CPUs the job may use at most, such as ``2`` or ``"500m"``.
        cpu_request: CPUs the job is given at least.
        memory_limit: Memory the job may use at most, such as ``"1Gi"``.
        memory_request: Memory the job is given at least.
        service_account_name: Service account of the job.
        image_pull_secrets: Names of the secrets that images are pulled with.
        labels: Only an agent that has all of these takes the run.
        image_pull_policy: ``Always``, ``IfNotPresent`` or ``Never``.

    Raises:
        ValueError: Both a template and its path are given, the template is no YAML mapping, or the policy is unknown.
        OSError: The template's file cannot be read.
        ImportError: A template is YAML and PyYAML is not installed.

    Source:
        core.md §15.
    """

    def __init__(
        self,
        *,
        job_template_path: str | None = None,
        job_template: str | dict[str, Any] | None = None,
        image: str | None = None,
        env: dict[str, Any] | None = None,
        cpu_limit: float | str | None = None,
        cpu_request: float | str | None = None,
        memory_limit: str | int | None = None,
        memory_request: str | int | None = None,
        service_account_name: str | None = None,
        image_pull_secrets: Iterable[str] | None = None,
        labels: Iterable[str] | None = None,
        image_pull_policy: str | None = None,
    ) -> None:
        super().__init__(env=env, labels=labels)
        if job_template_path is not None and job_template is not None:
            raise ValueError("Cannot provide both `job_template_path` and `job_template`. Leave one of them out.")
        if image_pull_policy is not None and image_pull_policy not in _PULL_POLICIES:
            raise ValueError(
                f"Invalid image_pull_policy {image_pull_policy!r}. Expected 'Always', 'IfNotPresent' or 'Never'."
            )
        self.job_template_path, self.job_template = _template(job_template_path, job_template)
        self.image = image
        self.cpu_limit = _text(cpu_limit)
        self.cpu_request = _text(cpu_request)
        self.memory_limit = _text(memory_limit)
        self.memory_request = _text(memory_request)
        self.service_account_name = service_account_name
        self.image_pull_secrets = None if image_pull_secrets is None else list(image_pull_secrets)
        self.image_pull_policy = image_pull_policy


def _template(path: str | None, template: str | dict[str, Any] | None) -> tuple[str | None, dict[str, Any] | None]:
    """Return the path that is left to the agent and the template that is known now, of which one is None."""
    from prefect.run_configs.templates import is_here, parse_template, read_template

    if path is not None:
        return (None, read_template(path)) if is_here(path) else (path, None)
    return None, parse_template(template, "`job_template`") if isinstance(template, str) else template


def _text(amount: float | str | None) -> str | None:
    return None if amount is None else str(amount)
