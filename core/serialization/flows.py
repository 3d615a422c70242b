"""Flows as documents, and back.

Source: core.md §20.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect._version import __version__
from prefect.serialization.run_configs import deserialize_run_config, serialize_run_config
from prefect.serialization.storages import deserialize_storage, serialize_storage
from prefect.serialization.tasks import (
    deserialize_parameter,
    deserialize_task,
    documented,
    remember,
    required_slug,
    serialize_edge,
    serialize_parameter,
    serialize_slug,
    serialize_task,
)
from prefect.serialization.values import Document, ValidationError, as_document, field
from prefect.utilities.serialization import to_qualified_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.edge import Edge
    from prefect.flow import Flow
    from prefect.schedules import Schedule
    from prefect.task import Task


def serialize_flow(flow: Flow, build: bool = False) -> Document:
    """Return a flow as a document, and write the slugs of its tasks onto them.

    Args:
        flow: The flow.
        build: Add the flow to its storage, unless one of its name is there, and build the storage first.

    Raises:
        ValueError: The flow is not valid, or has no storage to build.
        ValidationError: JSON cannot hold the default of a parameter, or the schedule, run config or storage is not one of
            this package.

    Source:
        core.md §2.8 and §20.1.
    """
    flow.validate()
    for task, slug in flow.slugs.items():
        task.slug = slug
    storage = _built_storage(flow) if build else flow.storage
    return {
        "name": flow.name,
        "type": to_qualified_name(type(flow)),
        "schedule": _unless_none(_serialize_schedule, flow.schedule),
        "parameters": [serialize_parameter(task) for task in sorted(flow.parameters(), key=_slug)],
        "tasks": [serialize_task(task) for task in sorted(flow.tasks, key=_slug)],
        "edges": [serialize_edge(edge) for edge in sorted(flow.edges, key=_place)],
        "reference_tasks": [serialize_slug(task) for task in sorted(flow._reference_tasks, key=_slug)],
        "run_config": _unless_none(serialize_run_config, flow.run_config),
        "storage": _unless_none(serialize_storage, storage),
        "__version__": __version__,
        **documented(flow),
    }


def deserialize_flow(document: Document) -> Flow:
    """Return a flow for inspection: parameters, generic tasks, edges, schedule, run config and storage, without code.

    It has the same document again, versions aside.

    Raises:
        ValidationError: The document does not describe a flow.

    Source:
        core.md §20.1.
    """
    from prefect.flow import Flow

    name = as_document(document, "The flow").get("name")
    if not name:
        raise ValidationError("The document of a flow has no name.")
    what = f"Flow {name!r}"
    tasks: dict[str, Task] = {}
    for entry in _entries(document, "parameters", what):
        tasks.setdefault(required_slug(entry, "A parameter"), deserialize_parameter(entry))
    for entry in _entries(document, "tasks", what):
        slug = required_slug(entry, "A task")
        if slug not in tasks:
            tasks[slug] = deserialize_task(entry)
    references = [_named(tasks, entry, what) for entry in _entries(document, "reference_tasks", what)]
    try:
        edges = [_edge(tasks, entry, f"An edge of {what}") for entry in _entries(document, "edges", what)]
        flow = Flow(
            name=name,
            schedule=_unless_none(_deserialize_schedule, document.get("schedule")),
            run_config=_unless_none(deserialize_run_config, document.get("run_config")),
            storage=_unless_none(deserialize_storage, document.get("storage")),
            tasks=tasks.values(),
            edges=edges,
            reference_tasks=references,
        )
    except ValidationError:
        raise
    except ValueError as error:
        raise ValidationError(f"{what} cannot be built from its document: {error}") from error
    remember(flow, document, ("type",))
    return flow


def _edge(tasks: dict[str, Task], document: Document, what: str) -> Edge:
    from prefect.edge import Edge

    return Edge(
        _named(tasks, document.get("upstream_task"), what),
        _named(tasks, document.get("downstream_task"), what),
        key=field(document, "key", str, None, what),
        mapped=field(document, "mapped", bool, False, what),
        flattened=field(document, "flattened", bool, False, what),
    )


def _built_storage(flow: Flow) -> Any:
    if flow.storage is None:
        raise ValueError(f"The flow {flow.name!r} has no storage to build. Set `flow.storage` first.")
    if flow.name in flow.storage:
        import warnings

        warnings.warn(
            f"A flow named {flow.name!r} is already contained in {flow.storage!r}, which keeps that one."
            " Make a new storage to store a changed flow.",
            UserWarning,
            stacklevel=4,  # the caller of Flow.serialize
        )
    else:
        flow.storage.add_flow(flow)
    return flow.storage.build()


def _unless_none(convert: Callable[[Any], Any], part: Any) -> Any:
    return None if part is None else convert(part)


# Schedules come with pendulum, for which a flow without one does not wait.


def _serialize_schedule(schedule: Schedule) -> Document:
    from prefect.serialization.schedules import serialize_schedule

    return serialize_schedule(schedule)


def _deserialize_schedule(document: Any) -> Schedule:
    from prefect.serialization.schedules import deserialize_schedule

    return deserialize_schedule(document)


def _slug(task: Task) -> str:
    return task.slug or ""


def _place(edge: Edge) -> tuple[Any, ...]:
    return (_slug(edge.upstream_task), _slug(edge.downstream_task), edge.key or "", edge.mapped, edge.flattened)


def _entries(document: Document, name: str, what: str) -> list[Document]:
    return [as_document(entry, f"An entry of {name!r} of {what}") for entry in field(document, name, list, [], what)]


def _named(tasks: dict[str, Task], document: Any, what: str) -> Task:
    slug = required_slug(as_document(document, f"What {what[0].lower()}{what[1:]} names"), what)
    if slug not in tasks:
        raise ValidationError(f"{what} names the task {slug!r}, which the document does not hold.")
    return tasks[slug]
