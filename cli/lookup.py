"""Flows and flow runs by the names that people know them by, and what to say if there is none.

Source: cli.md §11.5 and §12; DESIGN §4 decisions 4 and 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.cli.errors import NOT_FOUND, STORE_UNUSABLE, CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.storage.state.store import Store

    Record = dict[str, Any]

#: Among the names of so many of the newest runs one is looked for that is like an unknown name.
_NAMES_COMPARED = 1000


def flow_named(store: Store, name: str, *, version: int | None = None, project: str | None = None) -> Record:
    """Return the highest version of a flow, with its ``project_name``.

    Args:
        store: The store.
        name: Name of the flow.
        version: Only this version.
        project: Only in the project of this name.

    Raises:
        CommandError: There is none.
    """
    from prefect.orchestration.flows import list_flows

    found = list_flows(store, name=name, version=version, project=project, limit=None)
    if not found:
        raise CommandError(
            f"Flow {name} not found.", exit_code=NOT_FOUND, hint=why_no_flow(store, name, version, project)
        )
    return max(found, key=lambda flow: (flow["version"], flow["created"]))


def why_no_flow(store: Store, name: str, version: int | None, project: str | None) -> str:
    """Return a sentence that leads from a flow that is not there to one that is."""
    from prefect.exceptions import ObjectNotFoundError
    from prefect.orchestration.flows import find_flow, list_flows

    try:
        find_flow(store, name=name, project=project, archived=True, newest=True)
    except ObjectNotFoundError as error:
        return error.hint
    highest = max(flow["version"] for flow in list_flows(store, name=name, project=project, limit=None))
    return f"There is no version {version} of it; the highest is version {highest}."


def why_no_project(store: Store, name: str) -> str:
    """Return a sentence that leads from a project that is not there to one that is."""
    from prefect.orchestration.projects import projects
    from prefect.utilities._suggestions import did_you_mean

    known = (project["name"] for project in projects(store))
    return did_you_mean(name, known) or "List the projects with 'prefect get projects'."


def runs_named(store: Store, name: str, *, flow_name: str | None = None) -> list[Record]:
    """Return the runs of a name, the newest first.

    Args:
        store: The store.
        name: Name of the runs.
        flow_name: Only those of flows of this name.

    Raises:
        CommandError: There is none, or the only one is damaged.
    """
    from itertools import islice

    from prefect.utilities._suggestions import did_you_mean

    found = store.runs.named(name)
    if found and flow_name is not None:
        found = _of_flow(store, found, flow_name)
    if not found and store.runs.skipped.intersection(store.runs.ids_named(name)):
        raise CommandError(
            f"Flow run {name} cannot be read because its file is damaged.",
            exit_code=STORE_UNUSABLE,
            hint="Run 'prefect store check --repair' to set aside what cannot be read.",
        )
    if not found:
        near = did_you_mean(name, islice(store.runs.names(), _NAMES_COMPARED))
        raise CommandError(
            f"Flow run {name} not found.",
            exit_code=NOT_FOUND,
            hint=near or "List the runs with 'prefect get flow-runs'.",
        )
    return found


def _of_flow(store: Store, runs: list[Record], flow_name: str) -> list[Record]:
    """Return those of some runs of one name that belong to a flow.

    Raises:
        CommandError: There is none.
    """
    names = flow_names(store, runs)
    found = [run for run in runs if names[run["flow_id"]] == flow_name]
    if not found:
        others = ", ".join(sorted({repr(name) for name in names.values() if name is not None}))
        raise CommandError(
            f"Flow run {runs[0]['name']} of flow {flow_name} not found.",
            exit_code=NOT_FOUND,
            hint=f"Runs of this name belong to the flow {others}." if others else "",
        )
    return found


def flow_names(store: Store, runs: Iterable[Record]) -> dict[str, str | None]:
    """Return the name of each flow that runs belong to, by its id; None for one that cannot be read."""
    names: dict[str, str | None] = {}
    for run in runs:
        if run["flow_id"] not in names:
            found = next(store.flows.each([run["flow_id"]]), None)
            names[run["flow_id"]] = None if found is None else found["name"]
    return names


def record_ends(store: Store) -> None:
    """Record the end of runs whose process is gone, so that what is shown of them is true."""
    for id in store.runs.active():
        from prefect.orchestration.liveness import check_run
        from prefect.storage.state.errors import StoreError

        try:
            check_run(store, id)
        except StoreError:
            continue  # what cannot be read is told by whoever shows it, and a store may be there for reading only


def check_names(
    store: Store, *, flow: str | None = None, version: int | None = None, project: str | None = None
) -> None:
    """Check that what a list was narrowed down to exists; for a list that is empty.

    Args:
        store: The store.
        flow: Name of a flow.
        version: A version of the flow.
        project: Name of a project.

    Raises:
        CommandError: There is no such project or flow, or no such version of the flow.
    """
    from prefect.orchestration.flows import list_flows
    from prefect.orchestration.projects import project_named

    if project is not None and project_named(store, project) is None:
        raise CommandError(
            f"There is no project named {project!r}.", exit_code=NOT_FOUND, hint=why_no_project(store, project)
        )
    if flow is not None and not list_flows(store, name=flow, version=version, project=project, limit=1):
        raise CommandError(
            f"There is no flow named {flow!r}." if version is None else f"There is no version {version} of {flow!r}.",
            exit_code=NOT_FOUND,
            hint=why_no_flow(store, flow, version, project),
        )
