"""Results as documents: where a value is stored, never the value.

Source: core.md §20.4.
"""

from __future__ import annotations

from typing import Any

from prefect._version import __version__
from prefect.engine.result.base import NoResult, NoResultType, Result
from prefect.serialization.values import Document, as_document, field

#: Type of a result → the entry of its document that says which store the location is in, named like the attribute.
_STORES = {
    "AzureResult": "container",
    "ConstantResult": None,
    "GCSResult": "bucket",
    "LocalResult": "dir",
    "PrefectResult": None,
    "S3Result": "bucket",
}


def serialize_result(result: Any) -> Document:
    """Return a result as a document; a plain value is a result without a location.

    Source:
        core.md §20.4.
    """
    if isinstance(result, NoResultType):
        return {"type": "NoResultType", "__version__": __version__}
    kind = _type(result)
    document = {"type": kind, "location": getattr(result, "location", None), "__version__": __version__}
    store = _STORES.get(kind)
    if store is not None:
        document[store] = getattr(result, store)
    if kind == "SecretResult":
        document["secret_type"] = type(result.secret_task).__name__
    return document


def deserialize_result(document: Any) -> Result:
    """Return the described result, of which the value is still to be read.

    Raises:
        ValidationError: The document does not describe a result.

    Source:
        core.md §20.4.
    """
    kind: str = field(as_document(document, "The result"), "type", str, "", "The result")
    what = f"The {kind}"
    location = field(document, "location", str, None, what)
    if kind == "NoResultType":
        return NoResult
    if kind == "SecretResult":
        return _secret_result(document.get("secret_type"), location)
    from prefect.engine import results

    cls = getattr(results, kind, None) if kind in _STORES else None
    if cls is None:
        return Result(location=location)
    options: dict[str, Any] = {"location": location}
    store = _STORES[kind]
    if store is not None:
        options[store] = field(document, store, str, None, what)
    if kind == "LocalResult":
        options["validate_dir"] = False  # a document read on another machine creates no folder there
    return cls(**options)  # type: ignore[no-any-return]


def _type(result: Any) -> str:
    cls = type(result)
    if not isinstance(result, Result) or cls is Result:
        return "Result"
    known = cls.__name__ in _STORES or cls.__name__ == "SecretResult"
    return cls.__name__ if known and cls.__module__.startswith("prefect.engine.results.") else "CustomResult"


def _secret_result(kind: Any, location: str | None) -> Result:
    """Return the result of a secret task of that kind, which fetches the secret anew by its name."""
    from prefect.tasks import secrets

    cls = getattr(secrets, kind) if kind in ("EnvVarSecret", "PrefectSecret") else secrets.SecretBase
    result: Any = cls(name=location).result
    result.location = location
    return result  # type: ignore[no-any-return]
