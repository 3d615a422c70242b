"""What agents read from the flow runs they deploy.

Source: core.md §1.2 and §16.4; 1.4.1 as observed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.utilities.collections import as_nested_dict

if TYPE_CHECKING:
    from collections.abc import Mapping


def get_flow_image(flow_run: Mapping[str, Any], default: str | None = None) -> str:
    """Return the image in which a flow run is to be executed.

    It is that of the flow's Docker storage, else that of the run's run config, else ``default``.

    Args:
        flow_run: With ``flow``, which has ``storage``, and ``run_config``, both in their JSON form.
        default: What to return when neither names an image.

    Raises:
        ValueError: Nothing names an image. Prefect 1.x took one of its own, which does not hold this package.

    Source:
        core.md §15, §16.4 and §20.7.
    """
    plain = as_nested_dict(flow_run, dict)
    storage = plain["flow"].get("storage") or {}
    if storage.get("type") == "Docker":
        from prefect.serialization.storages import deserialize_storage

        image: str = deserialize_storage(storage).name
        return image
    run_config = plain.get("run_config") or {}
    found: str | None = (run_config.get("image") if run_config.get("type") != "UniversalRun" else None) or default
    if found is None:
        raise ValueError("Nothing names an image for the flow run. Give its run config an `image`, or name a default.")
    return found


def get_flow_run_command(flow_run: Mapping[str, Any]) -> str:
    """Return the command that executes a flow run, whose id it takes from ``PREFECT__CONTEXT__FLOW_RUN_ID``.

    Args:
        flow_run: Any; releases of 1.x look at the version that registered the flow, for the sake of those before 0.13.
    """
    return "prefect execute flow-run"
