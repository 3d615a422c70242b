"""Clients of Amazon Web Services.

Source: core.md §19.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from prefect.client.secrets import Secret
from prefect.utilities._extras import import_extra

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The clients in use, by all that they were made from.
_clients: WeakValueDictionary[tuple[str | None, ...], Any] = WeakValueDictionary()
#: Clients may be shared by threads, but not made by several at a time: they begin with the session of the process.
_lock = threading.Lock()


def get_boto_client(
    resource: str,
    credentials: dict[str, str] | None = None,
    region_name: str | None = None,
    profile_name: str | None = None,
    **kwargs: Any,
) -> Any:
    """Return a boto3 client; the same one for the same arguments as long as somebody holds it.

    Args:
        resource: Name of the service, such as ``s3``.
        credentials: ``ACCESS_KEY``, ``SECRET_ACCESS_KEY`` and for temporary ones ``SESSION_TOKEN``; by default the secret
            ``AWS_CREDENTIALS``, else ``aws_access_key_id`` and its like in ``kwargs``, else what boto3 finds itself.
        region_name: Region, such as ``eu-central-1``.
        profile_name: Profile of the files of the AWS command.
        kwargs: Further arguments of the client; one that has any of its own is made anew.

    Raises:
        ImportError: The ``aws`` extra is not installed.
        ValueError: The credentials lack a key.
    """
    boto3 = import_extra("boto3", package="boto3", extra="aws", purpose="Access to AWS")
    _drop_use_session(kwargs)
    keys = _access_keys(credentials, kwargs)
    identity = (resource, *keys.values(), region_name, profile_name)
    with _lock:
        client = None if kwargs else _clients.get(identity)
        if client is None:
            source = boto3
            if profile_name:
                source = boto3.session.Session(profile_name=profile_name, region_name=region_name)
            client = source.client(resource, region_name=region_name, **keys, **kwargs)
            if not kwargs:
                _clients[identity] = client
        return client


def _drop_use_session(options: dict[str, Any]) -> None:
    if "use_session" in options:
        import warnings

        del options["use_session"]
        warnings.warn("`use_session` has no effect: leave it out.", UserWarning, stacklevel=3)


def _access_keys(credentials: Mapping[str, str] | None, options: dict[str, Any]) -> dict[str, str | None]:
    """Return the keys under the names of boto3, None for each that boto3 has to find; take them out of the options."""
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    given = [options.pop(name, None) for name in names]
    secret = Secret("AWS_CREDENTIALS")
    credentials = credentials or (secret.get() if secret.exists() else None)
    if credentials:
        missing = [name for name in ("ACCESS_KEY", "SECRET_ACCESS_KEY") if name not in credentials]
        if missing:
            raise ValueError(
                f"The AWS credentials lack {' and '.join(missing)}. Give both ACCESS_KEY and SECRET_ACCESS_KEY."
            )
        given = [credentials["ACCESS_KEY"], credentials["SECRET_ACCESS_KEY"], credentials.get("SESSION_TOKEN")]
    return dict(zip(names, given))
