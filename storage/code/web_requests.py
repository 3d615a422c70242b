"""HTTP requests whose texts name secrets instead of spelling them.

Source: core.md §16.4.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prefect.exceptions import FlowStorageError
from prefect.utilities._extras import import_extra

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Attempts after the first to connect, as in 1.x.
_RETRIES = 3
#: Seconds to wait for an answer, unless the request says otherwise; 1.x waited for ever.
_TIMEOUT_SECONDS = 60.0
#: Arguments that are pairs, which become lists on their way through JSON.
_PAIRS = ("auth", "timeout")


def send(method: str, request: Mapping[str, Any], what: str, *, body: bytes | None = None) -> bytes:
    """Send a request and return what is answered.

    Args:
        method: ``GET``, ``PATCH``, ``POST`` or ``PUT``.
        request: Arguments of ``requests.request``, such as ``url`` and ``headers``; see :func:`filled`.
        what: Names what the request is for, at the beginning of a sentence.
        body: What is sent, as it is, instead of what ``request`` says.

    Raises:
        FlowStorageError: Nobody answers, or the answer is an error.
        ImportError: requests is not installed.
        RuntimeError: The request names something that is neither an environment variable nor a secret.
        TypeError: ``requests.request`` has no such argument.
        ValueError: The request has no address, or a dollar sign that names nothing.
    """
    requests = import_extra("requests", package="requests", extra="webhook", purpose=what)
    address = request.get("url")
    if not address:
        raise ValueError(f"{what} has no address. Add the `url` to the arguments of the request.")
    arguments = {"timeout": _TIMEOUT_SECONDS, **filled(request)}
    arguments.update({name: tuple(arguments[name]) for name in _PAIRS if isinstance(arguments.get(name), list)})
    if body is not None:
        arguments["data"] = body
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, requests.adapters.HTTPAdapter(max_retries=_RETRIES))
        try:
            answer = session.request(method, **arguments)
            answer.raise_for_status()
        except requests.RequestException as error:
            # Not `from error`, which tells the address with the secrets in it.
            raise FlowStorageError(
                f"{what} failed: {method} {address} was answered with {_reason(error)}."
                " Check the address and the access to it."
            ) from None
        content: bytes = answer.content
    return content


def _reason(error: Any) -> str:
    if error.response is not None:
        return f"{error.response.status_code} {error.response.reason}".rstrip()
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    return f"nothing ({type(error).__name__ if cause is None else str(cause).rpartition(': ')[2]})"


def filled(value: Any) -> Any:
    """Return a value with ``${NAME}`` in its texts replaced by an environment variable or else a secret.

    ``$NAME`` means the same and ``$$`` a dollar sign. Dictionaries, lists and tuples are gone through; keys stay.

    Raises:
        RuntimeError: A name is neither.
        ValueError: A dollar sign names nothing.
    """
    if isinstance(value, str):
        from string import Template

        try:
            return Template(value).substitute(_Values())
        except ValueError:
            raise ValueError(f"The text {value!r} has a dollar sign that names nothing. Write it as $$.") from None
    if isinstance(value, dict):
        return {key: filled(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(filled, value))
    return value


class _Values(dict[str, str]):
    """The environment, and behind it the secrets."""

    def __missing__(self, name: str) -> str:
        if name in os.environ:
            return os.environ[name]
        from prefect.client.secrets import Secret

        secret = Secret(name)
        if not secret.exists():
            raise RuntimeError(
                f"Template value {name!r} does not refer to an environment variable or Prefect secret."
                f" Set the environment variable {name} or PREFECT__CONTEXT__SECRETS__{name}."
            )
        return str(secret.get())
