"""What a bug report needs to know about a flow and its surroundings, without any value the user has set.

Source: core.md §2.8; cli.md §17; DESIGN §7.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prefect.flow import Flow


def system_information() -> dict[str, Any]:
    """Return platform, Python, version and backend, under the key ``system_information``."""
    import platform

    import prefect

    return {
        "system_information": {
            "platform": platform.platform(),
            "python_version": platform.python_version(),
            "prefect_version": prefect.__version__,
            "prefect_backend": prefect.config.backend,
        }
    }


def config_overrides(include_secret_names: bool = False) -> dict[str, Any]:
    """Return which keys the user's file sets to something else than the default, under ``config_overrides``.

    Args:
        include_secret_names: Name the secrets; otherwise each section of secrets is just ``False``.
    """
    from prefect.config_defaults import DEFAULTS
    from prefect.config_file import read_toml
    from prefect.configuration import user_config_path

    def overridden(section: Mapping[str, Any], path: str = "") -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in section.items():
            if key == "secrets" and not include_secret_names:
                found[key] = False
            elif isinstance(value, dict):
                inner = overridden(value, f"{path}{key}.")
                if inner:
                    found[key] = inner
            elif path + key not in DEFAULTS or DEFAULTS[path + key] != value:
                found[key] = True
        return found

    path = user_config_path()
    return {"config_overrides": overridden(read_toml(path)) if os.path.exists(path) else {}}


def environment_variables() -> dict[str, Any]:
    """Return the names of the variables that configure this package, under ``env_vars``."""
    return {"env_vars": [name for name in os.environ if name.startswith("PREFECT__")]}


def flow_information(flow: Flow) -> dict[str, Any]:
    """Return what kinds of objects a flow uses and which of their attributes are set, under ``flow_information``."""
    return {
        "flow_information": {
            "environment": False,  # 1.x reports the key although flows lost the attribute before 1.0
            "run_config": _outline(flow.run_config),
            "storage": _outline(flow.storage),
            "result": {"type": type(flow.result).__name__} if flow.result is not None else False,
            "schedule": _outline(flow.schedule),
            "task_count": len(flow.tasks),
        }
    }


def diagnostic_info(flow: Flow | None = None, include_secret_names: bool = False) -> str:
    """Return everything above as indented, key-sorted JSON.

    Args:
        flow: Describe this flow too.
        include_secret_names: Name the secrets of the user's file; values are never shown.
    """
    import json

    information = {
        **system_information(),
        **config_overrides(include_secret_names=include_secret_names),
        **environment_variables(),
        **({} if flow is None else flow_information(flow)),
    }
    return json.dumps(information, sort_keys=True, indent=2)


def _outline(obj: Any) -> dict[str, Any] | bool:
    if obj is None:
        return False
    attributes = {name: value for name, value in getattr(obj, "__dict__", {}).items() if not name.startswith("_")}
    return {"type": type(obj).__name__, **{name: _is_set(value) for name, value in attributes.items()}}


def _is_set(value: Any) -> dict[str, Any] | bool:
    if isinstance(value, dict) and value:
        return {str(key): bool(inner) for key, inner in value.items()}
    return bool(value)
