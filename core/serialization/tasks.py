"""Tasks, parameters and edges as documents, and tasks back from them.

Source: core.md §20.1 and §20.2.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from prefect._version import __version__
from prefect.serialization.function_references import CACHE_VALIDATORS, TRIGGERS, reference, resolve
from prefect.serialization.values import Document, ValidationError, field, json_value, texts
from prefect.utilities.serialization import to_qualified_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.edge import Edge
    from prefect.parameter import Parameter
    from prefect.task import Task

#: Attribute of a task that was made from a document: what that says of the code which the task is without.
_DOCUMENTED = "_documented"


def serialize_task(task: Task) -> Document:
    """Return a task as a document: what can be known of it without its code.

    Source:
        core.md §20.2.
    """
    return {
        "name": str(task.name),
        "slug": task.slug,
        "type": to_qualified_name(type(task)),
        "tags": sorted(map(str, task.tags)),
        "max_retries": int(task.max_retries or 0),
        "retry_delay": _seconds(task.retry_delay),
        "timeout": task.timeout,
        "cache_for": _seconds(task.cache_for),
        "cache_key": task.cache_key,
        "cache_validator": reference(task.cache_validator),
        "trigger": reference(task.trigger),
        "skip_on_upstream_skip": bool(task.skip_on_upstream_skip),
        "auto_generated": bool(task.auto_generated),
        "inputs": _inputs(task),
        "outputs": _outputs(task),
        "__version__": __version__,
        **documented(task),
    }


def serialize_parameter(parameter: Parameter) -> Document:
    """Return a parameter as a document.

    Raises:
        ValidationError: JSON cannot hold its default.

    Source:
        core.md §20.1.
    """
    return {
        "name": str(parameter.name),
        "slug": parameter.slug,
        "type": to_qualified_name(type(parameter)),
        "default": json_value(parameter.default, f"The default of parameter {parameter.name!r}"),
        "required": bool(parameter.required),
        "outputs": _outputs(parameter),
        "tags": sorted(map(str, parameter.tags)),
        "__version__": __version__,
        **documented(parameter),
    }


def serialize_edge(edge: Edge) -> Document:
    """Return an edge as a document that names both tasks by their slugs.

    Source:
        core.md §20.1.
    """
    return {
        "upstream_task": serialize_slug(edge.upstream_task),
        "downstream_task": serialize_slug(edge.downstream_task),
        "key": edge.key,
        "mapped": edge.mapped,
        "flattened": edge.flattened,
        "__version__": __version__,
    }


def serialize_slug(task: Task) -> Document:
    """Return a document that only says which task is meant."""
    return {"slug": task.slug, "__version__": __version__}


def deserialize_task(document: Document) -> Task:
    """Return a generic task that looks like the described one and does nothing; it has the same document again.

    Raises:
        ValidationError: The document does not describe a task.
    """
    from prefect.task import Task

    slug = required_slug(document, "A task")
    what = f"Task {slug!r}"
    task = Task(name=field(document, "name", str, None, what), slug=slug, tags=texts(document, "tags", what))
    # Set afterwards, since the constructor would fill what is missing in from the configuration of this machine.
    task.max_retries = field(document, "max_retries", int, 0, what)
    task.retry_delay = _duration(document, "retry_delay", what)
    task.timeout = field(document, "timeout", int, None, what)
    task.cache_for = _duration(document, "cache_for", what)
    task.cache_key = field(document, "cache_key", str, None, what)
    validator = resolve(document.get("cache_validator"), CACHE_VALIDATORS, f"The cache validator of {what}")
    task.cache_validator = validator or task.cache_validator
    trigger = resolve(document.get("trigger"), TRIGGERS, f"The trigger of {what}")
    task.trigger = trigger or task.trigger
    task.skip_on_upstream_skip = field(document, "skip_on_upstream_skip", bool, True, what)
    task.auto_generated = field(document, "auto_generated", bool, False, what)
    unknown = [name for name, found in (("cache_validator", validator), ("trigger", trigger)) if found is None]
    remember(task, document, ("type", "inputs", "outputs", *unknown))
    return task


def deserialize_parameter(document: Document) -> Parameter:
    """Return the described parameter.

    Raises:
        ValidationError: The document does not describe a parameter.
    """
    from prefect.parameter import Parameter

    slug = required_slug(document, "A parameter")
    what = f"Parameter {slug!r}"
    parameter = Parameter(
        name=field(document, "name", str, slug, what),
        default=document.get("default"),
        required=field(document, "required", bool, False, what),
        tags=texts(document, "tags", what),
    )
    parameter.slug = slug
    remember(parameter, document, ("type", "outputs"))
    return parameter


def remember(made: object, document: Document, entries: Iterable[str]) -> None:
    """Keep entries of the document that an object was made from, which do not follow from the object itself."""
    vars(made)[_DOCUMENTED] = {name: document[name] for name in entries if document.get(name) is not None}


def documented(made: object) -> Document:
    """Return the entries that were remembered."""
    found: Document = vars(made).get(_DOCUMENTED) or {}
    return found


def required_slug(document: Document, what: str) -> str:
    """Return the slug in a document.

    Raises:
        ValidationError: There is none.
    """
    slug = field(document, "slug", str, None, what)
    if slug is None:
        raise ValidationError(f"{what} has no slug in the document, so nothing can refer to it.")
    return str(slug)


def _seconds(duration: timedelta | None) -> int | None:
    """Return whole seconds, as 1.x does: the rest is cut off."""
    return None if duration is None else duration.days * 86400 + duration.seconds


def _duration(document: Document, name: str, what: str) -> timedelta | None:
    seconds = field(document, name, int, None, what)
    try:
        return None if seconds is None else timedelta(seconds=seconds)
    except OverflowError as error:
        raise ValidationError(
            f"{what} has {seconds} seconds as its {name!r}, more than a duration can hold."
        ) from error


def _inputs(task: Task) -> Document:
    inputs = {
        name: {"required": bool(found["required"]), "type": _annotation_text(task, found["type"])}
        for name, found in task.inputs().items()
    }
    others = task._signature().var_keyword
    if others is not None:  # 1.x lists `**others` like any argument
        annotation = getattr(task.run, "__annotations__", {}).get(others, Any)
        inputs.setdefault(others, {"required": True, "type": _annotation_text(task, annotation)})
    return inputs


def _outputs(task: Task) -> str:
    from prefect.task import Task as BaseTask

    if getattr(task.run, "__func__", None) is BaseTask.run:
        return "None"  # what 1.x says of a task that does nothing
    return _annotation_text(task, task.outputs())


def _annotation_text(task: Task, annotation: Any) -> str:
    # Annotations of our own modules are text, which 1.x evaluated; those of users are kept as they wrote them.
    if annotation == "Any" and getattr(task.run, "__module__", "").startswith("prefect."):
        annotation = Any
    return str(annotation)
