"""Storages as documents, and back.

Source: core.md §20.7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect._version import __version__
from prefect.serialization.values import Document, ValidationError, as_document, field, json_value, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.storage import Storage

_SCRIPT: dict[str, type] = {"stored_as_script": bool}
_REQUEST: dict[str, type] = {"request_kwargs": dict, "request_http_method": str}

#: Type of a storage → its own entries, each named like the attribute and the argument of its class.
_ENTRIES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "Azure": {"container": str, "connection_string_secret": str, "blob_name": str, **_SCRIPT},
    "Bitbucket": {
        "project": str,
        "repo": str,
        "workspace": str,
        "host": str,
        "path": str,
        "ref": str,
        "access_token_secret": str,
        "cloud_username_secret": str,
        "cloud_app_password_secret": str,
    },
    "CodeCommit": {"repo": str, "path": str, "commit": str, "client_options": dict},
    "Docker": {
        "registry_url": str,
        "image_name": str,
        "image_tag": str,
        "path": str,
        "prefect_version": str,
        **_SCRIPT,
    },
    "GCS": {"bucket": str, "key": str, "project": str, **_SCRIPT},
    "Git": {
        "flow_path": str,
        "repo": str,
        "repo_host": str,
        "flow_name": str,
        "git_token_secret_name": str,
        "git_token_username": str,
        "git_clone_url_secret_name": str,
        "branch_name": str,
        "tag": str,
        "commit": str,
        "clone_depth": int,
        "use_ssh": bool,
        "format_access_token": bool,
    },
    "GitHub": {"repo": str, "path": str, "ref": str, "access_token_secret": str, "base_url": str},
    "GitLab": {"repo": (str, int), "path": str, "host": str, "ref": str, "access_token_secret": str},
    "Local": {"directory": str, "path": str, **_SCRIPT},
    "Module": {"module": str},
    "S3": {"bucket": str, "key": str, "client_options": dict, **_SCRIPT},
    "Webhook": {
        **{f"build_{name}": kind for name, kind in _REQUEST.items()},
        **{f"get_flow_{name}": kind for name, kind in _REQUEST.items()},
        **_SCRIPT,
    },
}


def serialize_storage(storage: Storage) -> Document:
    """Return a storage as a document: where flows are, not what they are.

    Raises:
        ValidationError: Its class is not one of ``prefect.storage``, or JSON cannot hold one of its attributes.

    Source:
        core.md §20.7.
    """
    from prefect import storage as storages

    kind = type(storage).__name__
    if kind not in _ENTRIES or type(storage) is not getattr(storages, kind):
        raise ValidationError(
            f"{kind!r} is no storage that can be written as a document. Use one of {', '.join(_ENTRIES)}."
        )
    own = {name: json_value(getattr(storage, name), f"`{name}` of {kind} storage") for name in _ENTRIES[kind]}
    return {
        "type": kind,
        "flows": dict(storage.flows),
        "secrets": list(storage.secrets),
        **own,
        "__version__": __version__,
    }


def deserialize_storage(document: Any) -> Storage:
    """Return the described storage; nothing is made or looked for where it says flows are.

    Raises:
        ValidationError: The document does not describe a storage.

    Source:
        core.md §20.7.
    """
    from prefect import storage as storages

    kind: str = field(as_document(document, "The storage"), "type", str, "", "The storage")
    what = f"The storage {kind!r}"
    if kind not in _ENTRIES:
        raise ValidationError(f"{what} is of an unknown type. The known ones are {', '.join(_ENTRIES)}.")
    make: Callable[..., Storage] = getattr(storages, kind)
    options = {name: field(document, name, types, None, what) for name, types in _ENTRIES[kind].items()}
    options["secrets"] = texts(document, "secrets", what)
    flows: dict[str, str] = field(document, "flows", dict, {}, what)
    given = {name: value for name, value in options.items() if value is not None}
    if kind == "Local":
        given["validate"] = False  # a document read on another machine makes no folder there
    try:
        storage = make(**given)
    except (RuntimeError, TypeError, ValueError) as error:
        raise ValidationError(f"{what} cannot be made from its document: {error}") from error
    storage.flows = dict(flows)
    return storage
