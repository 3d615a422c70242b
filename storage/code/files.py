"""Flows in files of the present machine, and names for new ones."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prefect.exceptions import FlowStorageError
from prefect.utilities.storage import (
    extract_flow_from_file,
    extract_flow_from_module,
    flow_from_bytes_pickle,
    slug,
)

if TYPE_CHECKING:
    from prefect.flow import Flow


def new_location(flow: Flow) -> str:
    """Return a location that no flow had before: ``<slug of the flow's name>/<slug of the UTC time>``.

    It is relative whatever the name: ``flow`` stands for one without a letter or digit.
    """
    from datetime import datetime, timezone

    return f"{slug(flow.name) or 'flow'}/{datetime.now(timezone.utc):%Y-%m-%dt%H-%M-%S-%f}-00-00"


def flow_at(location: str, flow_name: str, *, is_script: bool) -> Flow:
    """Return a flow from a file, or from an importable module if no such file exists.

    Args:
        location: Path of the file, or dotted path of the module.
        flow_name: Name of the flow.
        is_script: The file is Python, not a pickle.

    Raises:
        FlowStorageError: There is no such file, or it cannot be unpickled.
        ValueError: There is no such flow.
        Exception: Whatever the code raises.

    Source:
        core.md §16.2.
    """
    path = os.path.expanduser(location)
    if os.path.isfile(path):
        if is_script:
            return extract_flow_from_file(path, flow_name=flow_name)
        with open(path, "rb") as file:
            pickled = file.read()
        try:
            return flow_from_bytes_pickle(pickled)
        except FlowStorageError as error:
            raise FlowStorageError(f"{error} It was read from {path}.") from error.__cause__
    if os.sep not in location and not location.endswith((".py", ".prefect")):
        return flow_of_module(location, flow_name)
    what = f"The file {location!r} of the flow {flow_name!r} does not exist"
    if os.path.isabs(path):
        raise FlowStorageError(f"{what} on this machine. Register the flow again from where its file is now.")
    raise FlowStorageError(
        f"{what} in {os.getcwd()}, where the run is executed. Register the flow with the absolute path of its file, or with the"
        " folder as `working_dir` of a LocalRun."
    )


def flow_of_module(location: str, flow_name: str) -> Flow:
    """Return a flow from an importable module.

    Args:
        location: As for :func:`~prefect.utilities.storage.extract_flow_from_module`.
        flow_name: Name of the flow.

    Raises:
        ModuleNotFoundError: There is no such module.
        ValueError: There is no such flow.
        Exception: Whatever importing the module raises.
    """
    module = location.partition(":")[0]
    try:
        return extract_flow_from_module(location, flow_name)
    except ModuleNotFoundError as error:
        # One that the module imports in its turn is the user's error, and shown as such.
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise ModuleNotFoundError(
            f"The module {module!r} of the flow {flow_name!r} cannot be imported here: {error}. Install it where runs are"
            " executed, or start the agent with an `--import-path` to it.",
            name=error.name,
        ) from None
