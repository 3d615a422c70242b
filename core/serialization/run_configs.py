"""Run configs as documents, and back.

Source: core.md §20.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prefect._version import __version__
from prefect.serialization.values import Document, ValidationError, as_document, field, json_value, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.run_configs import RunConfig

#: Type of a run config → its own entries, each named like the attribute it is read from and put into.
_ENTRIES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "DockerRun": {"image": str, "ports": list, "host_config": dict},
    "ECSRun": {
        "task_definition": (dict, str),
        "task_definition_path": str,
        "task_definition_arn": str,
        "image": str,
        "cpu": str,
        "memory": str,
        "task_role_arn": str,
        "execution_role_arn": str,
        "run_task_kwargs": (dict, str),
    },
    "KubernetesRun": {
        "job_template_path": str,
        "job_template": dict,
        "image": str,
        "cpu_limit": str,
        "cpu_request": str,
        "memory_limit": str,
        "memory_request": str,
        "service_account_name": str,
        "image_pull_secrets": list,
        "image_pull_policy": str,
    },
    "LocalRun": {"working_dir": str},
    "UniversalRun": {},
    "VertexRun": {
        "image": str,
        "machine_type": str,
        "scheduling": dict,
        "service_account": str,
        "network": str,
        "worker_pool_specs": list,
    },
}


def serialize_run_config(run_config: RunConfig) -> Document:
    """Return a run config as a document.

    Raises:
        ValidationError: Its class is not one of ``prefect.run_configs``, or JSON cannot hold one of its attributes.

    Source:
        core.md §20.6.
    """
    from prefect import run_configs

    kind = type(run_config).__name__
    if kind not in _ENTRIES or type(run_config) is not getattr(run_configs, kind):
        raise ValidationError(
            f"{kind!r} is no run config that can be written as a document. Use one of {', '.join(_ENTRIES)}."
        )
    own = {name: json_value(getattr(run_config, name), f"`{name}` of {kind}") for name in _ENTRIES[kind]}
    return {
        "type": kind,
        "env": _environment(run_config.env, kind),
        **own,
        "labels": sorted(map(str, run_config.labels)),
        "__version__": __version__,
    }


def _environment(env: Any, kind: str) -> Document | None:
    """Return variables as JSON; what that cannot hold becomes the text which the variable will have."""
    if env is None:
        return None
    if not isinstance(env, Mapping):
        raise ValidationError(f"`env` of {kind} is {env!r}, which is no dictionary. Give one: name → value.")
    variables: Document = {}
    for name, value in env.items():
        try:
            variables[str(name)] = json_value(value, "")
        except ValidationError:
            variables[str(name)] = str(value)
    return variables


def deserialize_run_config(document: Any) -> RunConfig:
    """Return the described run config; nothing it names is read or looked for.

    Raises:
        ValidationError: The document does not describe a run config.

    Source:
        core.md §20.6.
    """
    from prefect import run_configs

    kind: str = field(as_document(document, "The run config"), "type", str, "", "The run config")
    what = f"The run config {kind!r}"
    if kind not in _ENTRIES:
        raise ValidationError(f"{what} is of an unknown type. The known ones are {', '.join(_ENTRIES)}.")
    make: Callable[..., RunConfig] = getattr(run_configs, kind)
    run_config = make(env=field(document, "env", dict, None, what), labels=texts(document, "labels", what))
    for name, types in _ENTRIES[kind].items():
        if name in document:
            setattr(run_config, name, field(document, name, types, None, what))
    return run_config
